"""Delivery of events with retries."""
