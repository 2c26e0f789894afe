"""Locations are read and never written: what dlt recorded of a pipeline, locally and at its destination.

Nothing here imports dlt. Start at `databridge.locations.read`.
"""
