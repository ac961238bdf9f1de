"""Workers: what changes files in a sandbox."""
