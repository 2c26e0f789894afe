"""What was counted is told at the actions that it is about; a number that nobody has stays unknown, and never becomes zero.

Rows at the source are told as estimates, for it goes on; rows at the destination as exact, for nobody but databridge loads
there, and where that made a risk smaller than it is by then, a saved plan is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from databridge.model.address import Address
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.naming import snake_case
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import LocationStatus, Recorded, RecordedStack
from databridge.model.resource import FileResource, TableResource, WriteDisposition
from databridge.model.rowcount import RowCount
from databridge.model.spec import resource_of
from databridge.model.stack import Desired
from databridge.plan.actions import Action, Backfill, Create, Migrate, Reset, Step
from databridge.plan.consequence import HARMLESS, Certainty, Consequence, Count, Risk
from databridge.plan.cursor import cursor_of, takes_new_files
from databridge.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Subject:
    """An action that a number belongs to, and what it is about."""

    action: Action
    pipeline: Pipeline | None
    """As it is written; None when it is in no stack."""
    resource: TableResource | FileResource | None
    record: PipelineRecord | None
    """As it was applied; None when it never was."""
    found: bool
    """Whether the pipeline's state was found at its destination, and so rows may be."""

    @property
    def name(self) -> str:
        """What the resource is called at its destination until now."""
        former = self.action.former if isinstance(self.action, Migrate) else ""
        return former or self.action.address.resource

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that rows are alike by, as they are called at the destination."""
        return tuple(snake_case(column) for column in self.action.consequence.by_key)

    @property
    def known(self) -> ResourceRecord | None:
        """The resource as it was applied."""
        record = self.record
        return (record.resources.get(self.name) or record.forgotten.get(self.name)) if record else None

    @property
    def counts_there(self) -> bool:
        """Whether it matters how many rows are at the destination."""
        told = self.action.consequence
        return self.found and not (told.reread is None and told.deleted is None)

    @property
    def source_table(self) -> str | None:
        """The table that is going to be read as a whole; None where it is none, or is not."""
        whole = isinstance(self.action, Create) or self.action.consequence.reread is not None
        match self.resource:
            case TableResource(schema_name=None, cursor_initial_value=None, name=name) if whole:
                return name
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted."""

    there: Mapping[Address, RowCount] = field(default_factory=dict)
    """Rows at the destination."""
    source: Mapping[Address, int] = field(default_factory=dict)
    """Rows of the table at the source."""


def subjects(plan: Plan, desired: Desired, recorded: Recorded) -> Iterator[Subject]:
    """The actions of a plan that load for the first time, or do something to rows.

    Args:
        plan: without counts.
        desired: what it was made from.
        recorded: the same.
    """
    actions = [
        a
        for a in plan.actions
        # Nobody counts a range, and the numbers of a whole table are none of it.
        if a.address.resource
        and not isinstance(a, Backfill)
        and (isinstance(a, Create) or a.consequence != HARMLESS)
    ]
    written = {
        Address(s.name, p.name): (p, {r.name: r for r in p.resources})
        for s in (desired.stacks if actions else ())
        for p in s.pipelines
    }
    for action in actions:
        address = action.address
        stack = recorded.stacks.get(address.stack, RecordedStack())
        place = stack.pipelines.get(address.pipeline_path)
        pipeline, resources = written.get(address.parent, (None, {}))
        yield Subject(
            action=action,
            pipeline=pipeline,
            resource=resources.get(address.resource),
            record=stack.record(address.pipeline),
            found=place is not None and place.destination.status is LocationStatus.FOUND,
        )


def with_counts(plan: Plan, about: Iterable[Subject], counts: Counts) -> Plan:
    """The same plan, with numbers.

    Args:
        plan: without.
        about: its subjects.
        counts: what was counted for them.
    """
    # An address may have a change and a run.
    told = {(s.action.address, s.action.kind): _told(s, counts) for s in about}
    return plan.model_copy(update={"actions": tuple(told.get((a.address, a.kind), a) for a in plan.actions)})


def _told(subject: Subject, counts: Counts) -> Action:
    action = subject.action
    there, source = counts.there.get(action.address), counts.source.get(action.address)
    told = action.model_copy(update={"consequence": _consequence(subject, there, source)})
    return (
        told.model_copy(update={"rows": _about(source)})
        if isinstance(told, Create) and source is not None
        else told
    )


def _consequence(subject: Subject, there: RowCount | None, source: int | None) -> Consequence:
    told = subject.action.consequence
    numbers: dict[str, Count | Risk] = {}
    if told.reread is not None:
        numbers["reread"] = _reread(subject, there, source)
    if told.duplicated is not None and there is not None and isinstance(subject.action, Reset):
        numbers["duplicated"] = _about(there.rows)
    if told.deleted is not None:
        deleted = numbers["deleted"] = _alike(there) if told.by_key else _deleted(subject, there)
        if told.by_key and deleted.rows == 0:
            numbers["risk"] = _without_deletion(subject.action)
    return told.model_copy(update=numbers)


def _without_deletion(action: Action) -> Risk:
    """What is left of its risk when it is known that no row goes."""
    if Step.RETYPE in action.steps:
        return Risk.REWRITE
    return Risk.NONE if action.consequence.duplicated is None else Risk.DUPLICATE


def _reread(subject: Subject, there: RowCount | None, source: int | None) -> Count:
    if source is not None:
        return _about(source)
    resource, last = subject.resource, subject.known.last_load if subject.known else None
    if resource is not None and cursor_of(resource) is None and not takes_new_files(resource):
        # Each load takes all, and several of them may stand at the destination.
        return Count() if last is None or last.rows is None else _about(last.rows)
    return _about(there.rows) if there is not None and there.rows else Count()  # none tell nothing


def _deleted(subject: Subject, there: RowCount | None) -> Count:
    if there is not None:
        return _exactly(there.rows + there.nested, nested=there.nested)
    known = subject.known
    before = resource_of(subject.name, known.spec) if known else None
    if known is None or known.last_load is None or known.last_load.rows is None or before is None:
        return Count()
    return (
        _about(known.last_load.rows) if before.disposition is WriteDisposition.REPLACE else Count()
    )  # nobody adds up what is appended


def _alike(there: RowCount | None) -> Count:
    return Count() if there is None or there.alike is None else _exactly(there.alike)


def _exactly(rows: int, *, nested: int | None = None) -> Count:
    return Count(certainty=Certainty.EXACT, rows=rows, nested=nested)


def _about(rows: int) -> Count:
    return Count(certainty=Certainty.ESTIMATE, rows=rows)
