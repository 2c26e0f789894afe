"""What a destination holds, as plain values: every row of every table, without dlt's columns and the load date.

Two destinations are equal when these are. Beside the rows stand the invariants that hold of every destination at rest:
nested rows have a parent, and appended rows belong to a load that was completed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

LOAD_DATE = "load_date"
_COPIES = "_undo_"
"""Stands in the name of a dataset that holds what a run took, for an undo to put back."""
Rows = Counter[str]


@dataclass(frozen=True)
class Contents:
    """All tables of a destination."""

    rows: dict[str, Rows] = field(default_factory=dict)
    """By `dataset.table`, for tables without a load date."""
    snapshots: dict[str, list[Rows]] = field(default_factory=dict)
    """By `dataset.table`, for tables with one: the rows of each load."""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names and types by `dataset.table`, where the destination has types."""

    def difference(self, other: Contents, *, any_number_of_snapshots: bool = False) -> str:
        """How another differs from this, in words; empty when it does not."""
        said = []
        if any_number_of_snapshots:
            mine = {name: _distinct(snapshots) for name, snapshots in self.snapshots.items()}
            theirs = {name: _distinct(snapshots) for name, snapshots in other.snapshots.items()}
        else:
            mine, theirs = self.snapshots, other.snapshots
        for name in sorted(self.rows.keys() | other.rows.keys()):
            missing = self.rows.get(name, Counter()) - other.rows.get(name, Counter())
            surplus = other.rows.get(name, Counter()) - self.rows.get(name, Counter())
            if missing or surplus or (name in self.rows) != (name in other.rows):
                said.append(
                    f"{name}: {missing.total()} missing {_some(missing)}, {surplus.total()} surplus {_some(surplus)}"
                )
        if mine != theirs:
            said.append(f"snapshots: {_sizes(mine)} became {_sizes(theirs)}")
        if self.columns != other.columns:
            said += [
                f"{name}: {self.columns.get(name)} became {other.columns.get(name)}"
                for name in sorted(self.columns.keys() | other.columns.keys())
                if self.columns.get(name) != other.columns.get(name)
            ]
        return "\n".join(said)


def contents(warehouse: Path, lake: Path | None = None) -> Contents:
    """Everything in a DuckDB file and, with it, in a lake of Parquet files."""
    found = Contents()
    if warehouse.exists():
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            _read_warehouse(connection, found)
    if lake is not None and lake.exists():
        for dataset in sorted(path for path in lake.iterdir() if path.is_dir() and _COPIES not in path.name):
            _read_lake(dataset, found)
    return found


def contents_of(dataset: str, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> Contents:
    """What a dataset holds whose tables were read, dlt's own among them."""
    found = Contents()
    complete = {row["load_id"] for row in tables.get("_dlt_loads", ())}
    for table, rows in tables.items():
        if table.startswith("_dlt"):
            continue
        loads = {row["_dlt_load_id"] for row in rows if "_dlt_load_id" in row}
        assert loads <= complete, f"{table} has rows of a load that was never completed"
        above = {row.get("_dlt_id") for row in tables.get(table.rpartition("__")[0], ())}
        parents = {row["_dlt_parent_id"] for row in rows if "_dlt_parent_id" in row}
        assert parents <= above, f"{table} has rows without a parent"
        _sort_in(found, f"{dataset}.{table}", rows)
    return found


def _read_warehouse(connection: duckdb.DuckDBPyConnection, found: Contents) -> None:
    described: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for dataset, table, column, kind in connection.execute(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
    ).fetchall():
        if not dataset.endswith("_staging") and _COPIES not in dataset:
            described[dataset, table][column] = kind
    for (dataset, table), kinds in described.items():
        if table.startswith("_dlt"):
            continue
        name = f'"{dataset}"."{table}"'
        cursor = connection.execute(f"SELECT * FROM {name}")
        names = [column[0] for column in cursor.description or ()]
        _sort_in(
            found, f"{dataset}.{table}", (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
        )
        found.columns[f"{dataset}.{table}"] = tuple(
            sorted(f"{c} {k}" for c, k in kinds.items() if not c.startswith("_dlt"))
        )
        if "_dlt_load_id" in kinds:
            query = f'SELECT count(*) FROM {name} WHERE _dlt_load_id NOT IN (SELECT load_id FROM "{dataset}"._dlt_loads)'
            assert connection.execute(query).fetchone() == (0,), (
                f"{name} has rows of a load that was never completed"
            )
        parent = table.rpartition("__")[0]
        if "_dlt_parent_id" in kinds:
            query = f'SELECT count(*) FROM {name} WHERE _dlt_parent_id NOT IN (SELECT _dlt_id FROM "{dataset}"."{parent}")'
            assert connection.execute(query).fetchone() == (0,), f"{name} has rows without a parent"


def _read_lake(dataset: Path, found: Contents) -> None:
    complete = {file.stem.rpartition("__")[2] for file in (dataset / "_dlt_loads").glob("*.jsonl")}
    for table in sorted(
        path for path in dataset.iterdir() if path.is_dir() and not path.name.startswith("_dlt")
    ):
        rows: list[Mapping[str, object]] = []
        for file in table.iterdir():
            load_id = ".".join(file.name.split(".")[:2])
            assert load_id in complete, (
                f"{dataset.name}/{table.name} has a file of load {load_id}, never completed"
            )
            rows += (
                {k: v for k, v in row.items() if v is not None} for row in pq.read_table(file).to_pylist()
            )
        if rows:
            _sort_in(found, f"lake:{dataset.name}.{table.name}", rows)


def _sort_in(found: Contents, name: str, rows: Iterable[Mapping[str, object]]) -> None:
    by_load: dict[object, Rows] = defaultdict(Counter)
    dated = False
    for row in rows:
        dated |= LOAD_DATE in row
        shown = {k: v for k, v in row.items() if not k.startswith("_dlt") and k != LOAD_DATE}
        by_load[row.get(LOAD_DATE)][repr(sorted(shown.items()))] += 1
    if dated:
        found.snapshots[name] = [by_load[moment] for moment in sorted(by_load, key=str)]
    else:
        found.rows[name] = by_load.get(None, Counter())


def _distinct(snapshots: list[Rows]) -> list[Rows]:
    return [rows for place, rows in enumerate(snapshots) if rows not in snapshots[:place]]


def _some(rows: Rows) -> str:
    return f"({', '.join(list(rows)[:2])})" if rows else ""


def _sizes(snapshots: Mapping[str, list[Rows]]) -> str:
    return ", ".join(f"{name} {[rows.total() for rows in found]}" for name, found in snapshots.items())
