"""What Databricks SQL means here: each statement becomes DuckDB statements and notes about tables."""
