"""A schema of SQL Server is discovered, and what was written is valid, plans, and loads every row; doctor and sample know it too."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from databridge.cli.app import run
from databridge.model.diagnostic import ExitCode
from tests.servers.odbc import MICROSOFT
from tests.support.mssqldatabase import MsSqlDatabase
from tests.support.project import Project


@pytest.fixture
def project(mssql: MsSqlDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    mssql.run("CREATE SCHEMA sales")
    mssql.run(
        "CREATE TABLE sales.Customers (Id int IDENTITY NOT NULL PRIMARY KEY, Name nvarchar(99), Balance decimal(38, 10),"
        " Token uniqueidentifier, UpdatedAt datetimeoffset NOT NULL)",
        "CREATE INDEX at ON sales.Customers (UpdatedAt)",
        "CREATE TABLE sales.Clicks (Id bigint IDENTITY NOT NULL PRIMARY KEY, Page varchar(max))",
        "CREATE VIEW sales.Names AS SELECT Name FROM sales.Customers",
        "INSERT INTO sales.Customers (Name, Balance, UpdatedAt) VALUES (N'Ada', 1234567890123456789012345678.0123456789,"
        " '2024-01-01 09:00:00.1234567 +02:00')",
        "INSERT INTO sales.Clicks (Page) SELECT 'home' FROM GENERATE_SERIES(1, 3000)",
    )
    project = Project(tmp_path, {"DATABRIDGE_SECRET_MS": mssql.source.password})
    project.write("databridge.yaml", "project: shop\n")
    source = mssql.source
    project.write(
        "stacks/_shared/places.yaml",
        f"sources:\n  erp: {{type: mssql, host: {source.host}, port: {source.port}, database: {source.database}, "
        f"username: {source.username}, password: '${{secret.ms}}', trust_server_certificate: true}}\n",
    )
    monkeypatch.setenv("DATABRIDGE_SECRET_MS", source.password)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return project


def test_it_loads_as_it_was_written(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["discover", "erp", "--schema", "sales", "--out", "erp"]) == ExitCode.DONE
    assert "Plan: 3 to create." in capsys.readouterr().out
    text = (project.root / "stacks/erp.yaml").read_text()
    assert "      - name: Customers\n        mode: merge " in text
    assert "        cursor_field: UpdatedAt  # " in text
    assert "seventh digit of the second" in text
    project.apply()
    with duckdb.connect(str(project.root / "data/warehouse.duckdb"), read_only=True) as lake:
        found = lake.execute(
            "SELECT name, balance::VARCHAR, epoch_us(updated_at) FROM raw_erp.customers"
        ).fetchall()
        counts = [
            lake.execute(f"SELECT count(*) FROM raw_erp.{table}").fetchone() for table in ("clicks", "names")
        ]
    assert found == [("Ada", "1234567890123456789012345678.0123456789", 1_704_092_400_123_456)]
    assert counts == [(3000,), (1,)]
    assert not project.has_changes()
    assert run(["sample", "erp.sales.Customers"]) == ExitCode.DONE
    assert "2024-01-01 07:00:00.123456+00:00" in capsys.readouterr().out
    assert run(["doctor", "erp", "--format", "json"]) == ExitCode.DONE
    checks = json.loads(capsys.readouterr().out)["checks"]
    told = {check["check"]: check["told"] for check in checks if check["subject"] == "source erp"}
    assert MICROSOFT in told["ODBC drivers"]
    assert told["clock"] == "as here"
    assert told["reader"].startswith("mssql-rows: ")
