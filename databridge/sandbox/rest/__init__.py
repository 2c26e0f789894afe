"""The few REST calls that databridge itself makes: Unity Catalog, secrets, jobs."""
