"""A state row tells of one recorded resource: how it is loaded, when it last was, and where its next load starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from databridge.model.address import Address
from databridge.model.ledger import LoadMark, PipelineRecord
from databridge.model.recorded import CursorState, Recorded, RecordedPipeline, RecordedStack
from databridge.model.spec import Spec, resource_of
from databridge.plan.statecheck import starting_state

UNMANAGED = "not in the ledger"


@dataclass(frozen=True, slots=True)
class StateRow:
    """A resource that a ledger or dlt's state knows."""

    address: Address
    loads: str
    """`incremental, append`; `UNMANAGED` where no ledger knows it."""
    last_load: LoadMark | None
    cursors: tuple[CursorState, ...]
    files: int
    """Files that count as loaded."""
    known: bool = True
    """Whether anything here says where the next load starts: a working folder, or the destination if that was read."""


def state_rows(recorded: Recorded, keeps: Callable[[Address], bool]) -> tuple[StateRow, ...]:
    """The recorded resources that are kept, sorted by address; cursors and files as the next load would find them."""
    rows = (row for name, stack in recorded.stacks.items() for row in _stack_rows(name, stack))
    return tuple(sorted((row for row in rows if keeps(row.address)), key=lambda row: row.address))


def _stack_rows(name: str, stack: RecordedStack) -> Iterator[StateRow]:
    records = stack.ledger.pipelines if stack.ledger else {}
    found = {Address.parse(path).pipeline: pipeline for path, pipeline in stack.pipelines.items()}
    for pipeline in records.keys() | found.keys():
        yield from _pipeline_rows(Address(name, pipeline), records.get(pipeline), found.get(pipeline))


def _pipeline_rows(
    address: Address, record: PipelineRecord | None, found: RecordedPipeline | None
) -> Iterator[StateRow]:
    known = record.resources if record else {}
    start = starting_state(found) if found else None
    states = start.resources if start else {}
    for resource in known.keys() | {name for name, state in states.items() if not state.removed}:
        mine, state = known.get(resource), states.get(resource)
        yield StateRow(
            address=Address(address.stack, address.pipeline, resource),
            loads=loads_words(mine.spec) if mine else UNMANAGED,
            last_load=mine.last_load if mine else None,
            cursors=state.cursors if state else (),
            files=len(state.files) if state else 0,
            known=start is not None or mine is None or mine.last_load is None,
        )


def loads_words(spec: Spec) -> str:
    """Mode and write disposition of a recorded definition, with the defaults that a spec leaves out."""
    resource = resource_of("_", spec)
    if resource is None:
        return "as a newer databridge says"
    mode, disposition = resource.mode.value, resource.disposition.value
    return mode if mode == disposition else f"{mode}, {disposition}"
