"""dlt's schema against real tables: the statement that is shown puts them right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from databridge.model.address import Address
from databridge.model.observed import DeclaredColumn, DeclaredTable, Observed
from databridge.model.recorded import LocationKind
from databridge.plan.drift import Drift
from databridge.plan.tabledrift import table_drifts
from tests.support.builders import located, state_of

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
) -> list[Drift]:
    place = located(state_of(), state_of())
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
    assert (drift.code, drift.command) == ("DB710", "databridge reset sales.main.ORDERS")


def test_files_have_no_columns() -> None:
    assert found({"orders": None}, kind=LocationKind.FILESYSTEM) == []


def test_a_folder_that_was_replaced_by_no_rows_is_not_seen() -> None:
    lake = LocationKind.FILESYSTEM
    assert found({}, replace(ORDERS, write_disposition="replace"), kind=lake) == []
    assert [drift.code for drift in found({}, kind=lake)] == ["DB710"]


def test_a_nested_table_is_the_pipelines() -> None:
    columns = {name: column for name, column in ORDERS.columns.items() if column.stored_as}
    (drift,) = found({}, replace(ORDERS, resource="", columns=columns))
    assert (drift.address, drift.command) == (HERE, "")
    assert drift.statement == 'CREATE TABLE "raw"."orders" ("id" BIGINT, "amount" DECIMAL(10,2))'
    assert drift.hint


def test_no_statement_is_made_up_where_a_type_is_not_known() -> None:
    (drift,) = found({}, replace(ORDERS, resource=""))
    assert drift.statement == ""


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
