"""What dlt loaded without databridge is taken over as it is, or not at all: adopting changes no row and no cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from databridge.model.diagnostic import Severity
from databridge.model.naming import normalize_table, snake_case
from databridge.model.recorded import CursorState, DltState, ResourceState, TableState
from databridge.model.resource import FileResource, TableResource, WriteDisposition
from databridge.plan.actions import Adopt, Step
from databridge.plan.consequence import Consequence, Count, Risk
from databridge.plan.cursor import cursor_of, cursor_text, goes_on, listing_of, takes_new_files, value_text
from databridge.plan.finding import Finding
from databridge.plan.load import create
from databridge.plan.part import Case, Part, joined
from databridge.plan.reasons import Reason

_ANEW = "load it anew from a pipeline with another name and another dataset"
MERGED_ALIKE = ("", "delete-insert", "upsert")
"""dlt's merge strategies that leave one row of each key."""


def plan_adoption(case: Case, start: DltState) -> Part:
    """For a pipeline that no ledger knows: adopt the resources that dlt knows, create the others."""
    return joined(
        _take_over(case, resource, start, Reason.UNMANAGED_FOUND)
        if resource.name in start.resources or any(t.resource == resource.name for t in start.tables.values())
        else Part(actions=(create(case, resource, Reason.NEW_IN_STACK),))
        for resource in case.pipeline.resources
    )


def plan_unrecorded(case: Case, resource: TableResource | FileResource, start: DltState | None) -> Part:
    """For a resource that its pipeline's record lacks: adopt it where dlt would go on from an old cursor, else create it.

    Its table alone proves nothing: a first load that was undone leaves it behind.
    """
    if start is not None and (goes_on(start.resources.get(resource.name)) or _listed(resource, start)):
        return _take_over(case, resource, start, Reason.KNOWN_TO_DLT)
    if _was_removed(case, resource, start):
        return _again(case, resource)
    return Part(actions=(create(case, resource, Reason.NEW_IN_STACK),))


def _was_removed(case: Case, resource: TableResource | FileResource, start: DltState | None) -> bool:
    """Whether a person had its recorded state removed, and the rows that were loaded until then are there."""
    state = start.resources.get(resource.name) if start else None
    return (
        state is not None
        and state.removed
        and case.found is not None
        and normalize_table(resource.name) in case.found.destination.filled
    )


def _again(case: Case, resource: TableResource | FileResource) -> Part:
    """Load it from the start over those rows, with what that does to them; never append them a second time."""
    again = create(case, resource, Reason.REMOVED_AND_BACK)
    match resource.disposition:
        case WriteDisposition.REPLACE:
            told = Consequence(risk=Risk.DELETE_ROWS, deleted=Count())
        case WriteDisposition.MERGE:
            told = Consequence(risk=Risk.REWRITE, reread=Count())
        case WriteDisposition.APPEND:
            if cursor_of(resource) is not None or takes_new_files(resource):
                return Part(findings=(_forgotten(case, resource),))
            told = again.consequence
        case _:
            assert_never(resource.disposition)
    return Part(actions=(again.model_copy(update={"consequence": told}),))


def _forgotten(case: Case, resource: TableResource | FileResource) -> Finding:
    table = normalize_table(resource.name)
    return Finding(
        code="DB224",
        address=case.of(resource.name),
        severity=Severity.ERROR,
        summary=f"its table {case.pipeline.dataset}.{table} holds rows, and up to where they were loaded was forgotten",
        detail="A load from its start would append those rows a second time.",
        hint="Put back what was removed: databridge state restore. Or delete the table's rows, and it is loaded from its start.",
        blocks=True,
    )


def _take_over(case: Case, resource: TableResource | FileResource, start: DltState, reason: Reason) -> Part:
    differences = tuple(differences_from(resource, start))
    known = start.resources.get(resource.name)
    if differences and known is not None and known.removed:
        return Part(findings=(_taken_out(case, resource),))
    if differences:
        return Part(findings=tuple(_differs(case, resource, what) for what in differences))
    listed = _listed(resource, start)
    adopt = Adopt(
        address=case.of(resource.name),
        reasons=(reason,),
        steps=(Step.RECORD,),
        cursor=value_text(listed[1].last_value) if listed else cursor_text(resource, start),
        listing=listed[0] if listed else None,
    )
    return Part(actions=(adopt,))


def _listed(resource: TableResource | FileResource, start: DltState) -> tuple[str, CursorState] | None:
    """Where nothing is recorded of it, what else tells which files were loaded."""
    if not takes_new_files(resource) or resource.name in start.resources:
        return None
    return listing_of(resource.name, start)


def differences_from(resource: TableResource | FileResource, start: DltState) -> Iterator[str]:
    """Where a resource is not what dlt recorded of it, in words that follow "as it stands:"."""
    for table in start.tables.values():
        if table.resource == resource.name:
            yield from _table_differences(resource, table)
    yield from _state_differences(
        resource, start.resources.get(resource.name) or ResourceState(resource.name), start
    )


def _table_differences(resource: TableResource | FileResource, table: TableState) -> Iterator[str]:
    if table.name != normalize_table(resource.name):
        yield f"its table is called `{table.name}`, and new rows would go to `{normalize_table(resource.name)}`"
    if table.merge_strategy not in MERGED_ALIKE:
        yield f"its merge strategy is `{table.merge_strategy}`, and databridge's keeps one row of each key"
    if table.write_disposition != resource.disposition:
        yield f"its write disposition is `{table.write_disposition}`, the stack says `{resource.disposition}`"
    wanted = {snake_case(column) for column in resource.primary_key}
    if set(table.primary_key) != wanted:
        there, here = ", ".join(sorted(table.primary_key)) or "none", ", ".join(sorted(wanted)) or "none"
        yield f"its primary key is {there}, the stack says {here}"


def _state_differences(
    resource: TableResource | FileResource, state: ResourceState, start: DltState
) -> Iterator[str]:
    """Where the next load would not go on from where the last one ended, but take everything again."""
    wanted, recorded = cursor_of(resource), ", ".join(f"`{cursor.path}`" for cursor in state.cursors)
    if takes_new_files(resource):
        if not state.files and _listed(resource, start) is None:
            yield "it is not recorded which files were loaded, so all of them would be loaded again"
    elif wanted is not None:
        if state.cursor(wanted) is None:
            yield f"its recorded cursor is {recorded or 'none'}, the stack says `{wanted}`"
    elif recorded and resource.disposition is WriteDisposition.APPEND:
        yield f"its recorded cursor is {recorded}, and in the stack it has none"


def _taken_out(case: Case, resource: TableResource | FileResource) -> Finding:
    """Whatever else differs: what was removed can be put back, and then it is managed as before."""
    return Finding(
        code="DB220",
        address=case.of(resource.name),
        severity=Severity.ERROR,
        summary="can't be adopted as it stands: up to where it was loaded was removed from its recorded state",
        detail="A load from its start would meet the rows that were loaded until then.",
        hint=f"Put back what was removed: databridge state restore ID; databridge state backup --list has it. Or {_ANEW}.",
        blocks=True,
    )


def _differs(case: Case, resource: TableResource | FileResource, what: str) -> Finding:
    return Finding(
        code="DB220",
        address=case.of(resource.name),
        severity=Severity.ERROR,
        summary=f"can't be adopted as it stands: {what}",
        detail="dlt holds a state of it already, and its next load would go on from there.",
        hint=f"{_ANEW[0].upper()}{_ANEW[1:]}."
        if takes_new_files(resource)
        else f"Write into the stack what the pipeline does today, and change it after it is adopted; or {_ANEW}.",
        blocks=True,
    )
