"""What `databridge discover` asks, refuses, writes and never overwrites."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from databridge.cli.app import run
from databridge.model.diagnostic import ExitCode
from tests.support.project import Project

TABLES = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, updated_at TIMESTAMP NOT NULL);
    CREATE INDEX changes ON customers (updated_at);
    CREATE TABLE prices (id INTEGER PRIMARY KEY, amount NUMERIC, width DECIMAL(40, 2), exact DECIMAL(10, 2));
    CREATE TABLE parts (id INTEGER, updated_at TIMESTAMP NOT NULL);
    CREATE UNIQUE INDEX some_parts ON parts (id) WHERE id > 5;
    CREATE TABLE Prices_2 (x TEXT);
    CREATE TABLE "prices-2" (x TEXT);
    CREATE TABLE _dlt_version (x INTEGER);
    CREATE TABLE tmp_x (x INTEGER);
    CREATE VIEW names AS SELECT name FROM customers;
    INSERT INTO customers (name, updated_at) VALUES ('Ada', '2024-01-01 00:00:00');
"""


@pytest.fixture
def erp(shop: Project) -> Project:
    """A shop that knows a database which no stack loads from."""
    shop.write("stacks/_shared/places.yaml", "sources: {erp: {type: sqlite, path: erp.db}}\n")
    with closing(sqlite3.connect(shop.root / "erp.db")) as connection:
        connection.executescript(TABLES)
    return shop


def discovered(*options: str) -> int:
    return run(["discover", *options])


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, object]]:
    assert discovered(*options, "--format", "json") == ExitCode.DONE
    (schema,) = json.loads(capsys.readouterr().out)["schemas"]
    return {table["name"]: table for table in schema["tables"]}


def test_a_stack_is_written_once_and_is_valid(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert discovered("erp", "--out", "crm", "--exclude", "tmp_*") == ExitCode.DONE
    said = capsys.readouterr()
    assert "Wrote stacks/crm.yaml." in said.err
    assert "Plan: 5 to create." in said.out
    text = (erp.root / "stacks/crm.yaml").read_text()
    assert (
        "        cursor_field: updated_at  # by its name the time of the last change; never NULL, indexed\n"
        in text
    )
    assert "# Left out: _dlt_version: " in text
    assert run(["validate"]) == ExitCode.DONE
    assert discovered("erp", "--out", "stacks/crm.yaml") == ExitCode.ERROR
    assert "DB642" in capsys.readouterr().err
    assert (erp.root / "stacks/crm.yaml").read_text() == text


def test_without_out_it_is_shown_and_not_written(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert discovered("erp") == ExitCode.DONE
    said = capsys.readouterr()
    assert "\nstack: erp\n" in said.out
    assert said.err == "6 tables proposed, 2 left out.\n"
    assert [file.name for file in (erp.root / "stacks").glob("*.yaml")] == ["shop.yaml"]
    assert not (erp.root / "state").exists()


def test_a_stack_is_told_which_tables_it_lacks(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    stack = "stack: crm\npipelines:\n  people: {source: erp, destination: lake, dataset: raw, resources: [customers, parts]}\n"
    erp.write("stacks/crm.yaml", f"{stack}destinations: {{lake: {{type: duckdb, path: lake.duckdb}}}}\n")
    assert discovered("erp", "--include", "p?*[es]", "--include", "customers") == ExitCode.DONE
    said = capsys.readouterr()
    assert said.err.startswith("1 table proposed, 2 loaded already")
    assert said.out.startswith(
        "# stacks/crm.yaml lacks below `pipelines: people: resources:`\n      - name: prices\n"
    )
    assert "customers" not in said.out
    assert listed(capsys, "erp")["parts"]["loaded_by"] == "crm.people.parts"
    assert discovered("erp", "--include", "customers") == ExitCode.DONE
    assert capsys.readouterr() == ("", "Nothing new, 1 loaded already.\n")


def test_what_the_source_says_is_found(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    tables = listed(capsys, "erp")
    assert tables["names"]["kind"] == "view"
    assert tables["customers"]["rows"] == {"count": 1, "exact": True}
    assert tables["customers"]["proposed"] == {
        "mode": "merge",
        "primary_key": ["id"],
        "cursor_field": "updated_at",
    }
    declared = {"amount": {"data_type": "text"}, "width": {"data_type": "text"}}
    assert tables["prices"]["proposed"]["columns"] == declared  # type: ignore[index]
    # An index over some of the rows makes no key.
    assert tables["parts"]["proposed"] == {"mode": "snapshot", "write_disposition": "replace"}
    assert tables["prices-2"]["left_out"] == "another table becomes the same one at the destination"


def test_a_source_without_a_stack_is_written_into_the_new_one(
    erp: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (erp.root / "erp.db").rename(erp.root / "crm.db")
    assert discovered("--url", "sqlite:///crm.db", "--include", "customers", "--out", "mine") == ExitCode.DONE
    text = (erp.root / "stacks/mine.yaml").read_text()
    assert "sources:\n  crm:\n    type: sqlite\n    path: crm.db\n" in text
    assert "destinations:\n  warehouse: {type: duckdb, path: warehouse.duckdb}\n" in text


def test_a_url_that_a_stack_has_is_that_source(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert discovered("--url", "sqlite:///erp.db", "--include", "customers") == ExitCode.DONE
    out = capsys.readouterr().out
    assert "    source: erp\n" in out
    assert "\nsources:" not in out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), "DB650"),
        (("erp", "--url", "sqlite:///erp.db"), "DB650"),
        (("er",), "DB646"),
        (("shop.erp",), "DB646"),
        (("shop.landing",), "DB651"),
        (("erp", "--include", "nothing"), "DB651"),
        (("erp", "--schema", "sales"), "DB553"),
        (("erp", "--out", "_shared/x"), "DB600"),
        (("--url", "postgresql+psycopg://reader:hunter22@db.local/erp"), "DB032"),
        (("--url", "postgresql://reader@db.local/erp"), "DB130"),
        (("--url", "sqlite:///none.db"), "DB511"),
    ],
)
def test_what_can_not_be_is_refused(
    erp: Project, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: str
) -> None:
    assert discovered(*options) == ExitCode.ERROR
    said = capsys.readouterr()
    assert code in said.err
    assert "hunter22" not in said.err
    assert said.out == ""


def test_of_several_destinations_one_must_be_named(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    lakes = "destinations: {lake: {type: filesystem, bucket_url: file://lake}}\n"
    erp.write("stacks/_shared/lakes.yaml", lakes)
    assert discovered("erp") == ExitCode.ERROR
    assert "Add --destination with one of: lake, warehouse" in capsys.readouterr().err
    assert discovered("erp", "--destination", "lake", "--include", "customers") == ExitCode.DONE
    assert "the destination can't merge" in capsys.readouterr().out


def test_a_project_without_a_destination_gets_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project(tmp_path)
    project.write("databridge.yaml", "project: new\n")
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect(tmp_path / "erp.db")) as connection:
        connection.executescript(TABLES)
    assert discovered("--url", "sqlite:///erp.db", "--out", "erp") == ExitCode.DONE
    assert "no destination yet" in (tmp_path / "stacks/erp.yaml").read_text()


def test_a_file_that_is_no_database_is_told_plainly(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (erp.root / "erp.db").write_text("not a database, and longer than a header of one would be")
    assert discovered("erp") == ExitCode.ERROR
    assert "DB550" in capsys.readouterr().err
