"""A column of texts has the first type that every value in it fits exactly; where there is doubt it stays text.

pyarrow's own guess looks at the first block and takes `007` for 7; DuckDB's takes twenty digits for a float, and dates
that pyarrow then can't read.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from pyarrow import compute

from databridge.engine.textcolumn import converted

_Fits = Callable[[pa.Array], bool]


def _written_as(pattern: str) -> _Fits:
    def fits(texts: pa.Array) -> bool:
        return bool(compute.all(compute.match_substring_regex(texts, pattern), min_count=0).as_py())

    return fits


def _read_as(kind: pa.DataType) -> _Fits:
    def fits(texts: pa.Array) -> bool:
        try:
            texts.cast(kind)
        except pa.ArrowInvalid:
            return False
        return True

    return fits


def _is_whole(texts: pa.Array) -> bool:
    """Nothing but the number itself: `007` is a name."""
    try:
        again = texts.cast(pa.int64()).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return bool(again.equals(compute.utf8_ltrim(texts, "+")))


def _is_float(texts: pa.Array) -> bool:
    """Not `007.5`, nor a number of so many digits, or so large, that a float would be another."""
    if compute.any(compute.match_substring_regex(texts, _NAME)).as_py():
        return False
    try:
        converted(texts, pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


_NAME = r"^[+-]?(0[0-9]|[0-9]{16,}$)"
_TIME = r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$"
_CANDIDATES: tuple[tuple[pa.DataType, _Fits], ...] = (
    (pa.int64(), _is_whole),
    (pa.float64(), _is_float),
    (pa.bool_(), _written_as(r"^(?i:true|false)$")),
    (pa.date32(), _read_as(pa.date32())),
    (pa.timestamp("us"), _read_as(pa.timestamp("us"))),
    (pa.timestamp("us", "UTC"), _read_as(pa.timestamp("us", "UTC"))),
    (pa.time64("us"), _written_as(_TIME)),
)


class Guess:
    """What a column can be, after all that was seen of it."""

    def __init__(self) -> None:
        self._candidates = _CANDIDATES
        self._empty = True

    def see(self, texts: pa.Array) -> None:
        """Look at more of the column."""
        if texts.null_count == len(texts):
            return
        self._empty = False
        if self._candidates:
            # Most columns repeat themselves.
            trimmed = compute.utf8_trim_whitespace(compute.unique(texts.drop_null()))
            self._candidates = tuple((kind, fits) for kind, fits in self._candidates if fits(trimmed))

    @property
    def kind(self) -> pa.DataType:
        """The type; null for a column without any value."""
        if self._empty:
            return pa.null()
        return self._candidates[0][0] if self._candidates else pa.string()
