"""Decide: compare what the stacks say with what is recorded, and say what would be done, why, and what that does to the data.

Pure. It knows no file, no clock, no dlt: what it needs comes in as arguments, what it decides goes out as a value.
"""
