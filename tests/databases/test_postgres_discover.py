"""A schema of PostgreSQL is discovered, and what was written is valid, plans, and loads every row; doctor and sample know it too."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from databridge.cli.app import run
from databridge.model.diagnostic import ExitCode
from tests.support.postgresdatabase import PostgresDatabase
from tests.support.project import Project

SCHEMA = """
    CREATE SCHEMA sales;
    CREATE TYPE sales.mood AS ENUM ('calm', 'wild');
    CREATE TABLE sales.customers (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, balance numeric,
      tags text[], mood sales.mood, data jsonb, "updatedAt" timestamptz NOT NULL);
    CREATE INDEX ON sales.customers ("updatedAt");
    CREATE TABLE sales.countries (code char(2) PRIMARY KEY, area numeric(50, 2));
    CREATE TABLE sales.clicks (id bigserial PRIMARY KEY, page text);
    CREATE TABLE sales.visits (id integer, day date NOT NULL) PARTITION BY RANGE (day);
    CREATE TABLE sales.visits_2024 PARTITION OF sales.visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE sales.tmp_old (id integer);
    CREATE VIEW sales.names AS SELECT name FROM sales.customers;
    CREATE MATERIALIZED VIEW sales.pages AS SELECT DISTINCT page FROM sales.clicks;
    INSERT INTO sales.customers (name, balance, tags, mood, data, "updatedAt") VALUES
      ('Ada', 12345678901234567890.123456789012345678901, '{a,b}', 'calm', '{"x": 1}', '2024-01-01 09:00+02');
    INSERT INTO sales.countries VALUES ('de', 357592.00);
    INSERT INTO sales.clicks (page) SELECT 'home' FROM generate_series(1, 100001);
    INSERT INTO sales.visits VALUES (1, '2024-05-05');
    REFRESH MATERIALIZED VIEW sales.pages;
    CREATE ROLE reader_of_sales LOGIN;
    GRANT USAGE ON SCHEMA sales TO reader_of_sales;
    GRANT SELECT ON sales.customers, sales.countries TO reader_of_sales;
"""


@pytest.fixture
def project(database: PostgresDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path)
    database.run("DROP ROLE IF EXISTS reader_of_sales")
    database.run(SCHEMA)
    project.write("databridge.yaml", "project: shop\n")
    write_source(project, database, "postgres")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return project


@pytest.fixture(autouse=True)
def no_role_stays(database: PostgresDatabase) -> object:
    yield
    database.run("DROP OWNED BY reader_of_sales; DROP ROLE reader_of_sales")


def write_source(project: Project, database: PostgresDatabase, user: str) -> None:
    host, port = database.server.split(":")
    place = f"{{type: postgres, host: {host}, port: {port}, database: {database.name}, username: {user}}}"
    project.write("stacks/_shared/places.yaml", f"sources:\n  erp: {place}\n")


def test_it_loads_as_it_was_written(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--schema", "sales", "--exclude", "tmp_*", "--out", "erp")
    assert run(["discover", "erp", *options]) == ExitCode.DONE
    assert "Plan: 6 to create." in capsys.readouterr().out
    text = (project.root / "stacks/erp.yaml").read_text()
    assert "    defaults: {schema: sales}\n" in text
    assert "# Left out: visits_2024: its rows are in visits too.\n" in text
    assert "      - name: customers\n        mode: merge " in text
    assert "        cursor_field: updatedAt  # " in text
    assert "      - name: clicks\n        mode: incremental " in text
    assert "      - name: pages\n        mode: snapshot " in text
    assert "columns:" not in text  # its types are all read exactly
    project.apply()
    with duckdb.connect(str(project.root / "data/warehouse.duckdb"), read_only=True) as lake:
        counts = {
            table: lake.execute(f"SELECT count(*) FROM raw_erp.{table}").fetchall()[0][0]
            for table in ("customers", "countries", "clicks", "visits", "names", "pages")
        }
        balance = lake.execute("SELECT balance FROM raw_erp.customers").fetchall()
    assert counts == {"customers": 1, "countries": 1, "clicks": 100_001, "visits": 1, "names": 1, "pages": 1}
    assert balance == [("12345678901234567890.123456789012345678901",)]
    assert not project.has_changes()
    assert run(["sample", "erp.sales.customers"]) == ExitCode.DONE
    assert "2024-01-01 07:00:00+00:00" in capsys.readouterr().out


def test_grants_that_are_missing_are_told(
    project: Project, database: PostgresDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["discover", "erp", "--schema", "sales", "--include", "c*", "--out", "erp"]) == ExitCode.DONE
    write_source(project, database, "reader_of_sales")
    capsys.readouterr()
    assert run(["doctor", "erp", "--format", "json"]) == ExitCode.ERROR
    checks = json.loads(capsys.readouterr().out)["checks"]
    found = {check["check"]: check for check in checks if check["subject"] == "source erp"}
    assert found.keys() == {"driver", "reachable", "login", "clock", "reader", "sales.clicks"}
    assert found["login"]["told"].startswith("as reader_of_sales, postgresql ")
    assert found["clock"]["told"] == "as here"
    assert found["sales.clicks"]["outcome"] == "failed"
    assert "grant reader_of_sales SELECT" in found["sales.clicks"]["remedy"]
    write_source(project, database, "nobody_there")
    assert run(["doctor", "erp", "--format", "json"]) == ExitCode.ERROR
    checks = json.loads(capsys.readouterr().out)["checks"]
    (login,) = (check for check in checks if check["check"] == "login")
    assert login["told"] == "it refuses the credentials, or does not let them read here"


def test_a_destination_is_asked_for_its_grants(
    project: Project, database: PostgresDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    for user, wanted in (("postgres", "ok"), ("reader_of_sales", "failed")):
        url = f"postgresql+psycopg://{user}@{database.server}/{database.name}"
        project.write("stacks/_shared/goal.yaml", f"destinations:\n  dwh: {{type: sql, url: '{url}'}}\n")
        run(["doctor", "dwh", "--format", "json"])
        checks = json.loads(capsys.readouterr().out)["checks"]
        (writing,) = (c for c in checks if (c["subject"], c["check"]) == ("destination dwh", "writing"))
        assert writing["outcome"] == wanted
    assert database.run("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'raw%'") == [(0,)]
