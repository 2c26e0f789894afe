"""Parquet files are read as streams of Arrow tables and JSON lines as streams of rows, with bounded memory."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from databridge.engine.unreadable import unreadable
from databridge.locations.landing import file_key
from databridge.model.diagnostic import DatabridgeError

Rows = list[dict[str, object]]

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
            f"the format of `{file_key(path.name)}` can't be told from its ending",
            hint="Write `format: csv`, `jsonl` or `parquet` beside its `glob`, or narrow the glob.",
        )
    return found


def read_parquet(path: Path) -> Iterator[pa.Table]:
    """The rows of a Parquet file.

    Raises:
        DatabridgeError: it is none, or is damaged.
    """
    try:
        # As bytes: a name need not be text.
        with pa.OSFile(os.fsencode(path)) as content, arrow_parquet.ParquetFile(content) as file:
            for batch in file.iter_batches(_BATCH_ROWS):
                yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, OSError) as error:
        raise unreadable(path, error) from None


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
                raise unreadable(path, f"line {number}: {error}") from None
            if not isinstance(row, dict):
                raise unreadable(path, f"line {number} is no JSON object")
            yield row
