"""databridge plans and applies data ingestion declared in YAML stacks; importing it costs nothing."""

__version__ = "0.1.0"
