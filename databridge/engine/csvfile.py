"""A CSV file is read as a stream of Arrow tables; what does not fit the type of its column is refused, never rounded.

pyarrow reads, because it refuses; DuckDB's reader turns "1.5" into 2 for a BIGINT. A file with columns that nobody
knows yet is read twice: the first time tells their types, from every value.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.types as kinds

from databridge.engine.csvrefusal import CsvColumn, csv_refusal
from databridge.engine.guess import Guess
from databridge.engine.misfit import Ground
from databridge.engine.textcolumn import converted, read_by_hand
from databridge.engine.unreadable import unreadable
from databridge.model.resource import CsvOptions

KnownType = Callable[[str], pa.DataType | None]
"""The type that a column must have; None where it is not known yet."""

_BLOCK_BYTES = 8 << 20
_BYTE_ORDER_MARK = "\ufeff"


def _by_its_table(_: str) -> Ground:
    return Ground.TABLE


def read_csv(
    path: Path, options: CsvOptions, known: KnownType, ground: Callable[[str], Ground] = _by_its_table
) -> Iterator[pa.Table]:
    """The rows of a CSV file with a header.

    Args:
        path: the file.
        options: delimiter, encoding, and which texts mean NULL.
        known: the types of columns that have one already.
        ground: why they have it.

    Raises:
        DatabridgeError: the file is malformed, or a value does not fit its column.
    """
    names: list[str] = []
    types: dict[str, pa.DataType] = {}
    try:
        names = _header(path, options)
        types = {name: kind for name in names if (kind := known(name)) is not None}
        if len(types) < len(names):
            types |= _guessed(path, options, types, [name for name in names if name not in types])
        for batch in _batches(path, options, types) if names else ():
            yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        columns = [CsvColumn(name, types.get(name, pa.string()), ground(name)) for name in names]
        raise csv_refusal(path, options, columns, str(error)) from None
    except (UnicodeError, LookupError, csv.Error) as error:
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
    """The rows; columns that pyarrow would read inexactly are read as texts, and converted here."""
    by_hand = [name for name, kind in types.items() if read_by_hand(kind)]
    looked_at = [*by_hand, *(name for name, kind in types.items() if kinds.is_decimal(kind))]
    reader = arrow_csv.open_csv(
        pa.OSFile(os.fsencode(path)),  # as bytes: a name need not be text
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES, encoding=options.encoding),
        parse_options=arrow_csv.ParseOptions(delimiter=options.delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types | dict.fromkeys(by_hand, pa.string()),
            null_values=list(options.null_values),
            strings_can_be_null=True,
        ),
    )
    for batch in reader:
        for name in looked_at:
            place = batch.schema.get_field_index(name)
            try:
                column = converted(batch.column(place), types[name])
            except pa.ArrowInvalid as error:
                raise pa.ArrowInvalid(f"In CSV column #{place}: {error}") from None
            batch = batch.set_column(place, name, column)  # noqa: PLW2901 - Arrow's way to change one
        yield batch
