"""Weekly figures from the help desk's CSV export."""
