"""Reminders for meetings."""
