"""What `databridge sample` shows is what a load would make, and nothing is left of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import duckdb
import pytest

from databridge.cli.app import run
from databridge.model.diagnostic import ExitCode
from tests.support.project import Project

STACK = """
    stack: crm
    sources:
      erp: {type: sqlite, path: erp.db}
      landing: {type: filesystem, bucket_url: file://landing}
    destinations:
      lake: {type: duckdb, path: lake.duckdb}
    pipelines:
      tables:
        source: erp
        destination: lake
        dataset: raw
        resources:
          - {name: customers, include_columns: [id, name, born, paid, score, seen, text_of], primary_key: id,
             columns: {text_of: {data_type: text}}}
          - empty
      files:
        source: landing
        destination: lake
        dataset: raw
        resources:
          - {name: visits, glob: visits/*.csv}
          - {name: clicks, glob: clicks/*.jsonl}
          - {name: none, glob: none/*.csv}
"""
TABLE = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, born DATE, paid NUMERIC(10, 2), score REAL,
      seen TIMESTAMP, text_of NUMERIC, hidden TEXT);
    INSERT INTO customers VALUES (1, 'Ada', '1815-12-10', 10.25, 0.5, '2024-01-01 09:00:00', 12.5, 'x'),
      (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, 'Grace', NULL, 1, 1, NULL, NULL, 'x');
    CREATE TABLE empty (id INTEGER, at TIMESTAMP);
"""


@pytest.fixture
def crm(shop: Project) -> Project:
    shop.write("stacks/shop.yaml", STACK)
    shop.write("landing/visits/1.csv", "id,at,page\n1,2024-01-01 09:00:00,/\n2,2024-01-02 09:00:00,/cart\n")
    shop.write(
        "landing/clicks/1.jsonl", '{"id": 9007199254740993, "on": {"x": 1}}\n\n{"id": 2, "late": true}\n'
    )
    (shop.root / "landing/none").mkdir()
    with closing(sqlite3.connect(shop.root / "erp.db")) as connection:
        connection.executescript(TABLE)
    return shop


def sampled(
    capsys: pytest.CaptureFixture[str], address: str, *options: str
) -> dict[str, list[dict[str, object]]]:
    assert run(["sample", address, "--format", "json", *options]) == ExitCode.DONE
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


def test_the_types_are_those_that_a_load_gives(crm: Project, capsys: pytest.CaptureFixture[str]) -> None:
    told = {
        column["name"]: column["stored_type"]
        for address in ("crm.tables.customers", "crm.files.visits")
        for column in sampled(capsys, address)["columns"]
    }
    crm.apply("--select", "crm.tables.customers", "--select", "crm.files.visits")
    with duckdb.connect(str(crm.root / "lake.duckdb"), read_only=True) as lake:
        stored = lake.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'raw' "
            "AND table_name IN ('customers', 'visits') AND column_name NOT LIKE '\\_dlt%' ESCAPE '\\' AND column_name <> 'load_date'"
        ).fetchall()
    assert told == dict(stored)


def test_rows_and_types_are_shown_and_nothing_is_recorded(
    crm: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(crm.root.rglob("*"))
    assert run(["sample", "crm.tables.customers", "--rows", "2"]) == ExitCode.DONE
    said = capsys.readouterr()
    assert said.err == ""
    assert "paid     NUMERIC(10, 2)  decimal128(10, 2)  decimal(10,2)    DECIMAL(10,2)\n" in said.out
    assert "text_of  NUMERIC         string             text (declared)  VARCHAR\n" in said.out
    assert "2 rows\n" in said.out
    assert "hidden" not in said.out
    assert sorted(crm.root.rglob("*")) == before


def test_values_are_exact(crm: Project, capsys: pytest.CaptureFixture[str]) -> None:
    rows = sampled(capsys, "crm.tables.customers", "--rows", "1")["rows"]
    assert rows == [
        {
            "id": 1,
            "name": "Ada",
            "born": "1815-12-10",
            "paid": "10.25",
            "score": 0.5,
            "seen": "2024-01-01 09:00:00",
            "text_of": "12.5",
        }
    ]
    clicks = sampled(capsys, "crm.files.clicks")
    assert clicks["rows"] == [
        {"id": "9007199254740993", "on": '{"x": 1}', "late": None},
        {"id": "2", "on": None, "late": "true"},
    ]
    assert {column["stored_type"] for column in clicks["columns"]} == {None}


@pytest.mark.parametrize("address", ["crm.tables.empty", "crm.files.none"])
def test_where_there_are_no_rows_that_is_told(
    crm: Project, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    found = sampled(capsys, address)
    assert found["rows"] == []
    assert run(["sample", address]) == ExitCode.DONE


@pytest.mark.parametrize(
    ("address", "edit", "code"),
    [
        ("crm.tables", "", "DB610"),
        ("crm.tables.customer", "", "DB610"),
        ("crm.tables.customers", "erp.db", "DB511"),
        ("crm.tables.customers", "customers,", "DB513"),
        ("crm.tables.customers", "born,", "DB514"),
    ],
)
def test_what_can_not_be_read_is_told_plainly(
    crm: Project, capsys: pytest.CaptureFixture[str], address: str, edit: str, code: str
) -> None:
    if edit:
        crm.edit("stacks/shop.yaml", edit, f"other{edit}")
    assert (
        run(["sample", address.replace("customers", "othercustomers") if code == "DB513" else address])
        == ExitCode.ERROR
    )
    said = capsys.readouterr()
    assert code in said.err
    assert said.out == ""


def test_a_secret_is_never_shown(
    crm: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRIDGE_SECRET_ERP", "hunter22")
    url = "postgresql+psycopg://reader:${secret.erp}@127.0.0.1:1/hunter22"
    crm.edit("stacks/shop.yaml", "{type: sqlite, path: erp.db}", f'{{type: sql, url: "{url}"}}')
    assert run(["sample", "crm.tables.customers"]) == ExitCode.ERROR
    said = capsys.readouterr()
    assert "can't be read" in said.err
    assert "hunter22" not in said.err
