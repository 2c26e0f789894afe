"""Rows that a server writes as CSV become Arrow columns of the wanted types, each value exactly, or one error names the value.

Nothing here guesses: a column's type is given, an empty field is NULL, and a quoted empty one is an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.types as kinds
from pyarrow import compute

from databridge.engine.culprit import culprit
from databridge.engine.kindname import kind_name
from databridge.engine.misfit import Ground, misfit
from databridge.engine.textcolumn import converted
from databridge.model.diagnostic import DatabridgeError

_COLUMN = re.compile(r"In CSV column #(\d+)")
_PARSING = arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
"""A row of one NULL is an empty line."""


@dataclass(frozen=True, slots=True)
class CsvRows:
    """How the rows of one query are read."""

    place: str
    """The table, for errors."""
    types: Mapping[str, pa.DataType]
    """By column, in the query's order."""
    by_hand: frozenset[str] = frozenset()
    """Columns whose texts are no numbers of their type by themselves: what Arrow would round is looked at."""
    hex: frozenset[str] = frozenset()
    """Columns that are written as `\\x` or `0x` and hexadecimal digits."""
    json: frozenset[str] = frozenset()
    """Columns of arrays, which are JSON unless they have bounds of their own."""

    def parsed(self, block: bytes | bytearray) -> pa.Table:
        """The rows of a block.

        Args:
            block: whole rows.

        Raises:
            DatabridgeError: a value does not fit its column.
        """
        texts = self.by_hand | self.hex
        try:
            rows = self._read(block, {n: pa.string() if n in texts else k for n, k in self.types.items()})
        except pa.ArrowInvalid as error:
            raise self._refusal(block, error) from None
        for place, (name, kind) in enumerate(self.types.items()):
            if name in self.json:
                self._refuse_bounds(name, rows.column(place))
            if name not in texts:
                continue
            column = rows.column(place)
            if name in self.hex:
                made = _each(column, unhexed, pa.binary()).cast(kind)
            else:
                made = self._by_hand(name, column, kind)
            rows = rows.set_column(place, pa.field(name, kind), made)
        return rows

    def _read(self, block: bytes | bytearray | pa.Buffer, types: Mapping[str, pa.DataType]) -> pa.Table:
        return arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(block)),
            read_options=arrow_csv.ReadOptions(column_names=list(types), block_size=len(block) + 1),
            parse_options=_PARSING,
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                timestamp_parsers=[arrow_csv.ISO8601],
            ),
        )

    def _by_hand(self, name: str, texts: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
        def fits(some: pa.ChunkedArray) -> bool:
            try:
                _each(some, lambda chunk: _exactly(chunk, kind), kind)
            except pa.ArrowInvalid:
                return False
            return True

        try:
            return _each(texts, lambda chunk: _exactly(chunk, kind), kind)
        except pa.ArrowInvalid:
            raise self._misfit(name, culprit(texts.drop_null(), fits)[0]) from None

    def _refusal(self, block: bytes | bytearray, error: Exception) -> Exception:
        """What to say of a block that can't be read: the value that is to blame, if there is one."""
        found = _COLUMN.search(str(error))
        if found is None:
            return error
        name = list(self.types)[int(found[1])]
        kind = self.types[name]
        try:
            texts = self._read(block, dict.fromkeys(self.types, pa.string()))[name]
        except pa.ArrowInvalid:
            return error  # no text either: then the encoding is wrong
        if kinds.is_boolean(kind):
            return self._misfit(name, compute.unique(texts.drop_null())[0])

        def fits(some: pa.ChunkedArray) -> bool:
            # Asked of the reader itself: a cast would take `24:00:00` for midnight.
            written = pa.BufferOutputStream()
            alone = arrow_csv.WriteOptions(include_header=False)
            arrow_csv.write_csv(pa.table({name: some}), written, alone)
            try:
                self._read(written.getvalue(), {name: kind})
            except pa.ArrowInvalid:
                return False
            return True

        return error if fits(texts) else self._misfit(name, culprit(texts.drop_null(), fits)[0])

    def _refuse_bounds(self, name: str, texts: pa.ChunkedArray) -> None:
        odd = texts.filter(compute.match_substring_regex(texts, r"^(\[-?\d+:-?\d+\])+="))
        if len(odd):
            raise self._misfit(name, odd[0], "json")

    def _misfit(self, name: str, value: pa.Scalar, kind: str = "") -> DatabridgeError:
        return misfit(self.place, name, value.as_py(), Ground.READ, kind or kind_name(self.types[name]))


def unhexed(texts: pa.Array) -> pa.Array:
    """Hexadecimal digits, after the two signs that announce them, as the bytes that they say; all of them in one go."""
    digits = compute.utf8_slice_codeunits(texts, 2)
    validity, offsets, content = digits.buffers()
    ends = pa.Array.from_buffers(pa.int32(), len(digits) + 1, [None, offsets], offset=digits.offset)
    start, end = (ends[0].as_py(), ends[-1].as_py()) if len(digits) else (0, 0)
    whole = bytes.fromhex(content[start:end].to_pybytes().decode("ascii")) if content else b""
    halves = compute.divide(compute.subtract(ends, start), 2).cast(pa.int32())
    # Offsets of NULLs are those of nothing, so halving keeps them.
    made = pa.Array.from_buffers(pa.binary(), len(digits), [None, halves.buffers()[1], pa.py_buffer(whole)])
    return (
        made if validity is None else compute.if_else(digits.is_valid(), made, pa.scalar(None, pa.binary()))
    )


def _exactly(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    if kinds.is_decimal(kind):
        numbers = texts.cast(kind)
        numbers.validate(full=True)  # else 12345 is a decimal(5, 2)
        return numbers
    return converted(texts, kind)


def _each(
    column: pa.ChunkedArray, change: Callable[[pa.Array], pa.Array], kind: pa.DataType
) -> pa.ChunkedArray:
    return pa.chunked_array([change(chunk) for chunk in column.chunks], kind)
