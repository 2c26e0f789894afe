"""A column of texts becomes doubles or moments where that changes no value, and not at all where it would.

pyarrow rounds a number of more digits than a double has, reads `1e400` as infinity, and wants either an offset in every
moment of a column or in none.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.types as kinds
from pyarrow import compute

from databridge.engine.digits import exact_double

_UNSURE = r"[eE]|^.{16,}$"
"""Numbers that a double may not hold: below sixteen characters and without an exponent it always does."""
_OFFSET = r"[T ][0-9:.,]+\s*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"


def read_by_hand(kind: pa.DataType) -> bool:
    """Whether texts become this type here, and not in pyarrow's CSV reader."""
    return bool(kinds.is_floating(kind) or (kinds.is_timestamp(kind) and kind.tz))


def converted(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """The texts as a type that is read by hand; a moment without an offset is one of UTC, as it is for dlt.

    Decimals come as pyarrow read them, which may be with more digits than their type has.

    Raises:
        pa.ArrowInvalid: one of them is none, or would change.
    """
    if kinds.is_decimal(kind):
        texts.validate(full=True)
        return texts
    texts = compute.utf8_trim_whitespace(texts)
    if kinds.is_floating(kind):
        return _doubles(texts)
    offset = compute.match_substring_regex(texts, _OFFSET)
    nothing = pa.scalar(None, pa.string())
    aware = compute.if_else(offset, texts, nothing).cast(kind)
    naive = compute.if_else(offset, nothing, texts).cast(pa.timestamp(kind.unit))
    return compute.coalesce(aware, naive.cast(kind))


def _doubles(texts: pa.Array) -> pa.Array:
    numbers = texts.cast(pa.float64())
    unsure = compute.match_substring_regex(texts, _UNSURE)
    if compute.any(unsure).as_py():
        # Most are written as Arrow writes them; Python looks at the others only, because it takes a microsecond for each.
        unsure = compute.and_(unsure, compute.not_equal(numbers.cast(pa.string()), texts))
        for text in compute.unique(texts.filter(unsure).drop_null()).to_pylist():
            if exact_double(text) is None:
                raise pa.ArrowInvalid(f"a double can't hold {text}")
    return numbers
