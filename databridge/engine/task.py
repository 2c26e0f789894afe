"""What the parts of one load share: the pipeline as it was restored, the project's folder, the secrets, the moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import dlt
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema.typing import TTableSchema
from dlt.common.typing import DictStrAny

from databridge.engine.pipelines import schema_of
from databridge.model.secret import Secrets


@dataclass(frozen=True, slots=True)
class Task:
    """One load."""

    pipeline: dlt.Pipeline
    """With the state and schema that were restored from the destination."""
    schema_name: str
    """dlt's schema, which is also the key of the pipeline's source in the state."""
    root: Path
    """The project's folder."""
    secrets: Secrets
    moment: datetime
    """When it began; UTC."""
    limit: int | None
    """At most about so many rows per resource."""
    split: frozenset[str] = frozenset()
    """Resources of which only the first part is loaded."""
    more: dict[str, int] = field(default_factory=dict)
    """By resource of which that is so: how many parts are left, about; filled in while they are made."""

    @property
    def capabilities(self) -> DestinationCapabilitiesContext:
        """What the destination can store."""
        if self.pipeline.destination is None:
            raise ValueError("a pipeline always has a destination here")
        return self.pipeline.destination.capabilities()

    @property
    def destination(self) -> str:
        """The kind of destination, as the matrix of types calls it."""
        if self.pipeline.destination is None:
            raise ValueError("a pipeline always has a destination here")
        return self.pipeline.destination.destination_type.rpartition(".")[2]

    def restored_state(self, resource: str) -> DictStrAny:
        """What the last load remembered of a resource; not to be changed."""
        source: DictStrAny = self.pipeline.state.get("sources", {}).get(self.schema_name, {})
        found: DictStrAny = source.get("resources", {}).get(resource, {})
        return found

    def state(self, resource: str) -> DictStrAny:
        """What this load remembers of a resource, while dlt extracts; it counts once the load is complete."""
        return dlt.current.resource_state(resource, dlt.current.source_state(self.schema_name))

    def table_of(self, resource: str) -> TTableSchema | None:
        """The schema of the table that a resource loads; None before its first load."""
        schema = schema_of(self.pipeline)
        tables = schema.tables.values() if schema else ()
        return next((t for t in tables if t.get("resource") == resource and not t.get("parent")), None)
