"""Rows of dead loads go from every table of the pipeline, also where the schema that has the table is lost or too old."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace

import duckdb
import pytest

from databridge.engine.holdings import with_nested
from databridge.model.destination import FilesystemDestination
from databridge.model.marker import MarkedResource, Marker, Owner
from databridge.model.resource import FileResource, WriteDisposition
from databridge.model.spec import resource_spec
from tests.support.workbench import PLACE, Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

VISITS = FileResource(name="Visits", glob="visits/*.jsonl")
CLICKS = FileResource(name="clicks", glob="clicks/*.jsonl")
MARKER = Marker(
    owner=Owner(project="p", target="dev", stack="s", pipeline="p"),
    spec={},
    resources={r.name: MarkedResource(spec=resource_spec(r)) for r in (VISITS, CLICKS)},
)
DLT_TABLES = ("_dlt_pipeline_state", "_dlt_loads", "_dlt_version")
LAKE = FilesystemDestination(type="filesystem", bucket_url="file://lake")


def put(bench: Workbench, number: int) -> None:
    for name in ("visits", "clicks"):
        bench.landing(f"{name}/{number}.jsonl", f'{{"id": {number}, "kids": [{{"of": {number}}}]}}\n')


def keep_duckdb(bench: Workbench) -> Callable[[], None]:
    """Copy dlt's tables; the answer puts them back."""
    bench.warehouse("CREATE SCHEMA kept")
    for table in DLT_TABLES:
        bench.warehouse(f"CREATE TABLE kept.{table} AS FROM raw.{table}")

    def put_back() -> None:
        for table in DLT_TABLES:
            bench.warehouse(f"DELETE FROM raw.{table}")
            bench.warehouse(f"INSERT INTO raw.{table} BY NAME FROM kept.{table}")

    return put_back


def keep_lake(bench: Workbench) -> Callable[[], None]:
    """Copy dlt's folders; the answer puts them back."""
    for table in DLT_TABLES:
        shutil.copytree(bench.root / "lake" / "raw" / table, bench.root / "kept" / table)

    def put_back() -> None:
        for table in DLT_TABLES:
            shutil.rmtree(bench.root / "lake" / "raw" / table)
            shutil.copytree(bench.root / "kept" / table, bench.root / "lake" / "raw" / table)

    return put_back


def lose_versions(bench: Workbench) -> None:
    if bench.place is PLACE:
        bench.warehouse("DELETE FROM raw._dlt_version")
    else:
        for file in (bench.root / "lake" / "raw" / "_dlt_version").iterdir():
            file.unlink()


def numbers(bench: Workbench, table: str, column: str = "id") -> list[int]:
    if bench.place is PLACE:
        return [number for (number,) in bench.rows(table, column)]  # type: ignore[misc]  # whole numbers
    files = bench.root / "lake" / "raw" / table / "*.parquet"
    return [n for (n,) in duckdb.sql(f"SELECT {column} FROM read_parquet('{files}') ORDER BY 1").fetchall()]


@pytest.fixture(params=["duckdb", "filesystem"])
def place(request: pytest.FixtureRequest, bench: Workbench) -> Workbench:
    if request.param == "filesystem":
        bench.place = replace(PLACE, destination=LAKE)
    return bench


def kept(bench: Workbench) -> Callable[[], None]:
    return keep_duckdb(bench) if bench.place is PLACE else keep_lake(bench)


def test_where_the_schema_is_lost(place: Workbench) -> None:
    put(place, 1)
    place.load(VISITS, CLICKS, marker=MARKER)
    put_back = kept(place)
    put(place, 2)
    place.load(VISITS, CLICKS, marker=MARKER)
    put_back()
    lose_versions(place)
    shutil.rmtree(place.root / "pipelines")
    place.load(
        VISITS, marker=MARKER
    )  # what is not loaded now would never be told again from what is complete
    place.load(CLICKS, marker=MARKER)
    for table in ("visits", "clicks"):
        assert (numbers(place, table), numbers(place, f"{table}__kids", "of")) == ([1, 2], [1, 2])


def test_where_the_schema_is_older_than_the_table(place: Workbench) -> None:
    put(place, 1)
    place.load(VISITS, marker=MARKER)
    put_back = kept(place)
    place.load(VISITS, CLICKS, marker=MARKER)
    put_back()
    shutil.rmtree(place.root / "pipelines")
    place.load(VISITS, CLICKS, marker=MARKER)
    assert (numbers(place, "clicks"), numbers(place, "clicks__kids", "of")) == ([1], [1])


def test_what_only_looks_nested_is_left_alone() -> None:
    nested = {"a__b", "a__b__c", "a__x__y", "z__a"}
    found = with_nested(
        {"a": {"name": "a"}}, ["a", "a__b", "a__b__c", "a__x", "a__x__y", "z__a", "ab"], nested.__contains__
    )
    assert {name: table.get("parent") for name, table in found.items()} == {
        "a": None,
        "a__b": "a",
        "a__b__c": "a__b",
    }


@pytest.mark.parametrize(
    ("spec", "disposition"),
    [
        ({}, WriteDisposition.APPEND),
        ({"mode": "merge"}, WriteDisposition.MERGE),
        ({"mode": "snapshot", "write_disposition": "replace"}, WriteDisposition.REPLACE),
    ],
    ids=str,
)
def test_a_marked_resource_knows_how_its_rows_are_written(
    spec: dict[str, object], disposition: WriteDisposition
) -> None:
    assert MarkedResource.model_validate({"spec": spec}).disposition is disposition
