"""A resource that says what it was called before is the same one: it takes its rows and its cursor along, and nothing is loaded."""

from __future__ import annotations

from databridge.model.diagnostic import Severity
from databridge.model.ledger import PipelineRecord
from databridge.model.naming import normalize_table
from databridge.model.resource import FileResource, TableResource
from databridge.model.spec import Spec
from databridge.plan.actions import FieldChange, Migrate, Step
from databridge.plan.change import plan_change
from databridge.plan.compare import field_changes
from databridge.plan.finding import Finding
from databridge.plan.part import Case, Part
from databridge.plan.reasons import Reason
from databridge.plan.statecheck import starting_state


def is_renamed(case: Case, resource: TableResource | FileResource, record: PipelineRecord) -> bool:
    """Whether a resource that is not recorded was recorded under the name that it says it had."""
    former = resource.renamed_from
    declared = {each.name for each in case.pipeline.resources}
    return former is not None and former in record.resources and former not in declared


def plan_rename(
    case: Case, resource: TableResource | FileResource, spec: Spec, record: PipelineRecord
) -> Part:
    """Take it over from its old name, with what changed beside it, as far as that asks for no load.

    Args:
        case: the pipeline.
        resource: under its new name.
        spec: its definition.
        record: the pipeline as it was applied, which has it under its old name.
    """
    address, former = case.of(resource.name), resource.renamed_from or ""
    known = record.resources[former]
    if taken := _taken(case, resource, former):
        return Part(findings=(taken,))
    start = starting_state(case.found) if case.found else None
    part = plan_change(
        address,
        resource,
        known,
        field_changes(known.spec, spec),
        None,
        destination=case.pipeline.destination,
        state=start.resources.get(former) if start else None,
    )
    if any(finding.blocks for finding in part.findings):
        return part
    changed = next(iter(part.actions), None)
    if changed is not None and (not isinstance(changed, Migrate) or Step.RETYPE in changed.steps):
        return Part(findings=(_one_by_one(case, resource),))
    migrate = Migrate(
        address=address,
        reasons=(Reason.RENAMED, *(changed.reasons if changed else ())),
        changes=(
            FieldChange(path="name", before=former, after=resource.name),
            *(changed.changes if changed else ()),
        ),
        former=former,
        steps=(Step.RENAME, *(changed.steps if changed else (Step.RECORD,))),
    )
    if changed:
        migrate = migrate.model_copy(update={"consequence": changed.consequence})
    return Part(actions=(migrate,), findings=part.findings)


def _taken(case: Case, resource: TableResource | FileResource, former: str) -> Finding | None:
    table = normalize_table(resource.name)
    filled = case.found.destination.filled if case.found else frozenset()
    if table not in filled or table == normalize_table(former):
        return None
    return Finding(
        code="DB226",
        address=case.of(resource.name),
        severity=Severity.ERROR,
        summary=f"its table can't be renamed to {case.pipeline.dataset}.{table}: a table of that name holds rows already",
        hint="Choose another name, or move that table out of the way.",
        blocks=True,
    )


def _one_by_one(case: Case, resource: TableResource | FileResource) -> Finding:
    return Finding(
        code="DB227",
        address=case.of(resource.name),
        severity=Severity.ERROR,
        summary="it was renamed, and changed in a way that writes its table or loads rows; both at once is not done",
        hint=f"Apply one of the two first: undo the other edits, or write name: {resource.renamed_from} without `renamed_from`.",
        blocks=True,
    )
