"""What is proposed for a table, and that nothing is which may miss a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from databridge.model.foundtable import COUNTED, FoundColumn, FoundTable
from databridge.model.resource import Column
from databridge.plan.proposal import Proposal, propose

ID = FoundColumn("id", "INTEGER", int, nullable=False, indexed=True)
NUMBERED = replace(ID, numbered=True)
CHANGED = FoundColumn("updated_at", "TIMESTAMP", datetime, nullable=False, indexed=True)
NAME = FoundColumn("name", "TEXT", str)
LARGE = COUNTED + 1


def found(
    *columns: FoundColumn, rows: int | None = 12, key: tuple[str, ...] = ("id",), **more: object
) -> FoundTable:
    return FoundTable(None, "orders", columns=columns, primary_key=key, rows=rows, **more)  # type: ignore[arg-type]


def proposed(table: FoundTable, *, merges: bool = True) -> tuple[str, str | None]:
    made = propose(table, merges=merges).resource
    return made.mode.value, made.cursor_field


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (found(ID, CHANGED), ("merge", "updated_at")),
        (found(NUMBERED, CHANGED, rows=LARGE), ("merge", "updated_at")),
        (found(ID, replace(CHANGED, indexed=False)), ("merge", "updated_at")),
        (found(ID, replace(CHANGED, nullable=True)), ("snapshot", None)),
        (found(ID, replace(CHANGED, python_type=str)), ("snapshot", None)),
        (found(ID, replace(CHANGED, name="created_at")), ("snapshot", None)),
        (found(ID, replace(CHANGED, name="update")), ("snapshot", None)),
        (found(CHANGED, NAME, key=(), rows=LARGE), ("snapshot", None)),
        (found(NUMBERED, rows=LARGE), ("incremental", "id")),
        (found(NUMBERED), ("snapshot", None)),
        (found(NUMBERED, rows=None), ("incremental", "id")),
        (found(ID, rows=LARGE), ("snapshot", None)),
        (found(replace(NUMBERED, nullable=True), rows=LARGE), ("snapshot", None)),
        (found(ID, CHANGED, view=True), ("snapshot", None)),
    ],
)
def test_rows_are_read_by_what_proves_them_new(table: FoundTable, wanted: tuple[str, str | None]) -> None:
    assert proposed(table) == wanted


def test_where_nothing_merges_the_whole_table_is_read() -> None:
    made = propose(found(ID, CHANGED), merges=False)
    assert (made.resource.mode, made.resource.disposition) == ("snapshot", "replace")
    assert "can't merge" in made.reasons["mode"]


@pytest.mark.parametrize(
    "name",
    ["updated_at", "UPDATED_ON", "LastModifiedDate", "row_changed_ts", "mtime", "modified", "last_update"],
)
def test_a_change_is_known_by_many_names(name: str) -> None:
    assert proposed(found(ID, replace(CHANGED, name=name))) == ("merge", name)


def test_of_several_cursors_the_indexed_moment_counts() -> None:
    slow, day = (
        replace(CHANGED, name="changed_at", indexed=False),
        replace(CHANGED, name="modified_on", python_type=date),
    )
    assert proposed(found(ID, slow, day, CHANGED))[1] == "updated_at"
    assert proposed(found(ID, slow, day))[1] == "modified_on"


def test_a_unique_set_without_null_is_a_key() -> None:
    line = replace(ID, name="line")
    table = found(ID, line, NAME, CHANGED, key=(), unique=(("name",), ("id", "line")))
    made = propose(table, merges=True)
    assert made.resource.primary_key == ("id", "line")
    assert "no primary key" in made.reasons["primary_key"]


def test_types_that_would_lose_values_are_declared_and_are_no_cursor() -> None:
    amount = FoundColumn("amount", "NUMERIC", declare=Column(data_type="text"), because="any digits")
    made: Proposal = propose(found(ID, amount), merges=True)
    assert made.resource.columns == {"amount": Column(data_type="text")}
    assert made.reasons["columns"] == "amount: any digits"
    assert proposed(found(replace(NUMBERED, declare=Column(data_type="text")), rows=LARGE)) == (
        "snapshot",
        None,
    )


@pytest.mark.parametrize("table", [found(ID, CHANGED), found(NUMBERED, rows=LARGE), found(NAME, key=())])
def test_each_field_has_its_reason(table: FoundTable) -> None:
    made = propose(table, merges=True)
    told = {"mode", "primary_key", "cursor_field", "columns"} & made.resource.model_dump(
        exclude_defaults=True
    ).keys()
    assert made.reasons.keys() == {"mode", *told}
