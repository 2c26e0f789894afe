"""What is recorded of one address, place beside place, so that a difference shows without decoding anything.

The sheet holds texts; `states` lays them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from databridge.model.address import Address
from databridge.model.ledger import LoadMark, PipelineRecord, ResourceRecord
from databridge.model.marker import Marker
from databridge.model.recorded import (
    CursorState,
    DltState,
    LocationState,
    LocationStatus,
    RecordedPipeline,
    RecordedStack,
    ResourceState,
)
from databridge.model.resource import Lifecycle, WhenRemoved
from databridge.model.spec import Spec, fingerprint
from databridge.plan.statecheck import state_notes
from databridge.render.cursor import cursor_type, cursor_value, cursor_words
from databridge.render.printable import unglued
from databridge.render.quantity import counted, moment
from databridge.render.staterow import loads_words

_SHORT = 12
"""So many characters of a hash tell two apart for people."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A fact as each place records it; an empty text where a place does not record it."""

    name: str
    ledger: str
    local: str
    destination: str

    @property
    def differs(self) -> bool:
        """Whether two places that record it say different things."""
        return len({text for text in (self.ledger, self.local, self.destination) if text}) > 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is recorded of an address."""

    address: Address
    destination: str
    facts: tuple[str, ...]
    """What only the ledger can know."""
    rows: tuple[SheetRow, ...]
    remarks: tuple[tuple[str, str], ...]
    """A name and a sentence each: owner, protection, what is unsettled."""


def state_sheet(stack: RecordedStack, address: Address) -> Sheet | None:
    """What is recorded of a pipeline or a resource; None when nothing is."""
    record = stack.ledger.pipelines.get(address.pipeline) if stack.ledger else None
    found = stack.pipelines.get(address.pipeline_path)
    local, remote = (found.local.state, found.destination.state) if found else (None, None)
    mine = record.resources.get(address.resource) if record else None
    theirs = any(state and address.resource in state.resources for state in (local, remote))
    known = mine is not None or theirs if address.resource else record is not None or found is not None
    if not known:
        return None
    rows = (
        _resource(address.resource, mine, local, remote)
        if address.resource
        else _resources(record, local, remote)
    )
    lifecycle = mine.lifecycle if mine else Lifecycle()
    return Sheet(
        address=address,
        destination=found.destination.title if found else "destination",
        facts=tuple(_loads(mine)) if mine else (),
        rows=(*_pipeline(record, found), *rows),
        remarks=tuple(_remarks(address, stack, found, lifecycle)),
    )


def _pipeline(record: PipelineRecord | None, found: RecordedPipeline | None) -> Iterator[SheetRow]:
    local, remote = (found.local.state, found.destination.state) if found else (None, None)
    ledger = LocationStatus.FOUND if record else LocationStatus.MISSING
    yield SheetRow("status", ledger.value, *(_status(p) for p in _places(found)))
    yield SheetRow(
        "dlt pipeline",
        record.dlt_name if record else "",
        *(s.pipeline_name if s else "" for s in (local, remote)),
    )
    yield SheetRow(
        "dataset",
        record.dataset if record else "",
        *((s.dataset or "") if s else "" for s in (local, remote)),
    )
    yield SheetRow("state version", "", *(f"v{s.version}" if s else "" for s in (local, remote)))
    yield SheetRow("state hash", "", *(_hash(s.version_hash) if s else "" for s in (local, remote)))
    yield SheetRow("schema hash", "", *(_hash(s.schema_hash) if s else "" for s in (local, remote)))
    yield SheetRow("written by load", "", "", (remote.load_id or "") if remote else "")
    yield SheetRow(
        "pipeline definition",
        _print(record.spec if record else None),
        *(_print(s.marker.spec if s and s.marker else None) for s in (local, remote)),
    )


def _places(found: RecordedPipeline | None) -> tuple[LocationState | None, LocationState | None]:
    return (found.local, found.destination) if found else (None, None)


def _status(place: LocationState | None) -> str:
    return place.status.value if place else "not read"


def _loads(mine: ResourceRecord) -> Iterator[str]:
    yield loads_words(mine.spec)
    yield f"last load {_last_load(mine.last_load)}"


def _resource(
    name: str, mine: ResourceRecord | None, local: DltState | None, remote: DltState | None
) -> Iterator[SheetRow]:
    yield SheetRow(
        "definition",
        _print(mine.spec if mine else None),
        *(_print(_marked(s.marker if s else None, name)) for s in (local, remote)),
    )
    yield from _positions(name, "", local, remote)


def _resources(
    record: PipelineRecord | None, local: DltState | None, remote: DltState | None
) -> Iterator[SheetRow]:
    names = set(record.resources) if record else set()
    for state in (local, remote):
        names |= set(state.resources) if state else set()
    for name in sorted(names):
        mine = record.resources.get(name) if record else None
        yield SheetRow(
            name,
            _print(mine.spec if mine else None),
            *(_print(_marked(s.marker if s else None, name)) for s in (local, remote)),
        )
        yield from _positions(name, f"{name} ", local, remote)


def _positions(name: str, prefix: str, local: DltState | None, remote: DltState | None) -> Iterator[SheetRow]:
    """Cursors and files, as far as either copy of dlt's state has some."""
    states = tuple(state.resources.get(name) if state else None for state in (local, remote))
    for path in sorted({cursor.path for state in states if state for cursor in state.cursors}):
        values = tuple(_cursor(state, path) for state in states)
        types = {cursor_type(value.last_value) for value in values if value}
        words = cursor_value if len(types) == 1 else cursor_words
        yield SheetRow(
            f"{prefix}cursor {path}", "", *(unglued(words(v.last_value)) if v else "" for v in values)
        )
        if not prefix and len(types) == 1:
            yield SheetRow("its type", "", *(cursor_type(v.last_value) if v else "" for v in values))
    if any(state and state.files for state in states):
        yield SheetRow(f"{prefix}files", "", *(_files(state) for state in states))


def _cursor(state: ResourceState | None, path: str) -> CursorState | None:
    return next((c for c in state.cursors if c.path == path), None) if state else None


def _files(state: ResourceState | None) -> str:
    return counted(len(state.files), "file") if state else ""


def _last_load(mark: LoadMark | None) -> str:
    if mark is None:
        return "never"
    rows = "rows unknown" if mark.rows is None else counted(mark.rows, "row")
    load = f"load id {mark.load_id}" if mark.load_id else "nothing new"
    return f"{moment(mark.at)} UTC, {rows}, {load}, run {mark.run_id}"


def _marked(marker: Marker | None, name: str) -> Spec | None:
    resource = marker.resources.get(name) if marker else None
    return resource.spec if resource else None


def _print(spec: Spec | None) -> str:
    return _hash(fingerprint(spec)) if spec is not None else ""


def _hash(text: str | None) -> str:
    return text[:_SHORT] if text else ""


def _remarks(
    address: Address, stack: RecordedStack, found: RecordedPipeline | None, lifecycle: Lifecycle
) -> Iterator[tuple[str, str]]:
    owners = {
        place.state.marker.owner for place in _places(found) if place and place.state and place.state.marker
    }
    for owner in sorted(owners, key=str):
        yield "owner", f"project {owner.project}, target {owner.target}, {owner.stack}.{owner.pipeline}"
    protection = ", ".join(_protection(lifecycle))
    if address.resource:
        yield "protection", protection or "none"
    if stack.rebuilt:
        yield "ledger", "was lost; rebuilt from the marker that lies with the data"
    for place in _places(found):
        if place and place.detail:
            yield place.kind.value, f"{place.title}: {place.detail}"
    for note in state_notes(address.parent, found, stack.interrupted) if found else ():
        yield note.kind.value.replace("-", " "), note.text


def _protection(lifecycle: Lifecycle) -> Iterator[str]:
    if lifecycle.prevent_reset:
        yield "prevent_reset"
    if lifecycle.prevent_drop:
        yield "prevent_drop"
    if lifecycle.when_removed is not WhenRemoved.KEEP:
        yield f"when_removed: {lifecycle.when_removed.value}"
