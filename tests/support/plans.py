"""Plans built by hand, short enough to be read in a test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.plan.actions import Action, Adopt, Create, FieldChange, Forget, Migrate, Reset, Run, Step
from databridge.plan.consequence import Certainty, Consequence, Count, Risk
from databridge.plan.finding import Finding
from databridge.plan.plan import PipelineHeading, Plan
from databridge.plan.reasons import Reason
from databridge.plan.statenote import NoteKind, StateNote

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LOAD = (Step.LOAD, Step.RECORD)


def at(text: str) -> Address:
    return Address.parse(text)


def heading(pipeline: str, resources: int = 1) -> PipelineHeading:
    address = at(pipeline)
    return PipelineHeading(
        address=address,
        destination="duckdb data/warehouse.duckdb",
        dataset=f"raw_{address.pipeline}",
        resources=resources,
    )


def make(
    *actions: Action,
    headings: Iterable[PipelineHeading] = (),
    findings: Iterable[Finding] = (),
    state: Iterable[StateNote] = (),
) -> Plan:
    """A plan with a heading for each pipeline of its actions and findings, unless headings are given."""
    listed = tuple(headings)
    if not listed:
        touched = {each.address.parent for each in (*actions, *findings)}
        listed = tuple(heading(str(address)) for address in sorted(touched))
    return Plan(
        project="demo",
        target="dev",
        created_at=NOW,
        pipelines=listed,
        actions=tuple(sorted(actions, key=lambda action: action.address)),
        findings=tuple(findings),
        state=tuple(state),
    )


def create(address: str, *, new_files: int | None = None) -> Create:
    return Create(address=at(address), reasons=(Reason.NEW_IN_STACK,), steps=LOAD, new_files=new_files)


def run(
    address: str, *, hours: float | None = None, cursor: str | None = None, new_files: int | None = None
) -> Run:
    return Run(
        address=at(address),
        reasons=(Reason.DUE_ALWAYS if hours is None else Reason.DUE_BY_SCHEDULE,),
        steps=LOAD,
        cursor=cursor,
        new_files=new_files,
        last_load=None if hours is None else NOW - timedelta(hours=hours),
    )


CURSOR_CHANGE = FieldChange(path="cursor_field", before="UPDATED_AT", after="CHANGED_AT")


def reset_append(address: str) -> Reset:
    return Reset(
        address=at(address),
        reasons=(Reason.CURSOR_CHANGED,),
        changes=(CURSOR_CHANGE,),
        consequence=Consequence(risk=Risk.DELETE_ROWS, reread=Count(), deleted=Count()),
        steps=(Step.REWIND, Step.DROP_DATA, *LOAD),
    )


def reset_merge(address: str) -> Reset:
    return Reset(
        address=at(address),
        reasons=(Reason.CURSOR_CHANGED,),
        changes=(CURSOR_CHANGE,),
        consequence=Consequence(
            risk=Risk.REREAD,
            reread=Count(certainty=Certainty.ESTIMATE, rows=1_200_000),
            undo="set the cursor field back; no row is deleted",
        ),
        steps=(Step.REWIND, *LOAD),
    )


def migrate(address: str, *changes: FieldChange) -> Migrate:
    return Migrate(
        address=at(address), reasons=(Reason.DEFINITION_CHANGED,), changes=changes, steps=(Step.RECORD,)
    )


def adopt(address: str, cursor: str | None = None) -> Adopt:
    return Adopt(address=at(address), reasons=(Reason.UNMANAGED_FOUND,), steps=(Step.RECORD,), cursor=cursor)


def forget(address: str, reason: Reason = Reason.REMOVED_FROM_STACK) -> Forget:
    return Forget(address=at(address), reasons=(reason,), steps=(Step.RECORD,))


def no_effect(address: str) -> Finding:
    return Finding(
        code="DB214",
        address=at(address),
        severity=Severity.WARNING,
        summary="columns.ID.nullable: true → false is ignored by dlt on an existing column",
        hint="Undo the edit; the column stays as it was created.",
    )


def blocked(address: str) -> Finding:
    return Finding(
        code="DB211",
        address=at(address),
        severity=Severity.ERROR,
        summary="mode: incremental → merge would change how rows are taken while old rows stay",
        detail="The table keeps its rows.",
        hint="Undo the edit.",
        blocks=True,
    )


def note(pipeline: str, text: str, kind: NoteKind = NoteKind.LOCAL_BEHIND) -> StateNote:
    return StateNote(kind=kind, address=at(pipeline), text=text)


def everything() -> Plan:
    """A plan with each kind of action, finding and note."""
    headings = (heading("sales_de.sales", 40), heading("sales_de.idle"), heading("sales_de.web"))
    source = FieldChange(path="source.path", before="data/ops.db", after="data/ops2.db")
    return make(
        Migrate(
            address=at("sales_de.sales"),
            reasons=(Reason.SOURCE_ACCEPTED,),
            changes=(source,),
            steps=(Step.RECORD,),
        ),
        run("sales_de.sales.COUNTRIES", hours=26),
        adopt("sales_de.sales.CUSTOMERS", cursor="2013-12-31 23:00:00+00:00"),
        migrate(
            "sales_de.sales.INVOICES",
            FieldChange(path="csv.delimiter", before=",", after=";"),
            FieldChange(path="lifecycle.prevent_reset", before=False, after=True),
        ),
        create("sales_de.sales.INVOICES_2", new_files=12_400),
        reset_append("sales_de.sales.ORDERS"),
        reset_merge("sales_de.sales.PAYMENTS"),
        run("sales_de.web.clicks", hours=1, new_files=2),
        forget("sales_de.old.SUPPLIERS", Reason.PIPELINE_REMOVED),
        headings=headings,
        findings=(blocked("sales_de.sales.BILLS"), no_effect("sales_de.sales.CUSTOMERS")),
        state=(
            note("sales_de.sales", "local v9 is behind duckdb v11; the next run restores duckdb v11"),
            note(
                "sales_de.web",
                "load package 1717.12 was left normalized; apply takes it back and loads its rows again",
                NoteKind.PENDING,
            ),
        ),
    )
