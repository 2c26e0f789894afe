"""An Oracle database for tests, as far as its wire shows: TNS and TTC of 19c in front of DuckDB.

It speaks to the unmodified thin driver. What that proves, and what it does not, stands in `tests/servers/README.md`.
"""
