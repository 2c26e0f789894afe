"""What the driver gives of a column becomes the column's type, each value exactly, or one error names the value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.types as kinds
import sqlalchemy as sa
from pyarrow import compute

from databridge.engine.culprit import culprit
from databridge.engine.extraction.oracletypes import is_text
from databridge.engine.extraction.sourcecolumn import Known
from databridge.engine.kindname import kind_name
from databridge.engine.misfit import Ground, misfit
from databridge.engine.textcolumn import converted, read_by_hand

_NANOSECONDS = 3
"""Digits of a second that are finer than a microsecond."""


@dataclass(frozen=True, slots=True)
class OracleColumn:
    """A column of a query."""

    table: str
    name: str
    known: Known
    selected: sa.ColumnElement[Any]
    """What is selected of it."""
    asked: pa.DataType
    """What the driver is asked for."""
    kind: pa.DataType
    """What it becomes."""

    def made(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """A batch of its values.

        Args:
            values: as the driver gives them.

        Raises:
            DatabridgeError: one does not fit.
        """
        if values.type != self.asked:
            raise TypeError(f"{self.table}.{self.name}: the driver gave {values.type} for {self.asked}")
        if self.asked == self.kind and (is_text(self.known) or not kinds.is_string(self.kind)):
            return values
        try:
            return self._fitted(values)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            blamed = culprit(values.drop_null(), self._fits)[0].as_py()
            raise misfit(self.table, self.name, blamed, Ground.READ, kind_name(self.kind)) from None

    def _fits(self, some: pa.ChunkedArray) -> bool:
        try:
            self._fitted(some)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return False
        return True

    def _fitted(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        return pa.chunked_array([self._each(chunk) for chunk in values.chunks], self.kind)

    def _each(self, values: pa.Array) -> pa.Array:
        if kinds.is_string(self.asked) and not is_text(self.known):
            values = _written(values)
        if (
            kinds.is_timestamp(self.known.arrow)
            and kinds.is_string(self.asked)
            and kinds.is_timestamp(self.kind)
        ):
            values = _to_microseconds(values)
        if kinds.is_boolean(self.kind):
            return _truths(values)
        if kinds.is_string(values.type) and read_by_hand(self.kind):
            return converted(values, self.kind)
        if kinds.is_time(self.kind):
            raise pa.ArrowInvalid("Oracle has no type of a time of day")
        made = values.cast(self.kind)
        made.validate(full=True)
        # Arrow cuts the time of a moment and rounds a double without a word: the way back must give the same.
        if (kinds.is_date(self.kind) or kinds.is_floating(values.type)) and not _is_from(made, values):
            raise pa.ArrowInvalid("it would be cut")
        return made


def _written(texts: pa.Array) -> pa.Array:
    """As one writes them: Oracle leaves the zero before a point away, and has a blank where a minus might be."""
    return compute.replace_substring_regex(compute.utf8_ltrim_whitespace(texts), r"^(-?)\.", r"\10.")


def _to_microseconds(texts: pa.Array) -> pa.Array:
    if not compute.all(compute.ends_with(texts, "0" * _NANOSECONDS)).as_py() and texts.null_count < len(
        texts
    ):
        raise pa.ArrowInvalid("finer than a microsecond")
    return compute.utf8_slice_codeunits(texts, 0, -_NANOSECONDS)


def _is_from(made: pa.Array, values: pa.Array) -> bool:
    return kinds.is_string(made.type) or bool(made.cast(values.type).equals(values))


def _truths(numbers: pa.Array) -> pa.Array:
    whole = numbers.cast(pa.int64())
    if not compute.all(compute.is_in(whole.drop_null(), pa.array([0, 1], pa.int64()))).as_py() and len(
        whole.drop_null()
    ):
        raise pa.ArrowInvalid("neither 0 nor 1")
    return whole.cast(pa.bool_())
