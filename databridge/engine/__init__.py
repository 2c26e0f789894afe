"""The only package that imports dlt, and only in worker processes: what it is told it does, what dlt does wrong it mends."""
