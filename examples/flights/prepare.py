"""Prepared data is what a team would have: an operational database and a landing folder that fills by month.

    python examples/flights/prepare.py [--data DIR] [--months 1-11]

A second call leaves alone what is intact, restores what was changed and adds what is missing.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from sdist import DataError, fetch, file_digest, read_table
from tables import FLIGHTS, NULL, OPERATIONAL, Cell, ColumnType, Table

DEFAULT_DATA = Path(__file__).resolve().parents[2] / "data"
LANDING = "landing/flights"
STAMP = "prepared.json"
YEAR = 2013
MONTHS = range(1, 13)
FIRST_PARQUET_MONTH = 7

# Raised when the outputs made from the same sdist change, so that older ones are made anew.
RECIPE = 1

ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    "INTEGER": pa.int64(),
    "REAL": pa.float64(),
    "TEXT": pa.string(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Output:
    """A file to be there afterwards. `build` writes it to the path it is given and returns its rows."""

    name: str
    build: Callable[[Path], int]
    modified: datetime | None = None


class Stamp:
    """Remembers rows and digest of each output, in a file of the data folder."""

    def __init__(self, path: Path, sdist_digest: str) -> None:
        self._path = path
        self._made_from = {"recipe": RECIPE, "sdist": sdist_digest}
        self._outputs: dict[str, dict[str, int | str]] = {}
        try:
            recorded = json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return
        if recorded.get("made_from") == self._made_from:
            self._outputs = recorded["outputs"]

    def intact_rows(self, name: str, path: Path) -> int | None:
        """The rows of an output that is there as it was written, else None."""
        known = self._outputs.get(name)
        if known is None or not path.exists() or file_digest(path) != known["sha256"]:
            return None
        return int(known["rows"])

    def record(self, name: str, path: Path, rows: int) -> None:
        self._outputs[name] = {"rows": rows, "sha256": file_digest(path)}
        content = {"made_from": self._made_from, "outputs": dict(sorted(self._outputs.items()))}
        partial_path = self._path.with_name(f".partial-{self._path.name}")
        partial_path.write_text(json.dumps(content, indent=2) + "\n")
        partial_path.replace(self._path)


def prepare(data: Path, months: Collection[int]) -> Iterator[tuple[str, str, int]]:
    """Make the outputs, yielding (`kept` or `written`, name, rows) for each. Raises DataError."""
    sdist = fetch(data / "download")
    stamp = Stamp(data / STAMP, file_digest(sdist))
    for output in outputs(sdist, months):
        path = data / output.name
        rows = stamp.intact_rows(output.name, path)
        if rows is not None:
            yield "kept", output.name, rows
            continue
        rows = _publish(output, path, scratch=data / f".partial-{path.name}")
        stamp.record(output.name, path, rows)
        yield "written", output.name, rows


def outputs(sdist: Path, months: Collection[int]) -> Iterator[Output]:
    yield Output("ops.db", partial(build_database, sdist))
    for month in sorted(months):
        suffix, build = ("csv", build_csv) if month < FIRST_PARQUET_MONTH else ("parquet", build_parquet)
        name = f"{LANDING}/flights_{YEAR}_{month:02}.{suffix}"
        yield Output(name, partial(build, sdist, month), modified=_morning_after(month))


def build_database(sdist: Path, path: Path) -> int:
    """Write the operational tables as SQLite; timestamps are UTC texts `YYYY-MM-DD HH:MM:SS`."""
    total = 0
    with closing(sqlite3.connect(path)) as connection:
        for table in OPERATIONAL:
            rows = [[_sqlite_value(cell) for cell in row] for row in _typed_rows(sdist, table)]
            places = ", ".join("?" * len(table.columns))
            connection.execute(_create_statement(table))
            connection.executemany(f"INSERT INTO {table.name} VALUES ({places})", rows)  # noqa: S608 - our own name
            _expect(table, len(rows))
            total += len(rows)
        connection.commit()
    return total


def build_csv(sdist: Path, month: int, path: Path) -> int:
    """Write a month's lines as they stand in the source."""
    header, lines = _flights(sdist)
    path.write_bytes(b"".join([header, *lines[month]]))
    return len(lines[month])


def build_parquet(sdist: Path, month: int, path: Path) -> int:
    """Write a month with its declared types; timestamps carry the zone UTC."""
    header, lines = _flights(sdist)
    convert = pa_csv.ConvertOptions(
        column_types={name: ARROW_TYPES[type_] for name, type_ in FLIGHTS.columns.items()},
        null_values=[NULL],
        strings_can_be_null=True,
    )
    content = pa_csv.read_csv(pa.BufferReader(b"".join([header, *lines[month]])), convert_options=convert)
    pq.write_table(content, path)
    return int(content.num_rows)


def _publish(output: Output, path: Path, scratch: Path) -> int:
    # Built beside the landing folder, so that nobody who lists it ever sees half a file.
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch.unlink(missing_ok=True)
    rows = output.build(scratch)
    if output.modified:
        moment = output.modified.timestamp()
        os.utime(scratch, (moment, moment))
    scratch.replace(path)
    return rows


@cache
def _flights(sdist: Path) -> tuple[bytes, Mapping[int, Sequence[bytes]]]:
    """The header line and, for each month of local departure, the lines in their order in the source."""
    header, *lines = read_table(sdist, FLIGHTS.name).splitlines(keepends=True)
    _expect(FLIGHTS, len(lines))
    _expect_columns(FLIGHTS, header.decode().strip().split(","))
    by_month: defaultdict[int, list[bytes]] = defaultdict(list)
    for line in lines:
        by_month[int(line.split(b",", 2)[1])].append(line)
    return header, by_month


def _typed_rows(sdist: Path, table: Table) -> Iterator[tuple[Cell, ...]]:
    records = csv.reader(read_table(sdist, table.name).decode().splitlines())
    _expect_columns(table, next(records))
    return map(table.parse, records)


def _create_statement(table: Table) -> str:
    columns = [f"{name} {type_}{' NOT NULL' * (name in table.key)}" for name, type_ in table.columns.items()]
    return f"CREATE TABLE {table.name} ({', '.join(columns)}, PRIMARY KEY ({', '.join(table.key)}))"


def _sqlite_value(cell: Cell) -> int | float | str | None:
    return f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else cell


def _expect(table: Table, rows: int) -> None:
    if rows != table.rows:
        raise DataError(f"{table.name} has {rows:,} rows, not {table.rows:,}. Correct tables.py.")


def _expect_columns(table: Table, columns: Sequence[str]) -> None:
    if list(columns) != list(table.columns):
        raise DataError(f"{table.name} has the columns {', '.join(columns)}. Correct tables.py.")


def _morning_after(month: int) -> datetime:
    """When the file of a month came in: 06:00 UTC on the first day of the next month."""
    year, next_month = (YEAR, month + 1) if month < 12 else (YEAR + 1, 1)
    return datetime(year, next_month, 1, 6, tzinfo=UTC)


def _month_range(text: str) -> range:
    first, _, last = text.partition("-")
    try:
        months = range(int(first), int(last or first) + 1)
    except ValueError:
        months = range(0)
    if not months or months[0] not in MONTHS or months[-1] not in MONTHS:
        raise argparse.ArgumentTypeError(f"{text!r} is no month or range of months such as 1-11")
    return months


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Prepare the data of the flights example.")
    option = parser.add_argument
    option("--data", type=Path, default=DEFAULT_DATA, help="folder to fill (default: %(default)s)")
    option("--months", type=_month_range, default=MONTHS, metavar="N-M", help="landing files (default: 1-12)")
    options = parser.parse_args(arguments)
    try:
        for verb, name, rows in prepare(options.data, options.months):
            print(f"{verb:<8} {name:<39} {rows:>7,} rows")
    except DataError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
