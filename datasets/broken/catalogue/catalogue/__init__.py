"""Product prices behind a cache."""
