"""A pipeline that dlt ran without databridge is taken over as it is, or not at all: adopting changes no row and no cursor."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.model.diagnostic import Severity
from databridge.model.naming import snake_case
from databridge.model.recorded import DltState, TableState
from databridge.model.resource import FileResource, Mode, TableResource
from databridge.plan.actions import Action, Adopt, Step
from databridge.plan.finding import Finding
from databridge.plan.load import create, cursor_text
from databridge.plan.part import Case, Part
from databridge.plan.reasons import Reason


def plan_adoption(case: Case, start: DltState) -> Part:
    """Adopt the resources that dlt knows, create the others."""
    actions: list[Action] = []
    findings: list[Finding] = []
    for resource in case.pipeline.resources:
        if not _known(resource.name, start):
            actions.append(create(case, resource, Reason.NEW_IN_STACK))
            continue
        differences = list(_differences(case, resource, start))
        findings += differences
        if not differences:
            actions.append(
                Adopt(
                    address=case.of(resource.name),
                    reasons=(Reason.UNMANAGED_FOUND,),
                    steps=(Step.RECORD,),
                    cursor=cursor_text(resource, start),
                )
            )
    return Part(actions=tuple(actions), findings=tuple(findings))


def _known(name: str, start: DltState) -> bool:
    return name in start.resources or any(table.resource == name for table in start.tables.values())


def _differences(case: Case, resource: TableResource | FileResource, start: DltState) -> Iterator[Finding]:
    for table in start.tables.values():
        if table.resource == resource.name:
            yield from _table_differences(case, resource, table)
    state = start.resources.get(resource.name)
    wanted = _cursor_wanted(resource)
    if state and wanted and state.cursors and state.cursor(wanted) is None:
        there = ", ".join(cursor.path for cursor in state.cursors)
        yield _differs(case, resource, f"its recorded cursor is `{there}`, the stack says `{wanted}`")


def _table_differences(case: Case, resource: TableResource | FileResource, table: TableState) -> Iterator[Finding]:
    if table.write_disposition != resource.disposition:
        yield _differs(
            case,
            resource,
            f"its write disposition is `{table.write_disposition}`, the stack says `{resource.disposition}`",
        )
    wanted = {snake_case(column) for column in resource.primary_key}
    if set(table.primary_key) != wanted:
        there, here = ", ".join(sorted(table.primary_key)) or "none", ", ".join(sorted(wanted)) or "none"
        yield _differs(case, resource, f"its primary key is {there}, the stack says {here}")


def _cursor_wanted(resource: TableResource | FileResource) -> str | None:
    if isinstance(resource, FileResource) or resource.mode is Mode.SNAPSHOT:
        return None
    return resource.cursor_field


def _differs(case: Case, resource: TableResource | FileResource, what: str) -> Finding:
    return Finding(
        code="DB220",
        address=case.of(resource.name),
        severity=Severity.ERROR,
        summary=f"can't be adopted as it stands: {what}",
        detail="A dlt pipeline of this name was loaded without databridge.",
        hint="Write into the stack what the pipeline does today; change it after it is adopted.",
        blocks=True,
    )
