"""What databridge itself remembers of a target: ledgers, journals, locks and run records; it knows nothing of dlt."""
