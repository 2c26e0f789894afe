"""What `databridge doctor` finds, says to do, and never does."""

from __future__ import annotations

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from databridge.cli.app import run
from databridge.model.diagnostic import ExitCode
from tests.support.project import Project

STACK = """
    stack: crm
    sources:
      erp: {type: sqlite, path: erp.db}
    destinations:
      lake: {type: filesystem, bucket_url: file://lake}
    pipelines:
      people:
        source: erp
        destination: lake
        resources:
          - {name: customers, mode: incremental, cursor_field: at}
"""


@pytest.fixture
def erp(shop: Project) -> Project:
    """The shop with files to load, and a database that a second stack loads."""
    shop.write("stacks/crm.yaml", STACK)
    shop.write("landing/visits/1.csv", "id\n1\n")
    with closing(sqlite3.connect(shop.root / "erp.db")) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER, at TIMESTAMP)")
    return shop


def examined(
    capsys: pytest.CaptureFixture[str], *options: str, code: int = ExitCode.DONE
) -> dict[tuple[str, str], dict[str, str]]:
    assert run(["doctor", *options, "--format", "json"]) == code
    said = json.loads(capsys.readouterr().out)
    assert said["healthy"] is (code == ExitCode.DONE)
    assert all(check["remedy"] or check["outcome"] == "ok" for check in said["checks"])
    return {(check["subject"], check["check"]): check for check in said["checks"]}


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
    return port


def test_a_project_that_can_load_is_well_and_nothing_is_made(
    erp: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(erp.root.rglob("*"))
    assert run(["doctor"]) == ExitCode.DONE
    out = capsys.readouterr().out
    assert "source erp\n" in out
    assert "ok       tables  1 table can be read\n" in out
    assert "1 file for visits/*.csv\n" in out
    assert out.endswith("checks, all well.\n")
    assert sorted(erp.root.rglob("*")) == before


def test_who_is_named_is_examined(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    def subjects(*names: str) -> set[str]:
        return {subject for subject, _ in examined(capsys, *names)} - {"databridge", "state"}

    assert subjects("crm") == {"source erp", "destination lake"}
    assert subjects("warehouse") == {"destination warehouse"}
    assert subjects("crm.erp", "landing") == {"source crm.erp", "source landing"}
    assert run(["doctor", "crn"]) == ExitCode.ERROR
    assert "Did you mean `crm`?" in capsys.readouterr().err


def test_a_table_or_column_that_is_not_there_fails(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    erp.edit("stacks/crm.yaml", "cursor_field: at", "cursor_field: changed")
    found = examined(capsys, "erp", code=ExitCode.ERROR)["source erp", "customers"]
    assert found["outcome"] == "failed"
    assert "no such column: customers.changed" in found["told"]
    assert "columns" in found["remedy"]


def test_what_is_not_there_fails_and_the_rest_is_still_told(
    erp: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (erp.root / "erp.db").unlink()
    (erp.root / "landing/visits/1.csv").unlink()
    (erp.root / "warehouse.duckdb").write_text("no database, but something of the length that one would have")
    found = examined(capsys, code=ExitCode.ERROR)
    assert found["source erp", "driver"]["outcome"] == "failed"
    assert ("source erp", "login") not in found
    assert found["source landing", "visits"]["outcome"] == "warning"
    assert found["destination warehouse", "reading"]["outcome"] == "failed"
    assert found["destination lake", "writing"]["outcome"] == "ok"


def test_a_server_that_is_not_reached_and_a_secret_that_is_missing_are_told(
    erp: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql+psycopg://reader:${{secret.erp}}@127.0.0.1:{closed_port()}/erp"
    erp.edit("stacks/crm.yaml", "{type: sqlite, path: erp.db}", f'{{type: sql, url: "{url}"}}')
    found = examined(capsys, "erp", code=ExitCode.ERROR)
    assert "`erp` is missing" in found["source erp", "driver"]["told"]
    monkeypatch.setenv("DATABRIDGE_SECRET_ERP", "hunter22")
    found = examined(capsys, "erp", code=ExitCode.ERROR)
    assert found["source erp", "driver"]["outcome"] == "ok"
    assert found["source erp", "reachable"]["told"] == "Connection refused"
    assert "host and port" in found["source erp", "reachable"]["remedy"]
    assert "hunter22" not in json.dumps([*found.values()])


def test_a_server_that_never_answers_is_left_behind(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:  # takes connections, and says nothing
        url = f"postgresql+psycopg://reader@127.0.0.1:{server.getsockname()[1]}/erp"
        erp.edit("stacks/crm.yaml", "{type: sqlite, path: erp.db}", f'{{type: sql, url: "{url}"}}')
        found = examined(capsys, "erp", "--timeout", "1", code=ExitCode.ERROR)
    assert found["source erp", "login"]["told"] == "no answer within 1 s"


def test_a_driver_that_is_missing_is_told(erp: Project, capsys: pytest.CaptureFixture[str]) -> None:
    url = "oracle+nothing://reader@db.local/erp"
    erp.edit("stacks/crm.yaml", "{type: sqlite, path: erp.db}", f'{{type: sql, url: "{url}"}}')
    found = examined(capsys, "erp", code=ExitCode.ERROR)["source erp", "driver"]
    assert "no usable driver" in found["told"]
    assert "pip install databridge[oracle]" in found["remedy"]


def test_a_place_that_may_not_be_written_fails(
    erp: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) != erp.root)  # root may write anywhere
    found = examined(capsys, "lake", code=ExitCode.ERROR)["destination lake", "writing"]
    assert str(erp.root) in found["told"]
