"""What is recorded of one address, place beside place, so that a difference shows without decoding anything.

The sheet holds texts; `states` lays them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from databridge.model.address import Address
from databridge.model.ledger import LoadMark, PipelineRecord, ResourceRecord
from databridge.model.observed import Observed
from databridge.model.recorded import CursorState, LocationState, RecordedPipeline, RecordedStack
from databridge.model.resource import Lifecycle, WhenRemoved
from databridge.plan.pipelinedrift import dataset_of
from databridge.plan.placedrift import leftover_drifts
from databridge.plan.statecheck import state_notes
from databridge.plan.statefacts import (
    Fact,
    FactName,
    FactValue,
    copies,
    pipeline_facts,
    resource_facts,
    resources_of,
)
from databridge.plan.tabledrift import table_drifts
from databridge.render.cursor import cursor_type, cursor_value, cursor_words
from databridge.render.printable import unglued
from databridge.render.quantity import counted, moment, sized
from databridge.render.staterow import loads_words

_SHORT = 12
"""So many characters of a hash tell two apart for people."""
_HASHES = {FactName.STATE_HASH, FactName.SCHEMA_HASH, FactName.DEFINITION}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A fact as each place records it; an empty text where a place does not record it."""

    name: str
    texts: tuple[str, ...]
    """In ledger, working folder, destination and staging."""
    differs: bool = False
    """Whether two places that record it say different things."""


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
    mine = record.resources.get(address.resource) if record else None
    theirs = any(state and address.resource in state.resources for state in copies(found))
    known = mine is not None or theirs if address.resource else record is not None or found is not None
    if not known:
        return None
    rows = _resource(address.resource, record, found) if address.resource else _resources(record, found)
    lifecycle = mine.lifecycle if mine else Lifecycle()
    return Sheet(
        address=address,
        destination=found.destination.title if found else "destination",
        facts=tuple(_loads(mine)) if mine else (),
        rows=(*told_facts(_shown(pipeline_facts(record, found))), *rows),
        remarks=tuple(_remarks(address, stack, record, found, lifecycle)),
    )


def _told(fact: Fact, name: str) -> SheetRow:
    """The fact in words; where places have cursors of different types, each is named."""
    values = (fact.ledger, fact.local, fact.destination, fact.staging)
    types = {cursor_type(value.last_value) for value in values if isinstance(value, CursorState)}
    texts = (_words(fact.name, value, typed=len(types) > 1) for value in values)
    return SheetRow(name, tuple(texts), fact.differs)


def _words(name: FactName, value: FactValue, *, typed: bool) -> str:
    match value:
        case None:
            return ""
        case CursorState():
            return unglued((cursor_words if typed else cursor_value)(value.last_value))
        case int():
            return f"v{value}"
        case str():
            return value[:_SHORT] if name in _HASHES else value
        case _:
            return counted(len(value), "file")


def _places(found: RecordedPipeline | None) -> tuple[LocationState | None, LocationState | None]:
    return (found.local, found.destination) if found else (None, None)


def _loads(mine: ResourceRecord) -> Iterator[str]:
    yield loads_words(mine.spec)
    yield f"last load {_last_load(mine.last_load)}"


def _shown(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The last load stands above the table already."""
    return (fact for fact in facts if fact.name is not FactName.NEWEST_LOAD)


def told_facts(facts: Iterable[Fact]) -> tuple[SheetRow, ...]:
    """Facts of a pipeline and its resources in words."""
    return tuple(_told(fact, _title(fact)) for fact in facts)


def _title(fact: Fact) -> str:
    match fact:
        case Fact(name=FactName.DEFINITION, resource=""):
            return "pipeline definition"
        case Fact(name=FactName.DEFINITION):
            return fact.resource
        case _:
            return f"{fact.resource} {fact.name} {fact.path}".strip()


def _resource(name: str, record: PipelineRecord | None, found: RecordedPipeline | None) -> Iterator[SheetRow]:
    for fact in resource_facts(name, record, found):
        yield _told(fact, f"{fact.name} {fact.path}".rstrip())
        if fact.name is FactName.CURSOR:
            values = (fact.local, fact.destination)
            types = [cursor_type(v.last_value) if isinstance(v, CursorState) else "" for v in values]
            if len({*filter(None, types)}) == 1:
                yield SheetRow("its type", ("", *types, ""))


def _resources(record: PipelineRecord | None, found: RecordedPipeline | None) -> Iterator[SheetRow]:
    for name in resources_of(record, found):
        yield from told_facts(resource_facts(name, record, found))


def _last_load(mark: LoadMark | None) -> str:
    if mark is None:
        return "never"
    rows = "rows unknown" if mark.rows is None else counted(mark.rows, "row")
    load = f"load id {mark.load_id}" if mark.load_id else "nothing new"
    return f"{moment(mark.at)} UTC, {rows}, {load}, run {mark.run_id}"


def _remarks(
    address: Address,
    stack: RecordedStack,
    record: PipelineRecord | None,
    found: RecordedPipeline | None,
    lifecycle: Lifecycle,
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
    if found and found.observed:
        yield from _seen(address, record, found, found.observed)
    for note in state_notes(address.parent, found, stack.interrupted) if found else ():
        yield note.kind.value.replace("-", " "), note.text


def _seen(
    address: Address, record: PipelineRecord | None, found: RecordedPipeline, seen: Observed
) -> Iterator[tuple[str, str]]:
    """What a closer look told; what is said of copies of the state stands in the table and the notes."""
    if not address.resource:
        kept = f"{sized(seen.folder_bytes)}, {counted(seen.packages, 'finished package')} kept"
        yield "working folder", kept if found.local.state else "none"
        counts = seen.counts
        yield (
            "dlt's records",
            f"{counted(counts.states, 'state')}, {counted(counts.schemas, 'schema')}, {counted(counts.loads, 'load')}",
        )
        waiting = [each for each in seen.leftovers if each.volume]
        if waiting:
            files, size = sum(w.files or 0 for w in waiting), sum(w.bytes or 0 for w in waiting)
            yield "volume", f"{counted(files, 'file')} of dead loads, {sized(size)}"
    dataset = dataset_of(record, found)
    for drift in (
        *leftover_drifts(address.parent, found, dataset),
        *table_drifts(address.parent, found, dataset),
    ):
        if not address.resource or drift.address.resource in ("", address.resource):
            yield drift.code, drift.summary


def _protection(lifecycle: Lifecycle) -> Iterator[str]:
    if lifecycle.prevent_reset:
        yield "prevent_reset"
    if lifecycle.prevent_drop:
        yield "prevent_drop"
    if lifecycle.when_removed is not WhenRemoved.KEEP:
        yield f"when_removed: {lifecycle.when_removed.value}"
