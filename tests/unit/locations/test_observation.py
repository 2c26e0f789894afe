"""A closer look at a DuckDB file and at a filesystem: what dead loads left, staging, real tables, sizes."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from databridge.locations.read import Wanted, read_locations
from databridge.model.destination import Destination, DuckDbDestination, FilesystemDestination
from databridge.model.observed import DeclaredColumn, Leftover, Observed, RecordCounts, Remains
from databridge.model.recorded import RecordedPipeline
from tests.support.secrets import NO_SECRETS
from tests.unit.locations.places import add_loads, add_schemas, add_states, make_dataset, state_text

WAREHOUSE = DuckDbDestination(type="duckdb", path="w.duckdb")
LAKE = FilesystemDestination(type="filesystem", bucket_url="file://lake")
FIRST, DEAD, LAST = "1700000001.5", "1700000002.5", "1700000003.5"


def table(name: str, disposition: str = "append", **more: object) -> dict[str, object]:
    columns = {"id": {"data_type": "bigint"}, "_dlt_load_id": {"data_type": "text"}, "unseen": {}}
    seen = {"x-normalizer": {"seen-data": True}}
    return (
        {"name": name, "resource": name, "write_disposition": disposition, "columns": columns} | seen | more
    )


def nested(name: str, parent: str) -> dict[str, object]:
    columns = {c: {"data_type": "text"} for c in ("_dlt_id", "_dlt_parent_id")}
    return {"name": name, "parent": parent, "columns": columns, "x-normalizer": {"seen-data": True}}


SCHEMA = json.dumps(
    {
        "version": 7,
        "tables": {
            "_dlt_loads": {"columns": {}},
            "orders": table("orders"),
            "orders__items": nested("orders__items", "orders"),
            "orders__items__taxes": nested("orders__items__taxes", "orders__items"),
            "planned": {"columns": {"id": {"data_type": "bigint"}}},
        },
    }
)
OTHER = json.dumps({"tables": {"others": table("others")}})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "pipelines" / "s_a"
    (folder / "load" / "loaded" / FIRST).mkdir(parents=True)
    (folder / "load" / "loaded" / FIRST / "package_completed.json").write_text("loaded")
    (folder / "state.json").write_text(state_text("s_a"))
    return tmp_path


@pytest.fixture
def warehouse(project: Path) -> Path:
    file = project / "w.duckdb"
    make_dataset(file, "raw")
    loads = [(FIRST, "s_a", 0), (LAST, "s_a", 0), (FIRST, "s_b", 0)]
    add_loads(file, "raw", loads)
    add_states(file, "raw", [("s_a", i, state_text("s_a")) for i in (FIRST, DEAD)] + [("s_b", DEAD, "dead")])
    add_schemas(
        file, "raw", [("2024-01-01", "s_a", "schema_a", SCHEMA), ("2024-01-01", "s_b", "schema_b", OTHER)]
    )
    make_dataset(file, "raw_staging")
    add_schemas(file, "raw_staging", [("2024-01-01", "s_a", "schema_0", "{}")])
    with duckdb.connect(file) as connection:
        connection.execute(f"""
            CREATE TABLE raw.orders AS SELECT 1 AS id, '{FIRST}' AS _dlt_load_id, 0::DECIMAL(12,2) AS note
                UNION ALL SELECT 2, '{DEAD}', 0 UNION ALL SELECT 3, '{DEAD}', 0 UNION ALL SELECT 4, NULL, 0;
            CREATE TABLE raw.others AS SELECT 1 AS id, '{DEAD}' AS _dlt_load_id;
            CREATE TABLE raw.strange AS SELECT 1 AS id, '{DEAD}' AS _dlt_load_id;
            CREATE VIEW raw.seen AS FROM raw.orders;
            CREATE TABLE raw_staging.orders (id BIGINT);
            CREATE TABLE raw_staging.others (id BIGINT);
            CREATE TABLE raw_staging.gone (id BIGINT);
        """)
    return project


@pytest.fixture
def lake(project: Path) -> Path:
    raw, staging = project / "lake" / "raw", project / "lake" / "raw_staging"
    for folder in (raw / "orders", raw / "_dlt_loads", raw / "_dlt_pipeline_state", raw / "_dlt_version"):
        folder.mkdir(parents=True)
    (staging / "gone").mkdir(parents=True)
    (staging / "orders").mkdir()
    for load_id in (FIRST, LAST):
        (raw / "_dlt_loads" / f"s_a__{load_id}.jsonl").touch()
        (raw / "orders" / f"{load_id}.abc.parquet").touch()
    for number in (1, 2):
        (raw / "orders" / f"{DEAD}.{number}.parquet").touch()
        (staging / "gone" / f"{DEAD}.{number}.parquet").touch()
    (raw / "orders" / "notes.txt").touch()
    for load_id in (FIRST, DEAD):
        file = raw / "_dlt_pipeline_state" / f"s_a__{load_id}__00.jsonl"
        file.write_text(json.dumps({"state": state_text("s_a")}))
    (raw / "_dlt_version" / f"s_a__{FIRST}__00.jsonl").write_text(json.dumps({"schema": SCHEMA}))
    return project


def look(project: Path, destination: Destination, name: str = "a") -> RecordedPipeline:
    wanted = Wanted(f"s.{name}", f"s_{name}", f"s_{name}", destination, "raw", closely=True)
    found = read_locations(
        [wanted], root=project, pipelines_dir=project / "pipelines", secrets=NO_SECRETS, refresh=True
    )
    return found[f"s.{name}"]


def seen(project: Path, destination: Destination, name: str = "a") -> Observed:
    found = look(project, destination, name).observed
    assert found is not None
    return found


def test_rows_of_loads_that_are_not_on_record_are_counted_in_the_pipelines_own_tables(
    warehouse: Path,
) -> None:
    assert seen(warehouse, WAREHOUSE).remains == (
        Remains("orders", DEAD, 2),
        Remains("_dlt_pipeline_state", DEAD, 1),
    )
    assert seen(warehouse, WAREHOUSE, "b").remains == (
        Remains("others", DEAD, 1),
        Remains("_dlt_pipeline_state", DEAD, 1),
    )


def test_what_is_staged_and_known_to_no_schema_of_the_dataset_is_left_over(warehouse: Path) -> None:
    assert seen(warehouse, WAREHOUSE).leftovers == (Leftover("gone"),)
    assert seen(warehouse, WAREHOUSE).staging_schema == "schema_0"


def test_nothing_is_left_over_where_a_schema_can_not_be_read(warehouse: Path) -> None:
    add_schemas(warehouse / "w.duckdb", "raw", [("2024-01-02", "s_b", "schema_c", "damaged")])
    assert seen(warehouse, WAREHOUSE).leftovers == ()


def test_real_tables_and_their_columns(warehouse: Path) -> None:
    tables = seen(warehouse, WAREHOUSE).tables
    assert set(tables) == {"orders", "others", "strange"}
    assert tables["orders"] == {"id": "INTEGER", "_dlt_load_id": "VARCHAR", "note": "DECIMAL(12,2)"}


def test_declared_tables_are_those_that_have_seen_data(warehouse: Path) -> None:
    declared = seen(warehouse, WAREHOUSE).declared
    assert set(declared) == {"orders", "orders__items", "orders__items__taxes"}
    assert declared["orders"].columns == {
        "id": DeclaredColumn("bigint", "BIGINT"),
        "_dlt_load_id": DeclaredColumn("text", "VARCHAR"),
    }
    assert (declared["orders"].resource, declared["orders"].write_disposition) == ("orders", "append")


def test_a_nested_table_is_written_as_its_root_is(warehouse: Path) -> None:
    declared = seen(warehouse, WAREHOUSE).declared
    assert not declared["orders"].nested
    for name in ("orders__items", "orders__items__taxes"):
        table = declared[name]
        assert (table.nested, table.resource, table.write_disposition) == (True, "orders", "append")


def test_nested_rows_are_of_the_load_of_their_root_or_of_none(warehouse: Path) -> None:
    with duckdb.connect(warehouse / "w.duckdb") as connection:
        connection.execute("""
            ALTER TABLE raw.orders ADD COLUMN _dlt_id VARCHAR;
            UPDATE raw.orders SET _dlt_id = 'order ' || id;
            CREATE TABLE raw.orders__items AS SELECT 'item ' || n AS _dlt_id, 'order ' || n AS _dlt_parent_id
                FROM range(1, 7) AS numbers(n);
            CREATE TABLE raw.orders__items__taxes AS
                SELECT 'tax ' || n AS _dlt_id, 'item ' || n AS _dlt_parent_id FROM range(1, 8) AS numbers(n);
        """)
    assert seen(warehouse, WAREHOUSE).remains == (
        Remains("orders", DEAD, 2),
        Remains("orders__items", "", 2),
        Remains("orders__items", DEAD, 2),
        Remains("orders__items__taxes", "", 3),
        Remains("orders__items__taxes", DEAD, 2),
        Remains("_dlt_pipeline_state", DEAD, 1),
    )


def test_nothing_is_told_of_nested_rows_that_can_not_be_joined(warehouse: Path) -> None:
    with duckdb.connect(warehouse / "w.duckdb") as connection:
        connection.execute("CREATE TABLE raw.orders__items AS SELECT 'x' AS _dlt_id, 'y' AS _dlt_parent_id")
    assert [each.table for each in seen(warehouse, WAREHOUSE).remains] == ["orders", "_dlt_pipeline_state"]


def test_files_of_nested_tables_bear_their_load_in_their_names(lake: Path) -> None:
    folder = lake / "lake" / "raw" / "orders__items"
    folder.mkdir()
    for load_id in (FIRST, DEAD):
        (folder / f"{load_id}.abc.parquet").touch()
    assert Remains("orders__items", DEAD, 1) in seen(lake, LAKE).remains


def test_sizes(warehouse: Path) -> None:
    found = seen(warehouse, WAREHOUSE)
    assert found.counts == RecordCounts(states=2, schemas=1, loads=2)
    assert (found.oldest_load, found.packages) == (FIRST, 1)
    assert found.folder_bytes == len(state_text("s_a")) + len("loaded")


def test_how_often_a_schema_changed(warehouse: Path) -> None:
    state = look(warehouse, WAREHOUSE).destination.state
    assert state is not None
    assert state.schema_version == 7


def test_files_of_loads_that_are_not_on_record(lake: Path) -> None:
    found = seen(lake, LAKE)
    assert found.remains == (Remains("orders", DEAD, 2), Remains("_dlt_pipeline_state", DEAD, 1))
    assert found.leftovers == (Leftover("gone", 2),)
    assert found.tables == {"orders": None}
    assert found.counts == RecordCounts(states=2, schemas=1, loads=2)
    assert found.oldest_load == FIRST
    assert found.declared["orders"].columns["id"].stored_as is None


@pytest.mark.parametrize("destination", [WAREHOUSE, LAKE])
def test_nothing_is_there_yet(project: Path, destination: Destination) -> None:
    found = seen(project, destination)
    assert (found.remains, found.leftovers, found.tables, found.declared) == ((), (), {}, {})
    assert found.packages == 1


def test_nobody_asked_for_a_closer_look(warehouse: Path) -> None:
    wanted = Wanted("s.a", "s_a", "s_a", WAREHOUSE, "raw")
    found = read_locations(
        [wanted], root=warehouse, pipelines_dir=warehouse / "pipelines", secrets=NO_SECRETS
    )
    assert found["s.a"].observed is None
