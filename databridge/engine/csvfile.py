"""A CSV file is read as a stream of Arrow tables; what does not fit the type of its column is refused, never rounded.

pyarrow reads, because it refuses; DuckDB's reader turns "1.5" into 2 for a BIGINT. A file with columns that nobody
knows yet is read twice: the first time tells their types, from every value.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from databridge.engine.guess import Guess
from databridge.engine.unreadable import unreadable
from databridge.model.resource import CsvOptions

KnownType = Callable[[str], pa.DataType | None]
"""The type that a column must have; None where it is not known yet."""

_BLOCK_BYTES = 8 << 20
_BYTE_ORDER_MARK = "\ufeff"


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
        names = _header(path, options)
        types = {name: kind for name in names if (kind := known(name)) is not None}
        if len(types) < len(names):
            types |= _guessed(path, options, types, [name for name in names if name not in types])
        for batch in _batches(path, options, types) if names else ():
            yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, UnicodeError, LookupError, csv.Error) as error:
        raise unreadable(path, error) from None


def _header(path: Path, options: CsvOptions) -> list[str]:
    """The names of the columns; none where no row follows."""
    with path.open(encoding=options.encoding, newline="") as file:
        names = next(filter(None, csv.reader(file, delimiter=options.delimiter)), [])
        if not any(line.strip("\r\n") for line in file):
            return []
    names = [name.removeprefix(_BYTE_ORDER_MARK) for name in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise unreadable(path, f"its header names {', '.join(f'`{name}`' for name in twice)} more than once")
    return names


def _guessed(
    path: Path, options: CsvOptions, known: dict[str, pa.DataType], unknown: list[str]
) -> dict[str, pa.DataType]:
    guesses: defaultdict[str, Guess] = defaultdict(Guess)
    for batch in _batches(path, options, known | dict.fromkeys(unknown, pa.string())):
        for name in unknown:
            guesses[name].see(batch.column(name))
    return {name: guess.kind for name, guess in guesses.items()}


def _batches(path: Path, options: CsvOptions, types: dict[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES, encoding=options.encoding),
        parse_options=arrow_csv.ParseOptions(delimiter=options.delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types, null_values=list(options.null_values), strings_can_be_null=True
        ),
    )
    yield from reader
