"""A reset of one resource touches no other's cursor and no other's row, down to the byte; protection outlives the block it stood in.

dlt's own `drop` rewrote the offsets in the cursors of all others (dlt issue 2408).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest import mock

import duckdb
import pytest

from databridge.cli.app import run
from databridge.engine.settings import enforce
from databridge.model.diagnostic import ExitCode
from databridge.plan.actions import Reset
from databridge.plan.consequence import Certainty, Count
from databridge.plan.options import PlanOptions, ResetWish
from databridge.plan.selection import Selection
from tests.support.branch import Branch
from tests.support.depot import DuckDbDepot

NAMES = tuple(f"t{number:02}" for number in range(40))
ONE = "t17"
ADDRESS = f"market.tables.{ONE}"
WISH = PlanOptions(select=Selection((ADDRESS,)), reset=ResetWish(Selection((ADDRESS,))))
COMMAND = ["reset", ADDRESS, "--auto-approve", "--allow", "delete-rows"]
STACK = """\
stack: market
sources: {db: {type: sqlite, path: market.db}}
destinations: {out: {type: duckdb, path: warehouse.duckdb}}
pipelines:
  tables:
    source: db
    destination: out
    dataset: raw
    resources:
"""
Rows = list[tuple[object, ...]]

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


class Fleet(Branch):
    """A project of forty tables."""

    def write_stack(self, *names: str, protected: bool = False) -> None:
        lines = [
            f"      - {{name: {name}, mode: incremental, cursor_field: at"
            + (", lifecycle: {prevent_reset: true}" if protected and name == ONE else "")
            + "}\n"
            for name in names
        ]
        (self.root / "stacks" / "market.yaml").write_text(STACK + "".join(lines))

    def cursors(self) -> dict[str, str]:
        """What the newest state at the destination has of each resource, as text."""
        with duckdb.connect(self.root / "warehouse.duckdb", read_only=True) as connection:
            (stored,) = newest(connection)
        resources = json.loads(unpacked(stored))["sources"]["market_tables"]["resources"]
        return {name: json.dumps(known) for name, known in resources.items()}

    def rows(self) -> dict[str, Rows]:
        """All that the tables hold, dlt's columns too."""
        with duckdb.connect(self.root / "warehouse.duckdb", read_only=True) as connection:
            return {n: connection.execute(f"FROM raw.{n} ORDER BY ALL").fetchall() for n in NAMES}

    def set_offsets(self, offset: str) -> None:
        """Give all cursors at the destination an offset; dlt goes on from there, for there is no other copy."""
        with duckdb.connect(self.root / "warehouse.duckdb") as connection:
            (stored,) = newest(connection)
            text = unpacked(stored).replace("T10:00:00", f"T10:00:00{offset}")
            packed = base64.b64encode(zlib.compress(text.encode())).decode()
            connection.execute(
                "UPDATE raw._dlt_pipeline_state SET state = ? WHERE state = ?", [packed, stored]
            )
        shutil.rmtree(self.working_folders)


def newest(connection: duckdb.DuckDBPyConnection) -> tuple[str]:
    found = connection.execute(
        "SELECT state FROM raw._dlt_pipeline_state ORDER BY version DESC LIMIT 1"
    ).fetchall()
    return (str(found[0][0]),)


def unpacked(stored: str) -> str:
    return zlib.decompress(base64.b64decode(stored)).decode()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    root = tmp_path_factory.mktemp("fleet")
    with closing(sqlite3.connect(root / "market.db")) as source, source:
        for name in NAMES:
            source.execute(f"CREATE TABLE {name} (id INTEGER, at TIMESTAMP)")
            source.executemany(
                f"INSERT INTO {name} VALUES (?, ?)",
                [(day, f"2026-01-{day:02} 10:00:00") for day in (1, 2)],
            )
    made = Fleet(root, DuckDbDepot(root, root))
    made.write()
    made.write_stack(*NAMES)
    with mock.patch.dict(os.environ):
        enforce()
        made.apply()
        made.set_offsets("+05:30")
        yield made


def test_a_reset_of_one_among_forty_leaves_the_others_alone(fleet: Fleet) -> None:
    cursors, rows = fleet.cursors(), fleet.rows()
    assert set(cursors) == set(NAMES)
    assert all("T10:00:00+05:30" in text for text in cursors.values())

    plan, _ = fleet.apply(options=WISH)

    (reset,) = plan.actions
    assert isinstance(reset, Reset)
    assert str(reset.address) == ADDRESS
    assert reset.consequence.deleted == Count(certainty=Certainty.EXACT, rows=2, nested=0)
    after, there = fleet.cursors(), fleet.rows()
    assert after.pop(ONE) != cursors.pop(ONE)
    assert after == cursors
    assert {row[:2] for row in there[ONE]} == {row[:2] for row in rows[ONE]}
    assert there.pop(ONE) != rows.pop(ONE)  # by its load ids
    assert there == rows


def test_what_is_protected_is_not_reset_even_when_its_block_is_gone(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.write_stack(*NAMES, protected=True)
    fleet.apply()
    before = fleet.cursors(), fleet.rows()
    monkeypatch.chdir(Path(fleet.root))
    assert run(COMMAND) == ExitCode.REFUSED
    assert "DB215" in capsys.readouterr().out
    fleet.write_stack(*(name for name in NAMES if name != ONE))
    assert run(COMMAND) == ExitCode.REFUSED
    assert "DB218" in capsys.readouterr().out
    assert (fleet.cursors(), fleet.rows()) == before
