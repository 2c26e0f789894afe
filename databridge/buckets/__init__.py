"""Buckets are opened, read and written in one way, by state stores, location readers and the engine alike."""
