"""The marker is databridge's own entry in dlt's state (`sources._databridge`): it travels with the data, so a lost ledger can be rebuilt.

It holds nothing volatile: a time stamp in it would add a state row to every run.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

from databridge.model.frozen import Frozen
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.resource import Lifecycle, Mode, WriteDisposition
from databridge.model.spec import Spec
from databridge.model.window import Window

MARKER_KEY = "_databridge"
"""The key below `sources` in dlt's state."""
RESET_KEY = "databridge_reset"
"""The key in dlt's state of a resource: its tables hold rows that its next load must not add to."""

FILLING_KEY = "databridge_backfill"
"""The key in dlt's state of a resource: the range of its cursor that is being loaded anew, and may lack rows until it is."""

REMOVED_KEY = "databridge_removed"
"""The key in dlt's state of a resource: a person had it forgotten, and its tables may hold rows."""
COUNTED_KEY = "databridge_counted"
"""The key in dlt's state of a resource: the files that it had listed were counted as loaded, once and for all."""


class Owner(Frozen):
    """Who may change a dataset."""

    project: str
    target: str
    stack: str
    pipeline: str


class MarkedResource(Frozen):
    """A resource's definition as last applied."""

    spec: Spec
    lifecycle: Lifecycle = Lifecycle()
    backfilled: tuple[Window, ...] = ()
    """The ranges of its cursor that backfills have loaded."""

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, dump: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        """A marker says the same as ever where nothing was backfilled, or each pipeline would store its state once more."""
        dumped: dict[str, JsonValue] = dump(self)
        if not self.backfilled:
            del dumped["backfilled"]
        return dumped

    @property
    def disposition(self) -> WriteDisposition:
        """How its rows are written, given or implied by its mode."""
        implied = WriteDisposition.MERGE if self.spec.get("mode") == Mode.MERGE else WriteDisposition.APPEND
        return WriteDisposition(str(self.spec.get("write_disposition") or implied.value))


class Marker(Frozen):
    """What `sources._databridge` holds."""

    format_version: int = 1
    owner: Owner
    spec: Spec
    resources: dict[str, MarkedResource] = Field(default_factory=dict)
    forgotten: dict[str, MarkedResource] = Field(default_factory=dict)
    """What is managed no longer, and how it was defined when it last was."""

    def with_resources(self, resources: dict[str, MarkedResource]) -> Marker:
        """The same marker over other resources."""
        return self.model_copy(update={"resources": resources})


def mark(owner: Owner, record: PipelineRecord) -> Marker:
    """The marker that stands for a record."""
    return Marker(
        owner=owner,
        spec=record.spec,
        resources=_marked(record.resources),
        forgotten=_marked(record.forgotten),
    )


def _marked(records: Mapping[str, ResourceRecord]) -> dict[str, MarkedResource]:
    return {
        name: MarkedResource(spec=record.spec, lifecycle=record.lifecycle, backfilled=record.backfilled)
        for name, record in sorted(records.items())
    }


def records_of(marked: Mapping[str, MarkedResource]) -> dict[str, ResourceRecord]:
    """The resource records that a part of a marker stands for; when each was last loaded is not in it."""
    return {
        name: ResourceRecord(spec=resource.spec, lifecycle=resource.lifecycle, backfilled=resource.backfilled)
        for name, resource in marked.items()
    }
