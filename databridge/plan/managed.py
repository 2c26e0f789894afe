"""A pipeline that was applied before: what its definition, its state and its schedule ask for, resource by resource."""

from __future__ import annotations

from databridge.model.address import Address
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.naming import normalize_table
from databridge.model.recorded import DltState, LocationStatus
from databridge.model.resource import FileResource, TableResource
from databridge.model.spec import Spec, pipeline_spec, resource_spec
from databridge.plan import place, relocation
from databridge.plan.actions import Adopt, Backfill, Create, FieldChange, Migrate, Step
from databridge.plan.adoption import plan_unrecorded
from databridge.plan.backfill import plan_requested
from databridge.plan.change import Anew, plan_change, protection_of
from databridge.plan.compare import field_changes
from databridge.plan.consequence import HARMLESS
from databridge.plan.cursor import cursor_text, goes_on
from databridge.plan.identity import left_staging
from databridge.plan.load import create, plan_run
from databridge.plan.part import Case, Part, joined
from databridge.plan.reasons import Reason
from databridge.plan.relocation import relocates
from databridge.plan.removal import plan_removal, renames
from databridge.plan.rename import is_renamed, plan_rename
from databridge.plan.repair import not_remade, repair_of
from databridge.plan.statecheck import starting_state


def plan_managed(case: Case, record: PipelineRecord) -> Part:
    """Compare it with its record; nothing of it is loaded while its place is in doubt."""
    changes = field_changes(record.spec, pipeline_spec(case.pipeline))
    start = starting_state(case.found) if case.found else None
    moves = relocates(case, record)
    doubts = tuple(place.moved(case, changes, accepted=_accepted(case), relocated=moves))
    if moves:
        doubts = (*doubts, *relocation.doubts(case, record, changes))
    if start and start.marker and not case.owns(start.marker.owner):
        doubts = (place.owned(case, start.marker.owner),)
    elif start is None and _holds_rows(case, record):
        doubts = (*doubts, place.emptied(case))
    if doubts:
        return Part(findings=doubts)
    whole = Part(
        actions=(_migrate(case, record, changes),) if changes or case.former else (),
        findings=tuple(place.renamed(case, record)),
    )
    mended = None if whole.actions else repair_of(case)  # what the pipeline needs is done by any job of it
    return joined((whole, Part(actions=(mended,) if mended else ()), _plan_resources(case, record, start)))


def _migrate(case: Case, record: PipelineRecord, changes: tuple[FieldChange, ...]) -> Migrate:
    """Take over another source or staging place; another place of the data was refused."""
    staging = any(change.path.startswith(place.STAGING) for change in changes)
    source = any(change.path.startswith("source.") for change in changes)
    copies = relocates(case, record)
    leaves = staging and left_staging(record) is not None
    former = f"{case.former.stack}.{case.former.pipeline}" if case.former else ""
    moved = (FieldChange(path="address", before=former, after=str(case.address)),) if former else ()
    return Migrate(
        address=case.address,
        reasons=(
            *((Reason.MOVED,) if former else ()),
            *((Reason.RELOCATED,) if copies else ()),
            *((Reason.SOURCE_ACCEPTED,) if source else ()),
            *((Reason.STAGING_CHANGED,) if staging else ()),
        ),
        changes=(*moved, *changes),
        consequence=relocation.consequence(case, record) if copies else HARMLESS,
        former=former,
        steps=(
            *((Step.LEAVE_STAGING,) if leaves else ()),
            *((Step.MOVE,) if former else ()),
            *((Step.COPY,) if copies else ()),
            Step.RECORD,
        ),
    )


def _accepted(case: Case) -> bool:
    return case.options.accept is not None and case.options.accept.keeps(case.address)


def _status(case: Case) -> LocationStatus | None:
    return case.found.destination.status if case.found else None


def _holds_rows(case: Case, record: PipelineRecord) -> bool:
    """Whether rows of the pipeline are at the destination, or may be."""
    if case.found is None:
        return False
    tables = {normalize_table(resource) for resource in record.resources}
    there = case.found.destination
    return there.status is LocationStatus.EMPTIED or not tables.isdisjoint(there.filled)


def _plan_resources(case: Case, record: PipelineRecord, start: DltState | None) -> Part:
    specs = {resource.name: resource_spec(resource) for resource in case.pipeline.resources}
    planned = joined(
        _plan_resource(case, resource, specs[resource.name], record, start)
        for resource in case.pipeline.resources
    )
    kept = specs.keys() | {r.renamed_from for r in case.pipeline.resources if _takes_over(case, r, record)}
    gone = plan_removal(case.address, record, record.resources.keys() - kept, Reason.REMOVED_FROM_STACK)
    told = {resource.name for resource in case.pipeline.resources if resource.renamed_from}
    created = [a for a in planned.actions if isinstance(a, Create) and a.address.resource not in told]
    return joined((planned, gone, Part(findings=tuple(renames(gone, created, record, specs)))))


def _plan_resource(
    case: Case,
    resource: TableResource | FileResource,
    spec: Spec,
    record: PipelineRecord,
    start: DltState | None,
) -> Part:
    known, wish = record.resources.get(resource.name), case.options.backfill
    if known is None:
        if _takes_over(case, resource, record):
            return plan_rename(case, resource, spec, record)
        left = record.forgotten.get(resource.name)
        if left is not None and _is_as_left(case, resource, start):
            return _returning(case, resource, spec, left, start)
        return plan_unrecorded(case, resource, start)
    if _status(case) is LocationStatus.MISSING:
        return Part(actions=(create(case, resource, Reason.DESTINATION_EMPTY),))
    part = _changed(case, resource, spec, known, start)
    if wish and wish.address == case.of(resource.name):
        return plan_requested(case, resource, wish, part, start)
    if any(action.loads for action in part.actions) or any(finding.blocks for finding in part.findings):
        return part
    lost, protection = _missing(case, resource.name), protection_of(known.lifecycle, drops=True)
    if lost and protection:
        warned = not_remade(case, case.of(resource.name), lost, protection)
        part = joined((part, Part(findings=(warned,))))
    return joined((part, plan_run(case, resource, known, start)))


def _missing(case: Case, resource: str) -> tuple[str, ...]:
    """The tables of a resource that are not there and should be."""
    return case.found.destination.missing.get(resource, ()) if case.found else ()


def _takes_over(case: Case, resource: TableResource | FileResource, record: PipelineRecord) -> bool:
    """Whether a resource has rows and a cursor under its former name."""
    return (
        resource.name not in record.resources
        and _status(case) is not LocationStatus.MISSING
        and is_renamed(case, resource, record)
    )


def _changed(
    case: Case,
    resource: TableResource | FileResource,
    spec: Spec,
    before: ResourceRecord,
    start: DltState | None,
) -> Part:
    """What follows from all that differs from how it was."""
    address = case.of(resource.name)
    return plan_change(
        address,
        resource,
        before,
        field_changes(before.spec, spec),
        _anew(case, address, before, start),
        destination=case.pipeline.destination,
        state=start.resources.get(resource.name) if start else None,
    )


def _is_as_left(case: Case, resource: TableResource | FileResource, start: DltState | None) -> bool:
    """Whether a resource that was forgotten still has its rows or its cursor, and nobody removed its recorded state since."""
    state = start.resources.get(resource.name) if start else None
    if state is not None and state.removed:
        return False
    filled = case.found.destination.filled if case.found else frozenset()
    return goes_on(state) or normalize_table(resource.name) in filled


def _returning(
    case: Case,
    resource: TableResource | FileResource,
    spec: Spec,
    left: ResourceRecord,
    start: DltState | None,
) -> Part:
    """A resource that was forgotten and stands in the stack again is taken over from where it was left.

    What changed since then means what it would have meant had it never been away.
    """
    part = _changed(case, resource, spec, left, start)
    if any(action.loads or isinstance(action, Backfill) for action in part.actions) or any(
        finding.blocks for finding in part.findings
    ):
        return part
    changed = next((action for action in part.actions if isinstance(action, Migrate)), None)
    adopt = Adopt(
        address=case.of(resource.name),
        reasons=(Reason.BACK_IN_STACK,),
        changes=changed.changes if changed else (),
        consequence=changed.consequence if changed else HARMLESS,
        steps=changed.steps if changed else (Step.RECORD,),
        cursor=cursor_text(resource, start),
    )
    return joined((Part(actions=(adopt,), findings=part.findings), plan_run(case, resource, left, start)))


def _anew(case: Case, address: Address, before: ResourceRecord, start: DltState | None) -> Anew | None:
    """Whether it is loaded from its start because somebody asks for that, or began to, or because it lost a table."""
    wish = case.options.reset
    if wish and wish.select.keeps(address):
        return Anew(reasons=(Reason.RESET_REQUESTED,), drops=not wish.keep_data)
    state = start.resources.get(address.resource) if start else None
    if state and state.reset_begun:
        # What was killed after it had dropped the tables is a lost table too, to whoever asks for repairs alone.
        gone = _missing(case, address.resource) if case.options.repair else ()
        return Anew(reasons=(Reason.RESET_BEGUN,), drops=True, approved=True, lost=gone)
    lost = _missing(case, address.resource)
    if lost and protection_of(before.lifecycle, drops=True) is None:
        return Anew(reasons=(Reason.TABLE_MISSING,), drops=True, approved=True, lost=lost)
    return None
