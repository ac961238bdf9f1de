"""Checks: the effects behind validators. They say what they saw, never what it proves."""
