"""Oracle's types: how a value stands on the wire, and how it is kept."""
