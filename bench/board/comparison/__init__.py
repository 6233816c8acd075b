"""Comparing two runs item by item."""
