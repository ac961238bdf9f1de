"""YAML specs in, findings and a frozen Rulebook out: `load.py` is the whole pipeline on a page."""
