"""The language: frozen types of every kind, and what all kinds share (matcher, Table, Score)."""
