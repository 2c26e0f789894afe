"""A state table names a place in a warehouse that several machines share; secrets are in it only by reference."""

from __future__ import annotations

from pydantic import Field

from databridge.model.destination import DatabricksDestination, DuckDbDestination
from databridge.model.frozen import Frozen

DEFAULT_SCHEMA = "databridge_state"


class StateTable(Frozen):
    """Where a state store lies: the table `objects` in a schema of its own."""

    destination: DatabricksDestination | DuckDbDestination = Field(discriminator="type")
    schema_name: str = DEFAULT_SCHEMA
    lock_expiry: float = Field(default=60.0, gt=0)
    """Seconds after which the lock of a holder that died is free."""

    def __str__(self) -> str:
        between = "." if self.destination.type == "databricks" else " "
        return f"{self.destination.title}{between}{self.schema_name}"
