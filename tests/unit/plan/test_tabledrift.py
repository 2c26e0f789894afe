"""dlt's schema against real tables: the statement that is shown puts them right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import pytest

from databridge.model.address import Address
from databridge.model.observed import DeclaredColumn, DeclaredTable, Observed
from databridge.model.recorded import FileMark, LocationKind, ResourceState
from databridge.plan.drift import Drift
from databridge.plan.tabledrift import table_drifts
from tests.support.builders import cursor_state, located, state_of

HERE = Address("sales", "main")
ORDERS = DeclaredTable(
    "orders",
    "ORDERS",
    "append",
    {
        "id": DeclaredColumn("bigint", "BIGINT"),
        "amount": DeclaredColumn("decimal(10,2)", "DECIMAL(10,2)"),
        "odd": DeclaredColumn("vector", None),
    },
)
SOUND = {"ID": "BIGINT", "amount": "decimal(10, 2)", "odd": "FLOAT[3]"}


def found(
    tables: Mapping[str, Mapping[str, str] | None],
    table: DeclaredTable = ORDERS,
    kind: LocationKind = LocationKind.DUCKDB,
    *states: ResourceState,
) -> list[Drift]:
    place = located(state_of(), state_of(resources={each.name: each for each in states}))
    seen = Observed(declared={table.name: table}, tables=tables)
    whole = replace(place, destination=replace(place.destination, kind=kind), observed=seen)
    return list(table_drifts(HERE, whole, "raw"))


def test_tables_that_are_as_they_should_be() -> None:
    assert found({"orders": SOUND, "of_somebody_else": {"x": "INT"}}) == []


def test_a_column_that_is_not_there() -> None:
    (drift,) = found({"orders": {"id": "BIGINT", "odd": "FLOAT[3]"}})
    assert (drift.code, str(drift.address)) == ("DB711", "sales.main.ORDERS")
    assert drift.statement == 'ALTER TABLE "raw"."orders" ADD COLUMN "amount" DECIMAL(10,2)'


def test_a_column_of_another_type() -> None:
    (drift,) = found({"orders": SOUND | {"amount": "DOUBLE"}})
    assert drift.code == "DB712"
    assert drift.summary == "column amount of raw.orders is of type DOUBLE, and dlt made it DECIMAL(10,2)"
    assert drift.statement == 'ALTER TABLE "raw"."orders" ALTER COLUMN "amount" TYPE DECIMAL(10,2)'


def test_a_column_that_nobody_knows() -> None:
    (drift,) = found({"orders": SOUND | {'my "note"': "VARCHAR"}})
    assert drift.code == "DB713"
    assert drift.statement == 'ALTER TABLE "raw"."orders" DROP COLUMN "my ""note"""'


def test_a_table_that_is_not_there() -> None:
    (drift,) = found({})
    assert (drift.code, drift.command) == ("DB710", "databridge repair sales.main.ORDERS")
    assert drift.detail.endswith("Until the table is made again, a load with rows for it fails.")


@pytest.mark.parametrize(
    ("state", "disposition", "words"),
    [
        (cursor_state("ORDERS", "AT", 1), "append", "a load brings only what is new by its cursor"),
        (
            ResourceState("ORDERS", files={"a.csv": FileMark(1, "")}),
            "append",
            "a load brings only files that were not loaded yet",
        ),
        (None, "append", "a load brings what the source has now, not what earlier loads brought"),
        (None, "merge", "a load brings all that the source has now"),
    ],
)
def test_what_loads_bring_of_a_table_that_is_gone(
    state: ResourceState | None, disposition: str, words: str
) -> None:
    table = replace(ORDERS, write_disposition=disposition)
    (drift,) = found({}, table, LocationKind.FILESYSTEM, *([state] if state else []))
    assert drift.detail == f"Its rows are gone, and {words}."


def test_files_have_no_columns() -> None:
    assert found({"orders": None}, kind=LocationKind.FILESYSTEM) == []


def test_a_folder_that_was_replaced_by_no_rows_is_not_seen() -> None:
    lake = LocationKind.FILESYSTEM
    assert found({}, replace(ORDERS, write_disposition="replace"), kind=lake) == []
    assert [drift.code for drift in found({}, kind=lake)] == ["DB710"]


def test_a_nested_table_is_made_anew_by_a_reset_of_its_resource() -> None:
    (drift,) = found({}, replace(ORDERS, name="orders__items", nested=True))
    assert (drift.code, drift.statement) == ("DB710", "")
    assert drift.command == "databridge repair sales.main.ORDERS"


def test_databricks_quotes_otherwise_and_makes_a_table_anew_for_another_type() -> None:
    (drift,) = found({"orders": SOUND | {"amount": "double"}}, kind=LocationKind.DATABRICKS)
    assert drift.statement == (
        "CREATE OR REPLACE TABLE `raw`.`orders` AS SELECT * EXCEPT (`amount`), CAST(`amount` AS DECIMAL(10,2)) AS `amount` FROM `raw`.`orders`"
    )


def test_the_statements_do_what_they_are_shown_for() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA raw; CREATE TABLE raw.orders (id BIGINT, amount DOUBLE, note INT)")
        for _ in range(3):
            columns = dict(
                connection.execute(
                    "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'raw'"
                ).fetchall()
            )
            drifts = found(
                {"orders": columns} if columns else {},
                replace(ORDERS, columns={k: ORDERS.columns[k] for k in ("id", "amount")}),
            )
            for drift in drifts:
                connection.execute(drift.statement)
        assert columns == {"id": "BIGINT", "amount": "DECIMAL(10,2)"}
