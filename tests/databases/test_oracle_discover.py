"""A schema of Oracle is discovered, and what was written is valid, plans, and loads every row; doctor knows it too."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from databridge.cli.app import run
from databridge.model.diagnostic import ExitCode
from tests.servers.oracle.place import OracleSchema
from tests.support.project import Project

BALANCE = "12345678901234567890.123456789012345"
SCHEMA = (
    "CREATE TABLE customers (id NUMBER(9) PRIMARY KEY, name VARCHAR2(40), balance NUMBER, updated_at TIMESTAMP NOT NULL)",
    "CREATE TABLE countries (code CHAR(2) PRIMARY KEY, area NUMBER(38,2))",
    "CREATE TABLE tmp_old (id NUMBER(9))",
    "CREATE VIEW names AS SELECT name FROM customers",
    f"INSERT INTO customers VALUES (1, 'Ada', {BALANCE}, TIMESTAMP '2024-01-01 09:00:00')",
    "INSERT INTO countries VALUES ('de', 357592.00)",
)


@pytest.fixture
def project(oracle: OracleSchema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path, {"DATABRIDGE_SECRET_PW": oracle.password})
    oracle.run(*SCHEMA)
    project.write("databridge.yaml", "project: shop\n")
    write_source(project, oracle)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("DATABRIDGE_SECRET_PW", oracle.password)
    return project


def write_source(project: Project, oracle: OracleSchema) -> None:
    url = oracle.at.url
    place = f"host: {url.host}, port: {url.port}, service_name: {oracle.at.service}"
    who = f'username: {oracle.user}, password: "${{secret.pw}}"'
    project.write("stacks/_shared/places.yaml", f"sources:\n  erp: {{type: oracle, {place}, {who}}}\n")


def test_it_loads_as_it_was_written(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["discover", "erp", "--exclude", "tmp_*", "--out", "erp"]) == ExitCode.DONE
    assert "Plan: 3 to create." in capsys.readouterr().out
    stack = project.root / "stacks/erp.yaml"
    text = stack.read_text()
    assert "columns:" not in text  # its types are all read exactly
    project.apply()
    with duckdb.connect(str(project.root / "data/warehouse.duckdb"), read_only=True) as lake:
        assert lake.execute("SELECT id, name, balance FROM raw_erp.customers").fetchall() == [
            (1, "Ada", BALANCE)
        ]
        assert lake.execute("SELECT count(*) FROM raw_erp.countries, raw_erp.names").fetchall() == [(1,)]
    assert not project.has_changes()
    in_capitals = text.replace("name: customers", "name: CUSTOMERS").replace(": updated_at", ": UPDATED_AT")
    assert in_capitals != text
    stack.write_text(in_capitals)
    assert not project.has_changes()
    capsys.readouterr()
    assert run(["sample", "erp.erp.customers"]) == ExitCode.DONE
    assert BALANCE in capsys.readouterr().out


def test_doctor_tells_how_it_is(
    project: Project,
    oracle: OracleSchema,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["discover", "erp", "--include", "c*", "--out", "erp"]) == ExitCode.DONE
    for password, outcome in ((oracle.password, "ok"), ("wrong", "failed")):
        monkeypatch.setenv("DATABRIDGE_SECRET_PW", password)
        capsys.readouterr()
        run(["doctor", "erp", "--format", "json"])
        out = capsys.readouterr().out
        checks = {c["check"]: c for c in json.loads(out)["checks"] if c["subject"] == "source erp"}
        assert checks["login"]["outcome"] == outcome
        assert oracle.password not in out
        if outcome == "ok":
            assert checks["clock"]["told"] == "as here"
            assert checks["reader"]["told"].startswith("oracle-batches: ")
            assert checks["tables"]["outcome"] == "ok"
        else:
            assert checks["login"]["told"] == "it refuses the credentials, or does not let them read here"
