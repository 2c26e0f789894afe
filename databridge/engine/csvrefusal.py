"""pyarrow tells a CSV column by its number and rarely the value; a second look at the file finds name, line and value."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.types as kinds

from databridge.engine.culprit import culprit
from databridge.engine.kindname import kind_name
from databridge.engine.misfit import Ground, misfit
from databridge.engine.textcolumn import converted, read_by_hand
from databridge.engine.unreadable import unreadable
from databridge.locations.landing import file_key
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import CsvOptions

_NUMBER = re.compile(r"^In CSV column #(\d+): ")
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class CsvColumn:
    """What a column of the file should become."""

    name: str
    kind: pa.DataType
    ground: Ground


def csv_refusal(path: Path, options: CsvOptions, columns: list[CsvColumn], said: str) -> DatabridgeError:
    """The error for a file that pyarrow refused.

    Args:
        path: the file.
        options: how it is written.
        columns: what its columns should become, in their order.
        said: what pyarrow said.
    """
    numbered = _NUMBER.match(said)
    if numbered is None or int(numbered[1]) >= len(columns):
        return unreadable(
            path, _odd_row(path, options, len(columns)) + said.removeprefix("CSV parse error: ")
        )
    column = columns[int(numbered[1])]
    try:
        found = _odd_value(path, options, int(numbered[1]), column)
    except (UnicodeError, csv.Error):
        found = None
    if found is None:
        return unreadable(path, f"column `{column.name}`: {said[numbered.end() :]}")
    line, value = found
    place = f"{file_key(path.name)}, line {line:,}"
    return misfit(place, column.name, value, column.ground, kind_name(column.kind))


def _rows(path: Path, options: CsvOptions) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header, each with the line that it begins in."""
    with path.open(encoding=options.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=options.delimiter)
        next(filter(None, reader), None)
        begins = reader.line_num + 1
        for row in reader:
            if row:
                yield begins, row
            begins = reader.line_num + 1


def _odd_row(path: Path, options: CsvOptions, width: int) -> str:
    """Where the first row of another width is, as the beginning of a sentence; nothing where there is none."""
    try:
        return next((f"line {line:,}: " for line, row in _rows(path, options) if len(row) != width), "")
    except (UnicodeError, LookupError, csv.Error):
        return ""


def _odd_value(path: Path, options: CsvOptions, place: int, column: CsvColumn) -> tuple[int, str] | None:
    """The first value of a column that is not of its type, and its line."""

    def fits(some: list[tuple[int, str]]) -> bool:
        return _convert([value for _, value in some], column.kind, options)

    values = ((line, row[place]) for line, row in _rows(path, options) if place < len(row))
    while some := list(islice(values, _AT_ONCE)):
        if not fits(some):
            return culprit(some, fits)[0]
    return None


def _convert(values: list[str], kind: pa.DataType, options: CsvOptions) -> bool:
    content = io.StringIO()
    writer = csv.writer(content, quoting=csv.QUOTE_ALL)
    writer.writerows([["v"], *([value] for value in values)])
    asked = arrow_csv.ConvertOptions(
        column_types={"v": pa.string() if read_by_hand(kind) else kind},
        null_values=list(options.null_values),
        strings_can_be_null=True,
    )
    parsing = arrow_csv.ParseOptions(newlines_in_values=True)
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(content.getvalue().encode()), parse_options=parsing, convert_options=asked
        )
        if read_by_hand(kind) or kinds.is_decimal(kind):
            converted(table["v"].combine_chunks(), kind)
    except pa.ArrowInvalid:
        return False
    return True
