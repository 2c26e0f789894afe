"""What would not be the same in the new place is not copied there, and a copy that is not the same does not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from databridge.apply.engine import Prepared, Settlement
from databridge.engine import relocaterows
from databridge.model.diagnostic import DatabridgeError
from databridge.model.marker import Marker, Owner
from databridge.model.resource import FileResource
from tests.support.workbench import PLACE, WAREHOUSE, Workbench, workbench

EVENTS = FileResource(name="events", glob="*.jsonl")
THERE = replace(PLACE, dataset="bronze", origin=PLACE)
MARKER = Marker(
    owner=Owner(project="demo", target="dev", stack="s", pipeline="p"), spec={"dataset": "bronze"}
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        bench.landing("1.jsonl", '{"id": 1, "tags": ["a", "b"]}\n{"id": 2, "tags": []}\n')
        bench.load(EVENTS)
        bench.place = THERE
        yield bench


def statement(bench: Workbench, text: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(bench.root / WAREHOUSE)) as connection:
        return connection.execute(text).fetchall()


def refused(bench: Workbench) -> tuple[str, list[str]]:
    """The code, and the load ids that were told before."""
    told: list[str] = []

    def prepared(package: Prepared) -> None:
        told.append(package.load_id)

    with pytest.raises(DatabridgeError) as error:
        bench.move(MARKER, prepared)
    assert bench.settle(*told) is Settlement.ROLLED_BACK
    tables = statement(
        bench,
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'bronze' AND table_name NOT LIKE '\\_dlt%' ESCAPE '\\'",
    )
    assert tables == []
    return error.value.diagnostics[0].code, told


def test_a_column_that_dlt_does_not_know(bench: Workbench) -> None:
    statement(bench, "ALTER TABLE raw.events ADD COLUMN theirs INTEGER")
    assert refused(bench)[0] == "DB543"


def test_a_column_of_another_type(bench: Workbench) -> None:
    statement(bench, "ALTER TABLE raw.events ALTER id TYPE DECIMAL(20, 2)")
    assert refused(bench)[0] == "DB543"


def test_a_nested_table_that_dlt_does_not_know(bench: Workbench) -> None:
    statement(bench, "CREATE TABLE raw.events__more AS SELECT '1' AS _dlt_parent_id")
    assert refused(bench) == ("DB542", [])


def test_a_table_that_nobody_expected_there(bench: Workbench) -> None:
    statement(bench, "CREATE SCHEMA bronze; CREATE TABLE bronze.events__tags AS SELECT '1' AS _dlt_parent_id")
    with pytest.raises(DatabridgeError) as error:
        bench.move(MARKER, lambda _: None)
    assert error.value.diagnostics[0].code == "DB541"
    assert statement(bench, "SELECT count(*) FROM bronze.events__tags") == [(1,)]


def test_a_copy_that_lacks_a_row(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    short = "INSERT INTO {new} ({columns}) SELECT {columns} FROM {old} LIMIT 1"
    monkeypatch.setattr(relocaterows, "_INSERT", short)
    assert refused(bench)[0] == "DB544"
