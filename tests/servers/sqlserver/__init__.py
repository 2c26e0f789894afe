"""A server that speaks SQL Server's protocol (TDS 7.4) in front of DuckDB, for tests; see tests/servers/README.md."""
