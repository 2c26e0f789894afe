"""Each file format is read as a stream of Arrow tables (nested JSON: of rows) with bounded memory and nothing guessed twice.

pyarrow reads, because it refuses what does not fit a column; DuckDB's CSV reader turns "1.5" into 2 for a BIGINT.
DuckDB only tells the types of columns that nobody knows yet, from the whole file: pyarrow would look at its first block.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import CsvOptions

Rows = list[dict[str, object]]
KnownType = Callable[[str], pa.DataType | None]
"""The type that a column must have; None where it is not known yet."""

_BLOCK_BYTES = 8 << 20
_BATCH_ROWS = 50_000
_JSON_ROWS = 5_000
_BY_ENDING = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet"}


def format_of(path: Path, declared: str) -> str:
    """`csv`, `jsonl` or `parquet`.

    Raises:
        DatabridgeError: the format is `auto`, and the file's ending says nothing.
    """
    if declared != "auto":
        return declared
    found = _BY_ENDING.get(path.suffix.lower())
    if found is None:
        raise DatabridgeError.of(
            "DB521",
            f"the format of `{path.name}` can't be told from its ending",
            hint="Write `format: csv`, `jsonl` or `parquet` beside its `glob`, or narrow the glob.",
        )
    return found


def read_csv(path: Path, options: CsvOptions, known: KnownType) -> Iterator[pa.Table]:
    """The rows of a CSV file with a header.

    Args:
        path: the file.
        options: delimiter, encoding, and which texts mean NULL.
        known: the types of columns that have one already.

    Raises:
        DatabridgeError: the file is malformed, or a value does not fit its column.
    """
    if path.stat().st_size == 0:
        return
    try:
        types = _csv_types(path, options, known)
        reader = arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES, encoding=options.encoding),
            parse_options=arrow_csv.ParseOptions(delimiter=options.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types, null_values=list(options.null_values), strings_can_be_null=True
            ),
        )
        for batch in reader:
            yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, UnicodeError, LookupError) as error:
        raise _unreadable(path, error) from None


def _csv_types(path: Path, options: CsvOptions, known: KnownType) -> dict[str, pa.DataType]:
    header = _csv_header(path, options)
    types = {name: kind for name in header if (kind := known(name)) is not None}
    if len(types) < len(header):
        inferred = _inferred(path, options)
        types = {name: inferred.get(name, pa.string()) for name in header} | types
    return types


def _csv_header(path: Path, options: CsvOptions) -> list[str]:
    with path.open("rb") as file:
        first = file.readline()
    names = arrow_csv.read_csv(
        io.BytesIO(first),
        read_options=arrow_csv.ReadOptions(encoding=options.encoding),
        parse_options=arrow_csv.ParseOptions(delimiter=options.delimiter),
    ).column_names
    return list(names)


def _inferred(path: Path, options: CsvOptions) -> dict[str, pa.DataType]:
    try:
        with duckdb.connect() as connection:
            described = connection.execute(
                "SELECT column_name, column_type FROM (DESCRIBE FROM read_csv("
                "?, header = true, sample_size = -1, delim = ?, nullstr = ?, encoding = ?))",
                [str(path), options.delimiter, list(options.null_values), options.encoding],
            ).fetchall()
    except duckdb.Error:
        # Some encodings and dialects are pyarrow's alone; as text nothing is lost.
        return {}
    return {name: _ARROW_OF.get(kind, pa.string()) for name, kind in described}


_ARROW_OF = {
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
}
"""What DuckDB's CSV sniffer can answer; everything else stays text."""


def read_parquet(path: Path) -> Iterator[pa.Table]:
    """The rows of a Parquet file.

    Raises:
        DatabridgeError: it is none, or is damaged.
    """
    try:
        with arrow_parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS):
                yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(path, error) from None


def read_jsonl(path: Path) -> Iterator[Rows]:
    """The rows of a file with one JSON object a line; empty lines are passed over.

    Raises:
        DatabridgeError: a line is no JSON object; the error names it.
    """
    with path.open("rb") as file:
        rows = _json_rows(path, file)
        while chunk := list(islice(rows, _JSON_ROWS)):
            yield chunk


def _json_rows(path: Path, file: io.BufferedReader) -> Iterator[dict[str, object]]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise _unreadable(path, f"line {number}: {error}") from None
            if not isinstance(row, dict):
                raise _unreadable(path, f"line {number} is no JSON object")
            yield row


def _unreadable(path: Path, error: object) -> DatabridgeError:
    return DatabridgeError.of(
        "DB522",
        f"`{path.name}` can't be read as it is",
        detail=str(error).splitlines()[0] if str(error) else "",
        hint="Mend or remove the file, or declare its format, delimiter, encoding or column types; then apply again.",
    )
