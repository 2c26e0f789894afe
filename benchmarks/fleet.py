"""A fleet is a project of many stacks, recorded as if every one had been applied: one really was, the others are its clones.

A clone differs in its name only, everywhere the name occurs: ledger, working folder, schema, and the compressed state
in the warehouse. So all forms are those that dlt and databridge write.
"""

from __future__ import annotations

import base64
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from databridge.model.ledger import Ledger
from databridge.state.local import LocalStore

TABLES = 100
"""Resources of each stack."""
_PROJECT = "fleet"
_TARGET = "dev"
_SHAPES = (
    "{{name: {table}, mode: snapshot, write_disposition: replace}}",
    "{{name: {table}, mode: merge, primary_key: [id], cursor_field: id}}",
    "{{name: {table}, mode: incremental, cursor_field: id}}",
)
_EDITED = "mode: incremental, cursor_field: id, schema_contract: {columns: freeze}"


def quiet_environment() -> dict[str, str]:
    """The environment of what is measured: no telemetry, and byte code is kept."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "DATABRIDGE_DEBUG"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "RUNTIME__DLTHUB_TELEMETRY": "false"}


@dataclass(frozen=True, slots=True)
class Fleet:
    """A project in a folder of its own."""

    folder: Path
    stacks: int

    @property
    def resources(self) -> int:
        """How many there are in all."""
        return self.stacks * TABLES

    def write_stacks(self, *, edited: bool = False) -> None:
        """Write the project without any state; `edited` changes one resource of each stack, the hundredth part."""
        (self.folder / "stacks").mkdir(parents=True, exist_ok=True)
        (self.folder / "databridge.yaml").write_text(f"project: {_PROJECT}\n")
        for number in range(self.stacks):
            text = _stack_text(_name(number))
            if edited:
                text = text.replace("mode: incremental, cursor_field: id", _EDITED, 1)
            (self.folder / "stacks" / f"{_name(number)}.yaml").write_text(text)

    def record(self, template: Path, *, data_tables: bool = True) -> None:
        """Record that every stack was applied.

        Args:
            template: the folder in which `apply_template` applied the first one.
            data_tables: whether the warehouse holds the tables of data too, empty, or dlt's own only.
        """
        shutil.copytree(template / "state", self.folder / "state")
        store = LocalStore(self.folder / "state", project=_PROJECT, target=_TARGET)
        names = [_name(number) for number in range(1, self.stacks)]
        for name in names:
            _clone_ledger(store, name)
            _clone_working_folder(store.pipelines_dir, name)
        with closing(duckdb.connect(self.folder / "warehouse.duckdb")) as warehouse:
            warehouse.execute(f"ATTACH '{template / 'warehouse.duckdb'}' AS template (READ_ONLY)")
            _clone_datasets(warehouse, [_name(0), *names], data_tables=data_tables)


def apply_template(folder: Path) -> None:
    """Write a project of one stack with its source database, and really apply it.

    Raises:
        subprocess.CalledProcessError: the apply failed.
    """
    Fleet(folder, 1).write_stacks()
    with closing(sqlite3.connect(folder / "ops.db")) as source, source:
        for table in _tables():
            source.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, amount REAL)")
            source.execute(f"INSERT INTO {table} VALUES (1, 'one', 0.5), (2, 'two', 1.0)")  # noqa: S608 - our own names
    command = [sys.executable, "-m", "databridge", "apply", "--auto-approve"]
    subprocess.run(command, cwd=folder, env=quiet_environment(), check=True, capture_output=True)  # noqa: S603 - our own command


def _name(number: int) -> str:
    return f"market_{number:03}"


def _tables() -> list[str]:
    return [f"table_{number:02}" for number in range(TABLES)]


def _stack_text(name: str) -> str:
    listed = [_SHAPES[number % len(_SHAPES)].format(table=table) for number, table in enumerate(_tables())]
    head = f"""\
stack: {name}
owner: team-{name}
sources:
  ops: {{type: sqlite, path: ops.db}}
destinations:
  warehouse: {{type: duckdb, path: warehouse.duckdb}}
pipelines:
  load:
    source: ops
    destination: warehouse
    dataset: raw_{name}
    schedule: 1d
    resources:
"""
    return head + "".join(f"      - {each}\n" for each in listed)


def _clone_ledger(store: LocalStore, name: str) -> None:
    first = store.ledger(_name(0))
    if first is None:
        raise ValueError("the template has no ledger")
    cloned = Ledger.model_validate_json(first.model_dump_json().replace(_name(0), name))
    store.write_ledger(cloned, expected=None)


def _clone_working_folder(pipelines: Path, name: str) -> None:
    first = pipelines / f"{_name(0)}_load"
    folder = pipelines / f"{name}_load"
    shutil.copytree(first, folder)
    for file in folder.rglob("*.json"):
        text = file.read_text().replace(_name(0), name)
        file.unlink()
        file.with_name(file.name.replace(_name(0), name)).write_text(text)


def _clone_datasets(warehouse: duckdb.DuckDBPyConnection, names: list[str], *, data_tables: bool) -> None:
    first = warehouse.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'template'"
    ).fetchall()
    warehouse.begin()
    for name in names:
        for dataset in sorted({dataset for dataset, _ in first}):
            warehouse.execute(f"CREATE SCHEMA {dataset.replace(_name(0), name)}")
        for dataset, table in first:
            if data_tables or table.startswith("_dlt_"):
                _clone_table(warehouse, name, dataset, table)
    warehouse.commit()


def _clone_table(warehouse: duckdb.DuckDBPyConnection, name: str, dataset: str, table: str) -> None:
    # Rows of data would take a gigabyte for 2,500 tables, and no plan reads them.
    rows = "" if table.startswith("_dlt_") else "LIMIT 0"
    changed = [f"replace({column}, '{_name(0)}', '{name}') AS {column}" for column in _NAMING.get(table, ())]
    if table == "_dlt_pipeline_state":
        found = warehouse.execute(f"SELECT state FROM template.{dataset}.{table}").fetchall()  # noqa: S608 - our own names
        changed += [f"CASE state {' '.join(_when(state, name) for (state,) in found)} END AS state"]
    columns = f"* REPLACE ({', '.join(changed)})" if changed else "*"
    clone = f"{dataset.replace(_name(0), name)}.{table}"
    query = f"SELECT {columns} FROM template.{dataset}.{table} {rows}"  # noqa: S608 - as above
    warehouse.execute(f"CREATE TABLE {clone} AS {query}")


def _when(state: str, name: str) -> str:
    return f"WHEN '{state}' THEN '{_renamed(state, name)}'"


_NAMING: Mapping[str, tuple[str, ...]] = {
    "_dlt_pipeline_state": ("pipeline_name",),
    "_dlt_loads": ("schema_name",),
    "_dlt_version": ("schema_name", "schema"),
}
"""Columns of dlt's tables in which names stand as plain text."""


def _renamed(state: str, name: str) -> str:
    """A state as dlt stores it (base64 of zlib, level 9, of JSON), under another name."""
    text = zlib.decompress(base64.b64decode(state)).decode()
    return base64.b64encode(zlib.compress(text.replace(_name(0), name).encode(), level=9)).decode()
