"""Stock levels and reorder lists."""
