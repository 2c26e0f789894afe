"""What real scripts of dlt's loaded is taken over by an import: nothing changes by that, and the next load goes on, row for row."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pytest
from databricks import sql

from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.support import handmade
from tests.support.project import Done, Project
from tests.support.warehouse import destination_of

pytestmark = pytest.mark.timeout(600)

SHARED = """\
sources:
  ops: {{type: sqlite, path: ops.db}}
  landing: {{type: filesystem, bucket_url: file://landing}}
destinations:
  goal: {definition}
"""
GLOBS = ("--glob", "visits=visits/*.csv", "--glob", "events=events/**/*.jsonl")
COLUMNS = {
    "crm.orders": "id, amount",
    "crm.customer_master": "customer_id, name",
    "crm.countries": "code",
    "crm.log": "line",
    "crm.capitals": "code",
    "files.visits": "id, page",
    "files.events": "id, who__name",
    "files.events__items": "sku",
}
Read = Callable[[str, str, str], Iterable[tuple[object, ...]]]
"""Columns of a dataset's table."""


def contents(read: Read) -> dict[str, Counter[str]]:
    return {
        name: Counter(" ".join(map(str, row)) for row in read(columns, *name.split(".")))
        for name, columns in COLUMNS.items()
    }


def shop(root: Path, definition: str, destination: str, environ: dict[str, str] | None = None) -> Project:
    """A project with no stack, beside scripts that have loaded."""
    project = Project(root)
    project.write("databridge.yaml", "project: shop\n")
    project.write("stacks/_shared/places.yaml", SHARED.format(definition=definition))
    handmade.open_shop(root)
    for body in (handmade.TABLES, handmade.TABLES, handmade.FILES):
        handmade.run_script(root, destination, body, environ)
    return project


def taken_over(project: Project) -> tuple[Done, Done]:
    tables = project.run("import", "--destination", "goal", "--source", "ops", "--pipeline", "nightly")
    assert tables.code == 0, tables.text
    files = project.run(
        "import", "--destination", "goal", "--source", "landing", "--dataset", "files", *GLOBS
    )
    assert files.code == 0, files.text
    return tables, files


def assert_taken_over_as_it_is(project: Project, read: Read, *, merges: bool) -> None:
    loaded = contents(read)
    listed = json.loads(project.run("import", "--destination", "goal", "--list", "--format", "json").out)
    assert [(p["dlt_pipeline"], p["schema"], p["managed_by"]) for p in listed["pipelines"]] == [
        ("nightly", "sql_database", None),
        ("landed", "landed", None),
    ]
    tables, _ = taken_over(project)
    left_out = ["CustomerMaster", "capitals", "log"][merges:]
    assert re.findall(r"nightly: the resource (\w+) is left out", tables.err) == left_out
    resources = 5 if merges else 4
    assert tables.out.endswith(f"Plan: {resources - 2} to adopt.\n")
    assert not (project.root / "state").exists()
    assert f"Apply complete: {resources} adopted" in project.apply().out
    assert contents(read) == loaded
    assert f"\nNo changes. {resources} due.\n" in project.run("plan", "--detailed-exitcode").out
    project.apply()
    assert contents(read) == loaded
    later(project.root)
    project.apply()
    now = contents(read)
    assert now["crm.orders"] == Counter(["1 10.50", "2 20.00", "3 7.00", "4 8.00"])
    assert now["crm.countries"] == Counter(["de"])
    assert now["crm.customer_master"] == Counter(["1 Ada", "2 Hopper" if merges else "2 Grace"])
    assert (now["crm.log"], now["crm.capitals"]) == (loaded["crm.log"], loaded["crm.capitals"])
    assert now["files.visits"] == Counter(["1 home", "2 cart", "3 end"])
    assert now["files.events"] == Counter(["1 Ada", "2 Grace"])
    assert now["files.events__items"] == Counter("abc")
    # Files that the scripts left in a volume of Databricks: dlt keeps them by default.
    assert set(re.findall(r"\bDB7\d\d\b", project.run("drift").out)) <= {"DB708"}


def later(root: Path) -> None:
    """Rows at the cursor and past it, a changed customer, a country that is gone, a file each."""
    handmade.sqlite(root, handmade.LATER)
    handmade.land(root, "visits/2.csv", "id,page\n3,end\n")
    handmade.land(
        root, "events/2025/2.jsonl", '{"id": 2, "who": {"name": "Grace"}, "items": [{"sku": "c"}]}\n'
    )


def test_what_lies_in_a_duckdb_file(tmp_path: Path) -> None:
    project = shop(tmp_path, "{type: duckdb, path: warehouse.duckdb}", handmade.DUCKDB)

    def read(columns: str, dataset: str, table: str) -> Iterable[tuple[object, ...]]:
        with duckdb.connect(tmp_path / "warehouse.duckdb", read_only=True) as opened:
            return opened.execute(f"SELECT {columns} FROM {dataset}.{table}").fetchall()

    assert_taken_over_as_it_is(project, read, merges=True)


def test_what_lies_in_a_folder(tmp_path: Path) -> None:
    project = shop(tmp_path, "{type: filesystem, bucket_url: file://lake}", handmade.LAKE)

    def read(columns: str, dataset: str, table: str) -> Iterable[tuple[object, ...]]:
        files = f"{tmp_path}/lake/{dataset}/{table}/*.parquet"
        return duckdb.sql(f"SELECT {columns} FROM read_parquet('{files}', union_by_name = true)").fetchall()

    assert_taken_over_as_it_is(project, read, merges=False)


def test_what_lies_in_databricks(tmp_path: Path) -> None:
    with Sandbox(SandboxSettings(root=tmp_path / "sandbox")) as sandbox:
        root = tmp_path / "shop"
        root.mkdir()
        definition = destination_of(sandbox, root).model_dump_json(exclude_defaults=True)
        environ = {"GOAL": json.dumps(sandbox.connection.dlt_credentials)}
        project = shop(root, definition, handmade.DATABRICKS, environ)

        def read(columns: str, dataset: str, table: str) -> Iterable[tuple[object, ...]]:
            with sql.connect(**sandbox.connection.connect_arguments) as opened, opened.cursor() as cursor:
                cursor.execute(f"SELECT {columns} FROM main.{dataset}.{table}")
                return [tuple(row) for row in cursor.fetchall()]

        assert_taken_over_as_it_is(project, read, merges=True)
