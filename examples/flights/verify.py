"""A load is right if each warehouse table has the rows of its source, all of them, once and unchanged.

    python examples/flights/verify.py [TABLE ...] [--warehouse FILE] [--dataset NAME]

Rows are compared by a hash that does not depend on their order. Source and warehouse are read apart: the
source with the standard library and pyarrow, the warehouse with DuckDB. Exits 1 on any difference.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sqlite3
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from prepare import DEFAULT_DATA, LANDING
from sdist import DataError, fetch, read_table
from tables import FLIGHTS, TABLES, Table, parse_cell

Row = Sequence[object]

BATCH_ROWS = 65_536

# What marks the rows of one load, best first: dlt's load id, or the day a snapshot was taken.
LOAD_MARKS = ("_dlt_load_id", "load_date")


@dataclass(frozen=True)
class TableHash:
    """The number of rows and the sum of their digests: equal for equal multisets of rows, in any order."""

    rows: int
    digest: int

    def __str__(self) -> str:
        return f"{self.digest:032x}"


def table_hash(rows: Iterable[Row]) -> TableHash:
    """Hash a table. Each row counts, so a doubled row shows; a sum of 128-bit digests modulo 2**128."""
    count = total = 0
    for row in rows:
        line = ",".join(map(canonical, row)).encode()
        total += int.from_bytes(hashlib.blake2b(line, digest_size=16).digest())
        count += 1
    return TableHash(count, total % 2**128)


# Typed, because True, 1 and 1.0 are one key otherwise. Most cells repeat, so this is where the time is saved.
@lru_cache(maxsize=1 << 16, typed=True)
def canonical(cell: object) -> str:
    """One text per value: whole floats as integers, times in UTC (naive ones are UTC), strings as JSON."""
    match cell:
        case None:
            return "null"
        case bool():
            return str(cell).lower()
        case int():
            return str(cell)
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case str():
            return json.dumps(cell)
        case datetime():
            moment = cell.astimezone(UTC) if cell.tzinfo else cell.replace(tzinfo=UTC)
            return moment.isoformat()
        case _:
            # Another type is a difference in itself: its text must not be that of any source value.
            return f"{type(cell).__name__}:{cell!r}"


def source_rows(data: Path, table: Table) -> Iterator[Row]:
    """The rows of a table as prepared: flights from the landing files there are, the rest from the database."""
    if not (data / "ops.db").exists():
        raise DataError(f"There is no prepared data in {data}. Run prepare.py first.")
    if table is FLIGHTS:
        return chain.from_iterable(landing_rows(path) for path in sorted((data / LANDING).iterdir()))
    return database_rows(data / "ops.db", table)


def original_rows(data: Path, table: Table) -> Iterator[Row]:
    """The rows of a table as published, past everything that prepare does."""
    return csv_rows(read_table(fetch(data / "download"), table.name).decode().splitlines(), table)


def database_rows(path: Path, table: Table) -> Iterator[Row]:
    times = {place for place, type_ in enumerate(table.columns.values()) if type_ == "TIMESTAMP"}
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        query = f"SELECT {', '.join(table.columns)} FROM {table.name}"  # noqa: S608 - our own names
        for row in connection.execute(query):
            yield [
                parse_cell(cell, "TIMESTAMP") if place in times and cell is not None else cell
                for place, cell in enumerate(row)
            ]


def landing_rows(path: Path) -> Iterator[Row]:
    """The rows of one landing file; files that are neither CSV nor Parquet have none."""
    match path.suffix:
        case ".csv":
            with path.open(encoding="utf-8", newline="") as stream:
                yield from csv_rows(stream, FLIGHTS)
        case ".parquet":
            with pq.ParquetFile(path) as file:
                yield from arrow_rows(file.iter_batches(columns=list(FLIGHTS.columns)))


def csv_rows(lines: Iterable[str], table: Table) -> Iterator[Row]:
    records = csv.reader(lines)
    header = next(records)
    if header != list(table.columns):
        raise DataError(
            f"A file of {table.name} has the columns {', '.join(header)}. Prepare the data again."
        )
    yield from map(table.parse, records)


def arrow_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[Row]:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def warehouse_rows(
    connection: duckdb.DuckDBPyConnection, dataset: str, table: Table, newest_load: bool = False
) -> Iterator[Row]:
    """The rows of a warehouse table: the source's columns, whatever stands beside them.

    A column that is not there counts as null, since dlt makes no column before its first value.
    `newest_load` leaves out the rows of all loads but the last. Raises DataError if there is no such table.
    """
    known = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?",
        [dataset, table.name],
    ).fetchall()
    present = {name for (name,) in known}
    if not present:
        raise DataError(f"The warehouse has no table {dataset}.{table.name}. Load it first.")
    columns = ", ".join(name if name in present else f"NULL AS {name}" for name in table.columns)
    place = f'"{dataset}".{table.name}'
    query = f"SELECT {columns} FROM {place}"  # noqa: S608 - names of ours and of whoever runs this
    if newest_load:
        mark = next((mark for mark in LOAD_MARKS if mark in present), None)
        if mark is None:
            raise DataError(f"{table.name} has none of {', '.join(LOAD_MARKS)} to tell its loads apart.")
        query += f" WHERE {mark} = (SELECT max({mark}) FROM {place})"  # noqa: S608 - as above
    return arrow_rows(connection.sql(query).to_arrow_table().to_batches(BATCH_ROWS))


def compare(
    data: Path,
    warehouse: Path,
    dataset: str,
    tables: Collection[Table],
    *,
    snapshots: Collection[str] = (),
    original: bool = False,
) -> Iterator[tuple[Table, TableHash, TableHash]]:
    """Each table with its hash in the warehouse and in its source. Raises DataError."""
    if not warehouse.exists():
        raise DataError(f"There is no warehouse {warehouse}. Load the example first.")
    with closing(duckdb.connect(warehouse, read_only=True)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in tables:
            loaded = warehouse_rows(connection, dataset, table, newest_load=table.name in snapshots)
            source = original_rows(data, table) if original else source_rows(data, table)
            yield table, table_hash(loaded), table_hash(source)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = set(options.tables) - {table.name for table in TABLES}
    if unknown:
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    tables = [table for table in TABLES if not options.tables or table.name in options.tables]
    warehouse = options.warehouse or options.data / "warehouse.duckdb"
    all_equal = True
    print(f"{'table':<9} {'rows':>8} {'source':>8}  {'hash':<32}  {'source hash':<32}  ok")
    try:
        results = compare(
            options.data,
            warehouse,
            options.dataset,
            tables,
            snapshots=options.snapshot,
            original=options.original,
        )
        for table, loaded, source in results:
            verdict = "yes" if loaded == source else "NO"
            print(f"{table.name:<9} {loaded.rows:>8,} {source.rows:>8,}  {loaded}  {source}  {verdict}")
            all_equal &= loaded == source
    except (DataError, OSError, sqlite3.Error, duckdb.Error) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    return 0 if all_equal else 1


def _parser() -> argparse.ArgumentParser:
    names = [table.name for table in TABLES]
    parser = argparse.ArgumentParser(description="Compare the loaded flights example with its source.")
    option = parser.add_argument
    option("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(names)} (default: all)")
    option("--data", type=Path, default=DEFAULT_DATA, help="prepared data (default: %(default)s)")
    option("--warehouse", type=Path, metavar="FILE", help="default: warehouse.duckdb in the data folder")
    option("--dataset", default="flights_raw", help="schema of the tables (default: %(default)s)")
    option("--original", action="store_true", help="compare with the published files, not the prepared ones")
    option(
        "--snapshot",
        action="append",
        default=[],
        choices=names,
        metavar="TABLE",
        help="of this table, compare the newest load only",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
