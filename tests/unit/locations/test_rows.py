"""What is counted are the tables that dlt's schema calls the resource's own, nested ones apart; and not for longer than is allowed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import duckdb
import pytest

from databridge.locations.rows import count_rows
from databridge.locations.stored import PlaceUnreadable
from databridge.locations.tally import Tally, Tallying
from databridge.locations.wanted import RowsWanted
from databridge.model.address import Address
from databridge.model.destination import DuckDbDestination
from databridge.model.recorded import LocationStatus
from databridge.model.rowcount import RowCount
from tests.support.secrets import NO_SECRETS
from tests.unit.locations.places import add_loads, add_schemas, make_dataset

WAREHOUSE = DuckDbDestination(type="duckdb", path="w.duckdb")
SEEN = {"x-normalizer": {"seen-data": True}}
SCHEMA = json.dumps(
    {
        "tables": {
            "orders": {"resource": "ORDERS", **SEEN},
            "orders__items": {"parent": "orders", **SEEN},
            "orders__items__taxes": {"parent": "orders__items", **SEEN},
            "empty": {"resource": "EMPTY", **SEEN},
            "gone": {"resource": "GONE", **SEEN},
        }
    }
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    file = tmp_path / "w.duckdb"
    make_dataset(file, "raw")
    add_loads(file, "raw", [("1700000001.5", "s_a", 0)])
    add_schemas(file, "raw", [("2024-01-01", "s_a", "schema_a", SCHEMA)])
    with duckdb.connect(file) as connection:
        connection.execute("""
            CREATE TABLE raw.orders AS SELECT unnest([1, 1, 1, 2, NULL, NULL]) AS id;
            CREATE TABLE raw.orders__items AS SELECT unnest([1, 2, 3]) AS id;
            CREATE TABLE raw.orders__items__taxes AS SELECT 1 AS id;
            CREATE TABLE raw.orders__by_hand AS SELECT 1 AS id;
            CREATE TABLE raw.empty (id BIGINT);
            CHECKPOINT;
        """)
    return tmp_path


def count(project: Path, resource: str, *key: str, seconds: float = 60) -> RowCount | None:
    address = Address("s", "a", resource)
    wanted = RowsWanted(address, "s_a", "s_a", WAREHOUSE, "raw", resource, key)
    return count_rows([wanted], root=project, secrets=NO_SECRETS, seconds=seconds).get(address)


def test_nested_rows_are_counted_apart_and_tables_made_by_hand_not_at_all(project: Path) -> None:
    assert count(project, "ORDERS") == RowCount(6, nested=4)


def test_rows_deleted_since_the_last_checkpoint_are_not_there(project: Path) -> None:
    with duckdb.connect(project / "w.duckdb") as connection:
        connection.execute("SET checkpoint_threshold = '1GB'; DELETE FROM raw.orders WHERE id = 1")
        assert connection.execute("SELECT count(*) FROM raw.orders").fetchone() == (3,)
    assert count(project, "ORDERS") == RowCount(3, nested=4)


def test_rows_whose_key_is_null_are_like_no_other(project: Path) -> None:
    assert count(project, "ORDERS", "id") == RowCount(6, nested=4, alike=2)


@pytest.mark.parametrize("resource", ["EMPTY", "GONE"])
def test_a_table_that_is_empty_or_gone_has_no_rows(project: Path, resource: str) -> None:
    assert count(project, resource, "id") == RowCount(0, alike=0)


def test_what_is_not_known_in_time_is_not_known(project: Path) -> None:
    assert count(project, "ORDERS", seconds=0) is None


def test_a_destination_that_gives_no_answer_has_no_numbers(project: Path) -> None:
    (project / "w.duckdb").write_text("no database")
    assert count(project, "ORDERS") is None


def test_a_statement_that_takes_too_long_is_stopped_and_no_other_begun() -> None:
    stopped, asked = Event(), list[str]()

    def ask(statement: str) -> list[Sequence[object]]:
        asked.append(statement)
        assert stopped.wait(60)
        raise PlaceUnreadable(LocationStatus.UNKNOWN, "it was stopped")

    tallies = [Tally("raw", "orders"), Tally("raw", "orders", ("id",))]
    tallying = Tallying(lambda dataset, table: f"{dataset}.{table}", str)
    assert tallying.answers(tallies, ask, seconds=0.01, stop=stopped.set) == {}
    assert asked == ["SELECT 0 AS place, count(*) AS number FROM raw.orders"]
