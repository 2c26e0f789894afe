"""Which dlt pipelines lie at a destination, and what is told of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from databridge.locations.discovery import found_pipelines
from databridge.locations.filesystem import datasets_in, foreign_files
from databridge.locations.folder import LocalFolder
from databridge.locations.schema import naming_of, tables_of
from databridge.locations.sourcetables import source_tables
from databridge.model.destination import DuckDbDestination, FilesystemDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.foundpipeline import FoundPipeline
from databridge.model.source import SqliteSource, SqlSource
from tests.support.handmade import OPS, sqlite
from tests.support.secrets import NO_SECRETS
from tests.unit.locations.places import add_loads, add_schemas, add_states, make_dataset, state_text

HERE = DuckDbDestination(type="duckdb", path="w.duckdb")
ORDERS = {"orders": {"columns": {"id": {"data_type": "bigint"}}, "resource": "Orders"}}


def schema_text(**tables: object) -> str:
    return json.dumps({"tables": tables, "version": 1})


def found(root: Path, dataset: str | None = None) -> dict[str, FoundPipeline]:
    listed = found_pipelines(HERE, root=root, secrets=NO_SECRETS, dataset=dataset)
    return {f"{each.dataset}.{each.name}": each for each in listed}


def keep(root: Path, dataset: str, name: str, *, schema: str | None = None, **more: Any) -> None:
    """A pipeline that has loaded orders."""
    file, schema = root / "w.duckdb", schema or name
    more = {"default_schema_name": schema, "schema_names": [schema]} | more
    add_states(file, dataset, [(name, f"{name}1.5", state_text(name, **more))])
    add_loads(file, dataset, [(f"{name}1.5", schema, 0)])
    add_schemas(file, dataset, [("2024-01-01", schema, "hash", schema_text(**ORDERS))])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for dataset in ("raw", "Crm"):
        make_dataset(tmp_path / "w.duckdb", dataset)
    with duckdb.connect(tmp_path / "w.duckdb") as connection:
        connection.execute("CREATE SCHEMA other; CREATE TABLE other.orders (id INTEGER)")
    return tmp_path


def test_every_pipeline_of_every_dataset(root: Path) -> None:
    keep(root, "raw", "a")
    keep(root, "raw", "b")
    keep(root, "Crm", "a", schema="erp")
    pipelines = found(root)
    assert list(pipelines) == ["Crm.a", "raw.a", "raw.b"]
    one = pipelines["Crm.a"]
    assert (one.schema_name, one.newest_load, one.resources, one.trouble) == ("erp", "a1.5", ("Orders",), "")
    assert list(found(root, "raw")) == ["raw.a", "raw.b"]
    assert found(root, "none") == {}


def test_a_state_that_can_t_be_understood_hides_no_other(root: Path) -> None:
    keep(root, "raw", "a")
    keep(root, "raw", "b", _state_engine_version=5)
    pipelines = found(root)
    assert pipelines["raw.a"].trouble == ""
    assert "its engine version is 5" in pipelines["raw.b"].trouble


def test_a_pipeline_whose_schema_is_gone(root: Path) -> None:
    keep(root, "raw", "a", schema_names=[])
    assert found(root)["raw.a"].trouble == "its dataset holds no schema of it"


def test_what_its_code_keeps_and_what_is_of_other_schemas(root: Path) -> None:
    sources = {"a": {"resources": {}, "page": 7}, "b": {}, "c": {}, "_databridge_": {}}
    keep(root, "raw", "a", schema_names=["a", "b"], sources=sources)
    add_schemas(
        root / "w.duckdb",
        "raw",
        [("2024-01-01", "b", "h", schema_text(leads={"resource": "leads"}, _dlt_loads={}))],
    )
    one = found(root)["raw.a"]
    assert (one.own, dict(one.elsewhere)) == (("page", "c", "_databridge_"), {"b": ("leads",)})


def test_pipelines_of_one_dataset_with_one_schema_know_of_each_other(root: Path) -> None:
    for name in ("a", "b"):
        keep(root, "raw", name, schema="sql_database")
    keep(root, "Crm", "c", schema="sql_database")
    assert {name: each.sharing for name, each in found(root).items()} == {
        "raw.a": ("b",),
        "raw.b": ("a",),
        "Crm.c": (),
    }


def test_a_destination_that_is_not_there_or_can_t_be_read(tmp_path: Path) -> None:
    assert found(tmp_path) == {}
    (tmp_path / "w.duckdb").write_text("no database")
    with pytest.raises(DatabridgeError, match="DB432"):
        found(tmp_path)


def test_a_folder_s_datasets_and_files_that_are_not_as_ours(tmp_path: Path) -> None:
    for path in (
        "raw/_dlt_pipeline_state/a__1.5__00.jsonl",
        "raw/orders/1700000000.5.abc.parquet",
        "raw/lines/1700000000.5.abc.jsonl",
        "raw/by_day/2024-01-01.parquet",
        "hollow/_dlt_pipeline_state/",
        "plain/orders/1.csv",
    ):
        file = tmp_path / "lake" / path
        (file if path.endswith("/") else file.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            file.touch()
    bucket = LocalFolder(tmp_path / "lake")
    assert datasets_in(bucket, lambda name: LocalFolder(tmp_path / "lake" / name)) == ["raw"]
    assert foreign_files(LocalFolder(tmp_path / "lake" / "raw")) == {
        "by_day": "2024-01-01.parquet",
        "lines": "1700000000.5.abc.jsonl",
    }
    lake = FilesystemDestination(type="filesystem", bucket_url="file://none")
    assert found_pipelines(lake, root=tmp_path, secrets=NO_SECRETS) == ()


def test_what_a_schema_says_of_merging_and_of_changes() -> None:
    document = {
        "settings": {"schema_contract": {"data_type": "freeze", "columns": "evolve"}},
        "tables": {
            "a": {"columns": {"id": {"merge_key": True}, "gone": {"hard_delete": True}}},
            "b": {"columns": {"at": {"incremental": True}}, "schema_contract": "freeze"},
        },
    }
    a, b = tables_of(document).values()
    assert (a.merge_hints, dict(a.contract)) == (
        ("merge_key id", "hard_delete gone"),
        {"data_type": "freeze"},
    )
    assert b.cursor_columns == ("at",)
    assert dict(b.contract) == dict.fromkeys(("tables", "columns", "data_type"), "freeze")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("snake_case", "snake_case"),
        ("dlt.common.normalizers.names.snake_case", "snake_case"),
        ("dlt.common.normalizers.names.sql_ci_v1", "sql_ci_v1"),
        ("my.own.snake_case", "my.own.snake_case"),
    ],
)
def test_a_naming_convention_has_a_short_name(written: str, name: str) -> None:
    assert naming_of({"normalizers": {"names": written}}) == name
    assert naming_of({}) == "snake_case"


def test_a_source_s_tables_are_told_where_that_takes_no_driver(tmp_path: Path) -> None:
    ops = SqliteSource(type="sqlite", path="ops.db")
    assert source_tables(ops, root=tmp_path) is None
    assert not (tmp_path / "ops.db").exists()
    sqlite(tmp_path, OPS + "CREATE VIEW recent AS SELECT id FROM orders;")
    tables = source_tables(ops, root=tmp_path)
    assert tables
    assert (tables["CustomerMaster"], tables["recent"]) == (("CustomerId", "UpdatedAt", "name"), ("id",))
    assert source_tables(SqlSource(type="sql", url="sqlite:///ops.db"), root=tmp_path) is None
