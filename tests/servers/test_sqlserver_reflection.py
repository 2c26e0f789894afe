"""SQLAlchemy and dlt read the catalogue and the rows through `mssql+pyodbc`, as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import dlt
import duckdb
import pytest
import sqlalchemy as sa
from dlt.sources.sql_database import sql_table
from sqlalchemy.dialects import mssql

from tests.servers.sqlserverground import SqlServerGround

Backend = Literal["sqlalchemy", "pyarrow"]


@pytest.fixture
def shop(sqlserver: SqlServerGround) -> SqlServerGround:
    sqlserver.execute(
        "CREATE SCHEMA sales",
        "CREATE TABLE dbo.Customers (Id int IDENTITY(1,1) CONSTRAINT PK_Customers PRIMARY KEY, Name nvarchar(80) NOT NULL,"
        " Email varchar(200) UNIQUE, Since date CONSTRAINT DF_Since DEFAULT ('2020-01-01'))",
        "CREATE TABLE sales.Orders (Id bigint NOT NULL, Line smallint NOT NULL, Customer int NOT NULL,"
        " Amount decimal(18, 4), Twice AS (Line * 2), CONSTRAINT PK_Orders PRIMARY KEY (Id, Line),"
        " CONSTRAINT FK_Orders_Customers FOREIGN KEY (Customer) REFERENCES dbo.Customers (Id) ON DELETE CASCADE)",
        "CREATE INDEX IX_Orders_Customer ON sales.Orders (Customer, Amount DESC)",
        "CREATE VIEW sales.Totals AS SELECT Customer, SUM(Amount) AS Total FROM sales.Orders GROUP BY Customer",
        "INSERT INTO dbo.Customers (Name, Email) VALUES (N'Ann', 'a@x'), (N'Bo', NULL)",
        "INSERT INTO sales.Orders (Id, Line, Customer, Amount) VALUES (1, 1, 1, 10.5), (1, 2, 1, 0.0001), (2, 1, 2, NULL)",
    )
    return sqlserver


@pytest.fixture
def inspector(shop: SqlServerGround) -> Iterator[sa.Inspector]:
    engine = sa.create_engine(shop.url)
    yield sa.inspect(engine)
    engine.dispose()


def test_tables_and_views(inspector: sa.Inspector):
    assert inspector.default_schema_name == "dbo"
    assert {"dbo", "sales"} <= set(inspector.get_schema_names())
    assert inspector.get_table_names() == ["Customers"]
    assert inspector.get_table_names("sales") == ["Orders"]
    assert inspector.get_view_names("sales") == ["Totals"]
    assert inspector.get_view_definition("Totals", "sales").startswith("CREATE VIEW sales.Totals")
    assert inspector.has_table("customers")
    assert not inspector.has_table("nope")


def test_columns(inspector: sa.Inspector):
    columns = {column["name"]: column for column in inspector.get_columns("Customers")}
    assert list(columns) == ["Id", "Name", "Email", "Since"]
    assert [column["nullable"] for column in columns.values()] == [False, False, True, True]
    assert columns["Id"]["identity"] == {"start": 1, "increment": 1}
    assert isinstance(columns["Name"]["type"], sa.NVARCHAR)
    assert columns["Name"]["type"].length == 80
    assert isinstance(columns["Email"]["type"], sa.VARCHAR)
    assert columns["Since"]["default"] == "('2020-01-01')"
    orders = {column["name"]: column for column in inspector.get_columns("Orders", "sales")}
    assert repr(orders["Amount"]["type"]) == "DECIMAL(precision=18, scale=4)"
    assert orders["Twice"]["computed"]["persisted"] is False


def test_keys_and_indexes(inspector: sa.Inspector):
    assert inspector.get_pk_constraint("Customers")["name"] == "PK_Customers"
    assert inspector.get_pk_constraint("Orders", "sales")["constrained_columns"] == ["Id", "Line"]
    (foreign,) = inspector.get_foreign_keys("Orders", "sales")
    assert foreign["name"] == "FK_Orders_Customers"
    assert (foreign["constrained_columns"], foreign["referred_columns"]) == (["Customer"], ["Id"])
    assert (foreign["referred_table"], foreign["options"]) == ("Customers", {"ondelete": "CASCADE"})
    indexes = {index["name"]: index for index in inspector.get_indexes("Orders", "sales")}
    assert indexes["IX_Orders_Customer"]["column_names"] == ["Customer", "Amount"]
    assert not indexes["IX_Orders_Customer"]["unique"]
    unique = [index for index in inspector.get_indexes("Customers") if index["unique"]]
    assert [index["column_names"] for index in unique] == [["Email"]]


def test_metadata_of_a_whole_schema(shop: SqlServerGround):
    engine = sa.create_engine(shop.url)
    metadata = sa.MetaData()
    metadata.reflect(engine, schema="sales", views=True, resolve_fks=True)
    assert {"sales.Orders", "sales.Totals", "Customers"} <= {
        str(name).removeprefix("dbo.") for name in metadata.tables
    }
    with engine.connect() as connection:
        totals = connection.execute(sa.select(metadata.tables["sales.Totals"]).order_by("Customer")).all()
    assert [(row.Customer, str(row.Total)) for row in totals] == [(1, "10.5001"), (2, "None")]
    engine.dispose()


def test_what_sqlalchemy_creates_is_reflected(sqlserver: SqlServerGround):
    engine = sa.create_engine(sqlserver.url)
    metadata = sa.MetaData()
    parent = sa.Table(
        "parent", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.String(9))
    )
    sa.Table(
        "child",
        metadata,
        sa.Column("id", mssql.UNIQUEIDENTIFIER, primary_key=True, autoincrement=False),
        sa.Column("parent_id", sa.ForeignKey("parent.id"), index=True),
    )
    metadata.create_all(engine)
    with engine.begin() as connection:
        assert connection.execute(parent.insert().values(x="a")).inserted_primary_key == (1,)
        connection.execute(parent.insert(), [{"x": "b"}, {"x": "c"}])
        connection.execute(parent.update().where(parent.c.x == "B").values(x="z"))
        assert connection.execute(sa.select(parent.c.x).order_by(parent.c.id)).scalars().all() == [
            "a",
            "z",
            "c",
        ]
    found = sa.inspect(engine).get_foreign_keys("child")
    assert [key["referred_table"] for key in found] == ["parent"]
    metadata.drop_all(engine)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize("backend", ["sqlalchemy", "pyarrow"])
def test_dlt_loads_what_is_new(sqlserver: SqlServerGround, tmp_path: Path, backend: Backend):
    sqlserver.execute(
        "CREATE TABLE dbo.events (id bigint NOT NULL PRIMARY KEY, what nvarchar(50), amount decimal(18, 4), at datetime2(6) NOT NULL)",
        "INSERT INTO dbo.events SELECT value, N'é', CAST(value AS decimal(14, 0)) * 0.0001, '2024-01-01' FROM GENERATE_SERIES(1, 500)",
    )
    lake = tmp_path / "lake.duckdb"
    url = sqlserver.url.render_as_string(hide_password=False)

    def load() -> None:
        events = sql_table(
            url,
            table="events",
            schema="dbo",
            backend=backend,
            incremental=dlt.sources.incremental("at"),
            reflection_level="full_with_precision",
        )
        pipeline = dlt.pipeline(
            "events",
            destination=dlt.destinations.duckdb(str(lake)),
            dataset_name="raw",
            pipelines_dir=str(tmp_path),
        )
        pipeline.run(events)

    load()
    sqlserver.execute("INSERT INTO dbo.events VALUES (501, N'new', 0.0001, '2024-01-01 00:00:00.000001')")
    load()
    with duckdb.connect(lake) as loaded:
        row = loaded.execute(
            'SELECT count(*), sum(amount)::VARCHAR, epoch_us(max("at")) FROM raw.events'
        ).fetchone()
    assert row == (501, "12.5251", 1704067200 * 10**6 + 1)
