"""A pipeline is loaded only into the place that its record names, from the source it names, and under its own names in dlt.

What stands here is said of a pipeline as a whole, so it is said whichever of its resources are selected.
"""

from __future__ import annotations

from collections.abc import Iterator

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Owner
from databridge.model.recorded import LocationStatus, StagingState
from databridge.model.staging import CLAIM_FILE
from databridge.plan.actions import FieldChange
from databridge.plan.change import shown
from databridge.plan.finding import Finding
from databridge.plan.identity import destination_of
from databridge.plan.part import Case
from databridge.plan.relocation import is_tried

STAGING = "staging."
"""Where files wait on their way is no part of the place that they go to."""


def moved(
    case: Case, changes: tuple[FieldChange, ...], *, accepted: bool, relocated: bool
) -> Iterator[Finding]:
    """The findings for a definition whose source or place differs from the one last applied.

    Args:
        case: the pipeline.
        changes: what differs, its resources aside.
        accepted: whether the caller accepts another source.
        relocated: whether the stack says that the rows go along to another place.
    """
    source = [change for change in changes if change.path.startswith("source.")]
    place = [change for change in changes if change not in source and not change.path.startswith(STAGING)]
    if source and not accepted:
        yield _blocking(
            case.address,
            "DB222",
            f"the source changed ({_listed(source)}); the old cursors would go on over the new source",
            hint=f"If it is the same data at a new place, accept it: --accept {case.address}. Otherwise load it from "
            "its start, from a pipeline with another name and another dataset.",
        )
    if place and not relocated:
        yield _blocking(
            case.address,
            "DB221",
            f"the place of its data changed ({_listed(place)}); a run could load only new rows there and leave a hole",
            hint=f"{_along(case, place)}To load it from its start there, forget it first: databridge state rm "
            f"{case.address}. Or write into the stack what is recorded ({_recorded(place)}).",
        )


def renamed(case: Case, record: PipelineRecord) -> Iterator[Finding]:
    """The warning for an edit of what the pipeline is called in dlt."""
    if case.dlt_names != (record.dlt_name, record.schema_name):
        yield Finding(
            code="DB219",
            address=case.address,
            severity=Severity.WARNING,
            summary=f"in dlt it stays {_name(record.dlt_name, record.schema_name)}, though the stack says "
            f"{_name(*case.dlt_names)}",
            detail="A pipeline keeps the names that it was created with. Were the ledger lost, it would not be found again.",
            hint=f"Write into the stack what holds: dlt: {{pipeline_name: {record.dlt_name}, schema_name: {record.schema_name}}}",
        )


def emptied(case: Case) -> Finding:
    """The finding for a destination that holds tables of the pipeline, and no state of it."""
    return _blocking(
        case.address,
        "DB233",
        f"dlt's state is gone from dataset {case.pipeline.dataset}, but tables may be there",
        detail="A load would read everything again beside the rows that are there.",
        hint="Bring the dataset's `_dlt_pipeline_state` and `_dlt_loads` back; or put the state back from a restore point, "
        "databridge state restore; or drop the dataset to load it anew.",
    )


def owned(case: Case, owner: Owner) -> Finding:
    """The finding for a dlt pipeline that carries another owner's marker."""
    whose = _whose(owner, case.owner)
    hint = (
        f"If this is {whose} under a new name, apply its removal first: --select {whose}. Then it is adopted here."
        if (owner.project, owner.target) == (case.owner.project, case.owner.target)
        else "Choose another dataset or destination for this pipeline."
    )
    return _belongs(case.address, case.dlt_names[0], case.pipeline.dataset, whose, hint)


def taken_over(address: Address, record: PipelineRecord, *, ours: Owner, owner: Owner) -> Finding:
    """The same, of one whose tables should be dropped."""
    hint = f"Nothing of it is dropped from here. To have it forgotten here: databridge state rm {address}"
    return _belongs(address, record.dlt_name, record.dataset, _whose(owner, ours), hint)


def _whose(owner: Owner, ours: Owner) -> str:
    whose = f"{owner.stack}.{owner.pipeline}"
    if (owner.project, owner.target) == (ours.project, ours.target):
        return whose
    return f"{whose} of project {owner.project}, target {owner.target}"


def _belongs(address: Address, dlt_name: str, dataset: str, whose: str, hint: str) -> Finding:
    summary = f"the dlt pipeline {dlt_name} in dataset {dataset} belongs to {whose}"
    return _blocking(address, "DB232", summary, hint=hint)


def staged_elsewhere(case: Case, found: StagingState | None) -> Finding | None:
    """The finding for a staging place that another pipeline claims, or that can't be read."""
    if found is None or (found.claim is None and found.status is not LocationStatus.UNKNOWN):
        return None
    if found.claim is None:
        return _blocking(
            case.address,
            "DB238",
            f"its staging place {found.title} can't be read",
            detail=found.detail,
            hint="Mend what keeps it from being read, then plan again; nothing is planned for this pipeline.",
        )
    ours = destination_of(case.record, case.pipeline).identity
    if case.owns(found.claim.owner) and found.claim.destination == ours:
        return None
    return _blocking(
        case.address,
        "DB237",
        f"its staging place {found.title} belongs to {found.claim}",
        detail="Each of the two would delete the files of the other before they are loaded.",
        hint="Choose another `bucket_url` for `staging`. If the other is gone for good, delete "
        f"{CLAIM_FILE} there.",
    )


def _blocking(address: Address, code: str, summary: str, *, hint: str, detail: str = "") -> Finding:
    return Finding(
        code=code,
        address=address,
        severity=Severity.ERROR,
        summary=summary,
        detail=detail,
        hint=hint,
        blocks=True,
    )


def _listed(changes: list[FieldChange]) -> str:
    return ", ".join(f"{change.path}: {shown(change.before)} → {shown(change.after)}" for change in changes)


def _along(case: Case, changes: list[FieldChange]) -> str:
    """How its rows go along, where they can; the ledger does not know what the stack called a destination."""
    if case.record is None or not is_tried(case.record.home, case.pipeline):
        return ""
    dataset = [f"dataset: {shown(change.before)}" for change in changes if change.path == "dataset"]
    destination = any(change.path.startswith("destination.") for change in changes)
    told = ", ".join([*(["destination: ITS_FORMER_NAME"] if destination else []), *dataset])
    return f"If its rows shall go along, say where they are: moved_from: {{{told}}}. "


def _recorded(changes: list[FieldChange]) -> str:
    return ", ".join(
        f"{change.path}: {shown(change.before)}" for change in changes if change.before is not None
    )


def _name(pipeline: str, schema: str) -> str:
    return pipeline if pipeline == schema else f"{pipeline} with schema {schema}"
