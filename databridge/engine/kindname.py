"""An Arrow type by the name that people write in a stack."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.types as kinds

_NAMES = (
    (kinds.is_boolean, "bool"),
    (kinds.is_integer, "bigint"),
    (kinds.is_floating, "double"),
    (kinds.is_string, "text"),
    (kinds.is_large_string, "text"),
    (kinds.is_date, "date"),
    (kinds.is_time, "time"),
    (kinds.is_binary, "binary"),
    (kinds.is_large_binary, "binary"),
)


def kind_name(kind: pa.DataType) -> str:
    """The type in a stack's words; Arrow's own where a stack has none."""
    if kinds.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    if kinds.is_timestamp(kind):
        return "timestamp with time zone" if kind.tz else "timestamp"
    return next((name for is_it, name in _NAMES if is_it(kind)), str(kind))
