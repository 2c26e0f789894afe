"""A local Databricks SQL warehouse for tests and demos: the real wire protocol in front of DuckDB.

It stands alone: it imports nothing of databridge, and only the command line and tests import it.
"""
