"""What is kept on disk: one DuckDB file a catalog, with all that is noted about its tables, and volume files."""
