"""Each file format is read as a stream of Arrow tables (nested JSON: of rows) with bounded memory and nothing guessed twice.

pyarrow reads, because it refuses what does not fit a column; DuckDB's CSV reader turns "1.5" into 2 for a BIGINT.
DuckDB only tells the types of columns that nobody knows yet, from the whole file: pyarrow would look at its first block.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
import pyarrow.types as kinds
from pyarrow import compute

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import CsvOptions

Rows = list[dict[str, object]]
KnownType = Callable[[str], pa.DataType | None]
"""The type that a column must have; None where it is not known yet."""

_BYTE_ORDER_MARK = "\ufeff"
_BLOCK_BYTES = 8 << 20
_BATCH_ROWS = 50_000
_JSON_ROWS = 5_000
_BY_ENDING = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


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
    try:
        header = _csv_header(path, options)
        if not header:
            return
        for batch in arrow_csv.open_csv(
            path, **_csv_options(options, _csv_types(path, header, options, known))
        ):
            yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, UnicodeError, LookupError, csv.Error) as error:
        raise _unreadable(path, error) from None


def _csv_header(path: Path, options: CsvOptions) -> list[str]:
    """The names in the first line that holds anything; none in an empty file."""
    with path.open(encoding=options.encoding, newline="") as file:
        lines = csv.reader(file, delimiter=options.delimiter)
        names = [name.removeprefix(_BYTE_ORDER_MARK) for name in next(filter(None, lines), [])]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _unreadable(path, f"its header names {', '.join(f'`{name}`' for name in twice)} more than once")
    return names


def _csv_types(
    path: Path, header: list[str], options: CsvOptions, known: KnownType
) -> dict[str, pa.DataType]:
    types = {name: kind for name in header if (kind := known(name)) is not None}
    unknown = [name for name in header if name not in types]
    if unknown:
        types |= _tried(path, options, types, _sniffed(path, options, unknown))
    return types


def _sniffed(path: Path, options: CsvOptions, names: list[str]) -> dict[str, pa.DataType]:
    """The types that DuckDB would give columns after a look at the whole file; text where it can't tell."""
    wanted = dict.fromkeys(names, pa.string())
    try:
        with duckdb.connect() as connection:
            described = connection.execute(
                "SELECT column_name, column_type FROM (DESCRIBE FROM read_csv("
                "?, header = true, sample_size = -1, delim = ?, nullstr = ?, encoding = ?))",
                [str(path), options.delimiter, list(options.null_values), options.encoding],
            ).fetchall()
    except duckdb.Error:
        # Some encodings and dialects are pyarrow's alone; as text nothing is lost.
        return wanted
    return wanted | {name: _ARROW_OF.get(kind, pa.string()) for name, kind in described if name in wanted}


def _tried(
    path: Path, options: CsvOptions, known: dict[str, pa.DataType], sniffed: dict[str, pa.DataType]
) -> dict[str, pa.DataType]:
    """The sniffed types, with text for what pyarrow reads another way, and no type yet for a column of nulls alone.

    DuckDB knows more ways to write a date or a truth value than pyarrow does, and takes 20 digits for a float.
    """
    texts = known | dict.fromkeys(sniffed, pa.string())
    right = {name: not kinds.is_string(kind) for name, kind in sniffed.items()}
    empty = dict.fromkeys(sniffed, True)
    for batch in arrow_csv.open_csv(path, **_csv_options(options, texts)):
        for name, kind in sniffed.items():
            column = batch.column(name)
            empty[name] &= column.null_count == len(column)
            right[name] = right[name] and _is_exact(column, kind)
    types = {name: kind if right[name] else pa.string() for name, kind in sniffed.items()}
    return {name: pa.null() if empty[name] else kind for name, kind in types.items()}


def _is_exact(texts: pa.StringArray, kind: pa.DataType) -> bool:
    if kinds.is_time(kind):
        return bool(compute.all(compute.match_substring_regex(texts, _TIME)).as_py())
    try:
        compute.utf8_trim_whitespace(texts).cast(kind)
    except pa.ArrowInvalid:
        return False
    return not (
        kinds.is_floating(kind) and compute.any(compute.match_substring_regex(texts, _TOO_LONG)).as_py()
    )


def _csv_options(options: CsvOptions, types: dict[str, pa.DataType]) -> dict[str, object]:
    return {
        "read_options": arrow_csv.ReadOptions(block_size=_BLOCK_BYTES, encoding=options.encoding),
        "parse_options": arrow_csv.ParseOptions(delimiter=options.delimiter, newlines_in_values=True),
        "convert_options": arrow_csv.ConvertOptions(
            column_types=types, null_values=list(options.null_values), strings_can_be_null=True
        ),
    }


_TOO_LONG = r"^\s*[+-]?\d{16,}\s*$"
"""A whole number that a float may not hold exactly."""
_TIME = r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$"
"""A time as pyarrow reads it."""
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
