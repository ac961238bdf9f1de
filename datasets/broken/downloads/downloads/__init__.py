"""Files of one folder, and nothing else."""
