"""Checks of form fields."""
