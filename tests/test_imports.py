"""Commands that only read never pay for what only loads need, and no module depends on who imported it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.project import Project

ROOT = Path(__file__).parent.parent
COSTLY = {"deepdiff", "dlt", "numpy", "pandas", "pyarrow", "rich", "sqlalchemy"}
READING = [
    "",
    "--help",
    "plan --help",
    "validate",
    "validate --format json",
    "plan",
    "plan --explain",
    "plan --format json",
    "plan --format markdown",
    "plan --out again.plan",
    "plan --select nothing",
    "show release.plan",
    "show release.plan --format json",
    "state list",
    "state list --format json",
    "state show shop.tables",
    "state set --help",
    "state backup --list",
    "state restore --format json",
    "state show shop.tables.orders --format json",
    "drift",
    "drift shop.tables --format json",
    "state diff",
    "state diff shop.tables --format json",
    "import --destination warehouse --list",
    "import --destination warehouse --source ops",
    "import --help",
    "runs list",
    "runs show",
    "schema plan",
    "version",
    "paln",
]
RUN = """
import json, os, sys
from databridge.cli.app import run
for command in json.loads(sys.argv[2]):
    if os.fork() == 0:
        run(command.split())
        names = {name.partition(".")[0] for name in sys.modules}
        with open(sys.argv[1], "a") as told:
            print(json.dumps([command, sorted(names)]), file=told)
        os._exit(0)
    os.wait()
"""
"""Runs each command in a child of a process that has imported the command line and no more."""
IMPORT_EACH = """
import importlib, os, sys
import databridge.cli.app, databridge.engine.preload  # what others wrote is imported once, and ours forgotten again
for name in [name for name in sys.modules if name.partition(".")[0] == "databridge"]:
    del sys.modules[name]
for module in sys.argv[1:]:
    if os.fork() == 0:
        importlib.import_module(module)
        os._exit(0)
    if os.wait()[1]:
        print(module)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with tables and files that were loaded, a new resource, and a saved plan to create it."""
    project = Project(tmp_path_factory.mktemp("shop"))
    project.write("databridge.yaml", "project: shop\n")
    project.write("landing/visits/1.csv", "at,page\n2024-01-01 00:00:00,/\n")
    stack = """
        stack: shop
        sources:
          ops: {type: sqlite, path: ops.db}
          landing: {type: filesystem, bucket_url: file://landing}
        destinations:
          warehouse: {type: duckdb, path: warehouse.duckdb}
        pipelines:
          tables:
            source: ops
            destination: warehouse
            dataset: raw
            resources:
              - {name: orders, mode: incremental, cursor_field: placed_at}
          files:
            source: landing
            destination: warehouse
            dataset: raw
            resources:
              - {name: visits, glob: visits/*.csv}
        """
    project.write("stacks/shop.yaml", stack)
    with closing(sqlite3.connect(project.root / "ops.db")) as connection, connection:
        connection.execute("CREATE TABLE orders (id INTEGER, placed_at TIMESTAMP)")
        connection.execute("INSERT INTO orders VALUES (1, '2024-01-01 00:00:00')")
    project.apply()
    project.write(
        "stacks/shop.yaml", f"{stack.rstrip()}\n              - {{name: clicks, glob: clicks/*.csv}}\n"
    )
    done = project.run("plan", "--out", "release.plan")
    assert "1 to create" in done.out, done.text
    return project


def imported(folder: Path, told: Path, *commands: str, before: str = "") -> dict[str, set[str]]:
    """What is imported once each of these commands was run, by command.

    Args:
        folder: where they are run.
        told: a file that is not there yet.
        before: what is imported before all of them.
    """
    subprocess.run(
        [sys.executable, "-c", f"{before}\n{RUN}", told, json.dumps(commands)],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    return {command: set(names) for command, names in map(json.loads, told.read_text().splitlines())}


@pytest.fixture(scope="module")
def reading(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What is imported once a command that reads was run, by command."""
    return imported(project.root, tmp_path_factory.mktemp("told") / "names", *READING)


@pytest.mark.parametrize("command", READING)
def test_who_only_reads_imports_nothing_costly(reading: dict[str, set[str]], command: str) -> None:
    loaded = reading[command]
    assert "databridge" in loaded
    assert not loaded & COSTLY


def test_the_costly_ones_are_seen_when_they_are_imported(tmp_path: Path) -> None:
    found = imported(tmp_path, tmp_path / "told", "version", before="import databridge.engine.foreman")
    assert found["version"] >= {"dlt", "pyarrow", "sqlalchemy"}


def test_every_module_can_be_the_first_that_is_imported() -> None:
    files = sorted((ROOT / "databridge").rglob("*.py"))
    names = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files
    ]
    environ = os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT_EACH, *names],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [], done.stderr
