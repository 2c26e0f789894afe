"""Drift is all by which the world is not as the stacks say: places against each other, schema against tables, stacks against ledger.

Loads that are due are none. What the project says is well known is told apart, until its day is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from databridge.model.address import Address
from databridge.model.drift import DriftIgnore
from databridge.model.recorded import Recorded, RecordedStack
from databridge.plan.actions import Repair
from databridge.plan.drift import Drift, DriftReport, Ignored, aimed
from databridge.plan.pipelinedrift import place_drifts
from databridge.plan.plan import Plan
from databridge.plan.selection import Selection

_SHARED = "DB708"
"""What lies in a staging dataset is seen by every pipeline of the dataset, and told of once."""
_NAMED = 5


def find_drift(
    recorded: Recorded,
    plan: Plan,
    *,
    select: Selection,
    ignores: tuple[DriftIgnore, ...],
    today: date,
    target: str | None = None,
) -> DriftReport:
    """Everything that drifted.

    Args:
        recorded: what was found, at a closer look.
        plan: made from it and the stacks, for the same selection.
        select: what was asked for.
        ignores: what the project says is well known.
        today: an ignore holds until its day is over.
        target: named in the commands; None where the project has but one.
    """
    pipelines = sorted({*_recorded(recorded, select), *(heading.address for heading in plan.pipelines)})
    found = [
        *(
            drift
            for address in pipelines
            for drift in place_drifts(address, recorded.stacks.get(address.stack, RecordedStack()))
        ),
        *_not_applied(plan),
        *_blocked(plan),
    ]
    kept = _once(recorded, (drift for drift in found if _asked(drift, select)))
    drifts = sorted((aimed(drift, target) for drift in kept), key=_order)
    known = {drift: ignore for drift in drifts if (ignore := _ignore(drift, ignores, today))}
    return DriftReport(
        project=plan.project,
        target=plan.target,
        pipelines=len(pipelines),
        drifts=tuple(drift for drift in drifts if drift not in known),
        ignored=tuple(
            Ignored(drift=drift, reason=ignore.reason, until=ignore.until) for drift, ignore in known.items()
        ),
        expired=tuple(ignore for ignore in ignores if ignore.until < today),
    )


def _recorded(recorded: Recorded, select: Selection) -> Iterator[Address]:
    for name, stack in recorded.stacks.items():
        paths = {f"{name}.{each}" for each in (stack.ledger.pipelines if stack.ledger else {})}
        for path in paths | stack.pipelines.keys():
            address = Address.parse(path)
            if select.may_keep_of(address):
                yield address


def _asked(drift: Drift, select: Selection) -> bool:
    address = drift.address
    return select.keeps(address) or (not address.resource and select.may_keep_of(address))


def _once(recorded: Recorded, drifts: Iterable[Drift]) -> Iterator[Drift]:
    told: set[tuple[str, str]] = set()
    for drift in drifts:
        if drift.code == _SHARED:
            place = recorded.stacks[drift.address.stack].pipelines[drift.address.pipeline_path].destination
            key = (place.title, drift.summary)
            if key in told:
                continue
            told.add(key)
        yield drift


def _not_applied(plan: Plan) -> Iterator[Drift]:
    asked: dict[tuple[Address, str], list[str]] = defaultdict(list)
    for action in plan.changes:
        if isinstance(action, Repair):
            continue  # what it mends has a code of its own
        asked[action.address.parent, action.kind].append(action.address.resource)
    for (address, kind), names in asked.items():
        resources = sorted(filter(None, names))
        more = f" and {len(resources) - _NAMED:,} more" if len(resources) > _NAMED else ""
        listed = f"{', '.join(resources[:_NAMED])}{more}" if resources else "the pipeline"
        yield Drift(
            code="DB717",
            address=address,
            summary=f"there are changes to apply: {listed} to {kind}",
            command=f"databridge apply --select {address}",
        )


def _blocked(plan: Plan) -> Iterator[Drift]:
    for finding in plan.blocking:
        yield Drift(
            code=finding.code,
            address=finding.address,
            summary=finding.summary,
            detail=finding.detail,
            hint=finding.hint,
        )


def _ignore(drift: Drift, ignores: tuple[DriftIgnore, ...], today: date) -> DriftIgnore | None:
    return next(
        (
            ignore
            for ignore in ignores
            if ignore.code == drift.code
            and ignore.until >= today
            and Selection((ignore.address,)).keeps(drift.address)
        ),
        None,
    )


def _order(drift: Drift) -> tuple[Address, str, str]:
    return drift.address, drift.code, drift.summary
