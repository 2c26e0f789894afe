"""A repair mends what is not as the last apply left it: nothing in the stacks asks for it, and no row of a completed load goes.

What a plan sees by the way is in every plan. What takes a closer look, for it counts rows, is in a plan of repairs alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.naming import normalize_table
from databridge.model.observed import Observed
from databridge.model.quantity import counted
from databridge.model.recorded import LocationKind, LocationStatus, RecordedPipeline
from databridge.model.sweep import NOTHING, Sweep
from databridge.plan.actions import FieldChange, Repair, Step
from databridge.plan.consequence import HARMLESS, Certainty, Consequence, Count, Risk
from databridge.plan.finding import Finding
from databridge.plan.part import Case
from databridge.plan.placedrift import left_staged
from databridge.plan.reasons import Reason
from databridge.plan.statecheck import local_is_ahead
from databridge.plan.sweeping import clears, sweep_of, takes

NOT_REMADE = "DB251"
STATES = "_dlt_pipeline_state"
_UNDO = "bring the table back before this is applied, and nothing of it is loaded anew"


def remade(
    address: Address,
    reasons: tuple[Reason, ...],
    missing: tuple[str, ...],
    changes: tuple[FieldChange, ...],
    steps: tuple[Step, ...],
    *,
    in_files: bool,
) -> Repair:
    """The repair of a resource that has lost a table; all of its tables are made anew, and every change takes effect.

    Args:
        address: the resource's.
        reasons: why.
        missing: its tables that are not there.
        changes: what differs in its definition.
        steps: those of a reset.
        in_files: whether its tables are folders of files. Somebody may have moved those on purpose.
    """
    if (
        normalize_table(address.resource) not in missing
    ):  # only what is nested is lost, and the rest goes with it
        told = Consequence(risk=Risk.DELETE_ROWS, reread=Count(), deleted=Count())
    elif in_files:
        told = Consequence(risk=Risk.DUPLICATE, reread=Count(), duplicated=Count(), undo=_UNDO)
    else:
        told = Consequence(risk=Risk.REREAD, reread=Count(), undo=_UNDO)
    return Repair(
        address=address,
        reasons=reasons,
        changes=changes,
        consequence=told,
        steps=steps,
        found=tuple(f"table {table} is not there" for table in missing),
    )


def not_remade(case: Case, address: Address, missing: tuple[str, ...], protection: str) -> Finding:
    """The warning for a resource that has lost a table and is protected from being loaded from its start."""
    in_files = case.pipeline.destination.type == "filesystem"
    comes = "A load brings only what is new" if in_files else "A load that has rows for it fails"
    return Finding(
        code=NOT_REMADE,
        address=address,
        severity=Severity.WARNING,
        summary=f"table {', '.join(missing)} is not there, and stays so: it is protected by `{protection}`",
        detail=f"Made anew, it would be loaded from its start. {comes}.",
        hint=f"Bring the table back; or set `{protection}: false` and apply that: then it is made anew.",
    )


def repair_of(case: Case) -> Repair | None:
    """What is mended of a pipeline as a whole; None when there is nothing, or when the journal settles it first."""
    found = case.found
    if found is None or any(job.pipeline == case.address.pipeline_path for job in case.interrupted):
        return None
    if found.destination.status is not LocationStatus.FOUND:
        return None
    sweep = sweep_of(replace(found, pending=()), None) if case.options.repair else NOTHING
    seen = found.observed or Observed()
    dead = [each for each in seen.remains if takes(sweep, each, seen)]
    ahead = local_is_ahead(found)
    reasons = (
        *((Reason.PACKAGE_PENDING,) if found.pending else ()),
        *((Reason.LOCAL_AHEAD,) if ahead else ()),
        *((Reason.DEAD_ROWS,) if dead else ()),
        *((Reason.STAGING_LEFT,) if any(clears(sweep, each) for each in seen.leftovers) else ()),
    )
    if not reasons:
        return None
    steps = (
        *((Step.TAKE_BACK,) if found.pending else ()),
        *((Step.SWEEP,) if sweep else ()),
        *((Step.PUSH,) if ahead else ()),
    )
    return Repair(
        address=case.address,
        reasons=reasons,
        consequence=_consequence(found, sum(each.count for each in dead if each.table != STATES)),
        steps=steps,
        found=tuple(_found(found, seen, sweep, case.pipeline.dataset)),
        sweep=sweep,
    )


def _consequence(found: RecordedPipeline, dead: int) -> Consequence:
    if dead:
        exact = found.destination.kind is not LocationKind.FILESYSTEM  # there it is files that are counted
        count = Count(certainty=Certainty.EXACT, rows=dead) if exact else Count()
        return Consequence(risk=Risk.DELETE_ROWS, deleted=count)
    return Consequence(risk=Risk.REREAD) if found.pending else HARMLESS


def _found(found: RecordedPipeline, seen: Observed, sweep: Sweep, dataset: str) -> Iterator[str]:
    for package in found.pending:
        yield f"load package {package.load_id} was left {package.stage}"
    noun = "file" if found.destination.kind is LocationKind.FILESYSTEM else "row"
    for each in seen.remains:
        if takes(sweep, each, seen):
            whose = f"of load {each.load_id}, which never completed" if each.load_id else "without a parent"
            yield f"{counted(each.count, noun)} in {each.table} {whose}"
    for leftover in seen.leftovers:
        if clears(sweep, leftover):
            yield left_staged(leftover, dataset)
