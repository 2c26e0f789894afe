"""A file's format follows from its ending; Parquet files are read as streams of Arrow tables, with bounded memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from databridge.engine.unreadable import unreadable
from databridge.locations.landing import file_key
from databridge.model.diagnostic import DatabridgeError

_BATCH_ROWS = 50_000
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
