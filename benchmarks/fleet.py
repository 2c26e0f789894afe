"""A fleet is a project of many stacks, recorded as if every one had been applied: one really was, the others are its clones.

A clone differs in its name, everywhere the name occurs (ledger, working folder, schema, and the compressed state in the
warehouse), and in the hashes that follow from it. So all forms are those that dlt and databridge write, and dlt can go
on from them.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
from dlt.common.schema.utils import generate_version_hash
from dlt.common.versioned_state import generate_state_version_hash

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
    together: bool = False
    """All load into one DuckDB file; else each stack into its own."""

    @property
    def resources(self) -> int:
        """How many there are in all."""
        return self.stacks * TABLES

    def write_stacks(self, *, edited: bool = False) -> None:
        """Write the project without any state; `edited` changes one resource of each stack, the hundredth part."""
        (self.folder / "stacks").mkdir(parents=True, exist_ok=True)
        (self.folder / "databridge.yaml").write_text(f"project: {_PROJECT}\n")
        for number in range(self.stacks):
            text = _stack_text(_name(number), self._warehouse(number))
            if edited:
                text = text.replace("mode: incremental, cursor_field: id", _EDITED, 1)
            (self.folder / "stacks" / f"{_name(number)}.yaml").write_text(text)

    def record(self, template: Path) -> None:
        """Record that every stack was applied.

        Args:
            template: the folder in which `apply_template` applied the first one.
        """
        shutil.copytree(template / "state", self.folder / "state")
        store = LocalStore(self.folder / "state", project=_PROJECT, target=_TARGET)
        for number in range(self.stacks):
            with closing(duckdb.connect(self.folder / self._warehouse(number))) as warehouse:
                warehouse.execute(f"ATTACH '{template / self._warehouse(0)}' AS template (READ_ONLY)")
                clone = _Clone.of(_name(number), _hashed_texts(warehouse))
                _clone_datasets(warehouse, clone)
            if number:
                _clone_ledger(store, clone)
                _clone_working_folder(self.folder / "state" / _PROJECT / _TARGET / "_pipelines", clone)

    def _warehouse(self, number: int) -> str:
        return "warehouse.duckdb" if self.together else f"{_name(number)}.duckdb"


def apply_template(folder: Path, *, together: bool) -> None:
    """Write a project of one stack with its source database, and really apply it.

    Raises:
        subprocess.CalledProcessError: the apply failed.
    """
    Fleet(folder, 1, together).write_stacks()
    with closing(sqlite3.connect(folder / "ops.db")) as source, source:
        for table in _tables():
            source.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, amount REAL)")
            source.execute(f"INSERT INTO {table} VALUES (1, 'one', 0.5), (2, 'two', 1.0)")  # noqa: S608 - our own names
    command = [sys.executable, "-m", "databridge", "apply", "--auto-approve"]
    subprocess.run(command, cwd=folder, env=quiet_environment(), check=True, capture_output=True)  # noqa: S603 - our own command


@dataclass(frozen=True, slots=True)
class _Clone:
    """What turns the first stack's records into those of another one: old texts and their new ones."""

    renamed: Mapping[str, str]

    @classmethod
    def of(cls, name: str, texts: Iterable[str]) -> _Clone:
        """`texts` are states and schemas of the first stack; their hashes change with the name."""
        renamed = {_name(0): name}
        for text in texts:
            document = json.loads(text.replace(_name(0), name))
            if "_version_hash" in document:
                renamed[document["_version_hash"]] = generate_state_version_hash(document, ["_local"])
            else:
                renamed[document["version_hash"]] = generate_version_hash(document)
        return cls(renamed)

    def __call__(self, text: str) -> str:
        """The text of the clone."""
        for old, new in self.renamed.items():
            text = text.replace(old, new)
        return text

    def column(self, name: str) -> str:
        """The same in SQL, for a column of texts."""
        value = name
        for old, new in self.renamed.items():
            value = f"replace({value}, '{old}', '{new}')"
        return f"{value} AS {name}"


def _hashed_texts(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """The first stack's state and its schemas."""
    dataset = f"template.raw_{_name(0)}"
    states = warehouse.execute(f"SELECT state FROM {dataset}._dlt_pipeline_state").fetchall()  # noqa: S608 - our own names
    schemas = warehouse.execute(
        f"SELECT schema FROM {dataset}._dlt_version UNION ALL SELECT schema FROM {dataset}_staging._dlt_version"  # noqa: S608 - as above
    ).fetchall()
    return [*(_unpacked(state) for (state,) in states), *(schema for (schema,) in schemas)]


def _name(number: int) -> str:
    return f"market_{number:03}"


def _tables() -> list[str]:
    return [f"table_{number:02}" for number in range(TABLES)]


def _stack_text(name: str, warehouse: str) -> str:
    listed = [_SHAPES[number % len(_SHAPES)].format(table=table) for number, table in enumerate(_tables())]
    head = f"""\
stack: {name}
owner: team-{name}
sources:
  ops: {{type: sqlite, path: ops.db}}
destinations:
  warehouse: {{type: duckdb, path: {warehouse}}}
pipelines:
  load:
    source: ops
    destination: warehouse
    dataset: raw_{name}
    schedule: 1d
    resources:
"""
    return head + "".join(f"      - {each}\n" for each in listed)


def _clone_ledger(store: LocalStore, clone: _Clone) -> None:
    first = store.ledger(_name(0))
    if first is None:
        raise ValueError("the template has no ledger")
    store.write_ledger(Ledger.model_validate_json(clone(first.model_dump_json())), expected=None)


def _clone_working_folder(pipelines: Path, clone: _Clone) -> None:
    first = pipelines / f"{_name(0)}_load"
    folder = pipelines / clone(first.name)
    shutil.copytree(first, folder)
    for file in folder.rglob("*.json"):
        text = clone(file.read_text())
        file.unlink()
        file.with_name(clone(file.name)).write_text(text)


def _clone_datasets(warehouse: duckdb.DuckDBPyConnection, clone: _Clone) -> None:
    first = warehouse.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'template'"
    ).fetchall()
    warehouse.begin()
    for dataset in sorted({dataset for dataset, _ in first}):
        warehouse.execute(f"CREATE SCHEMA {clone(dataset)}")
    for dataset, table in first:
        _clone_table(warehouse, clone, dataset, table)
    warehouse.commit()


_NAMING: Mapping[str, tuple[str, ...]] = {
    "_dlt_pipeline_state": ("pipeline_name", "version_hash"),
    "_dlt_loads": ("schema_name", "schema_version_hash"),
    "_dlt_version": ("schema_name", "version_hash", "schema"),
}
"""Columns of dlt's tables in which names or hashes stand as plain text."""


def _clone_table(warehouse: duckdb.DuckDBPyConnection, clone: _Clone, dataset: str, table: str) -> None:
    # Rows of data would take a gigabyte for 2,500 tables, and no plan reads them.
    rows = "" if table.startswith("_dlt_") else "LIMIT 0"
    changed = [clone.column(name) for name in _NAMING.get(table, ())]
    if table == "_dlt_pipeline_state":
        found = warehouse.execute(f"SELECT state FROM template.{dataset}.{table}").fetchall()  # noqa: S608 - our own names
        cases = [f"WHEN '{state}' THEN '{_packed(clone(_unpacked(state)))}'" for (state,) in found]
        changed.append(f"CASE state {' '.join(cases)} END AS state")
    columns = f"* REPLACE ({', '.join(changed)})" if changed else "*"
    query = f"SELECT {columns} FROM template.{dataset}.{table} {rows}"  # noqa: S608 - as above
    warehouse.execute(f"CREATE TABLE {clone(dataset)}.{table} AS {query}")


def _unpacked(state: str) -> str:
    """The JSON of a state as dlt stores it: base64 of zlib, level 9."""
    return zlib.decompress(base64.b64decode(state)).decode()


def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), level=9)).decode()
