"""Totals of a shopping basket."""
