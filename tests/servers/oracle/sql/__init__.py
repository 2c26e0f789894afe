"""Statements of Oracle, and what they become."""
