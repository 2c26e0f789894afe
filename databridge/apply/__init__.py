"""Carry out a plan: this package decides the order and the bookkeeping, an `Engine` does the work."""
