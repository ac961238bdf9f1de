"""Where an uploaded file goes, decided by its content."""
