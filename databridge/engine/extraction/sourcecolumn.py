"""A column of a source is read into one Arrow type: that of the matrix, or the one that the stack declares for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from dlt.common.schema.typing import TColumnSchema

from databridge.model.sourcetype import SourceType

_DIGITS, _FRACTION = 38, 9
"""Of a decimal that is declared without."""
_ARROW: dict[str, pa.DataType] = {
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "binary": pa.binary(),
    "date32": pa.date32(),
    "time64[us]": pa.time64("us"),
    "timestamp[us]": pa.timestamp("us"),
    "timestamp[us, UTC]": pa.timestamp("us", "UTC"),
    "decimal128(19, 2)": pa.decimal128(19, 2),
}
_DECLARED: dict[str, pa.DataType] = {
    "text": pa.string(),
    "json": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "binary": pa.binary(),
}

_HINTED: dict[str, Callable[[], sa.types.TypeEngine[Any]]] = {
    "text": sa.Text,
    "json": sa.JSON,
    "bigint": sa.BigInteger,
    "bool": sa.Boolean,
    "date": sa.Date,
    "time": sa.Time,
    "binary": sa.LargeBinary,
}
"""From what dlt derives its own types."""


@dataclass(frozen=True, slots=True)
class Known:
    """A reflected type as the matrix has it."""

    type: SourceType
    precision: int = 0
    scale: int = 0

    @property
    def arrow(self) -> pa.DataType:
        """What it is read as where nothing else is declared."""
        if self.type.arrow == "decimal128(p, s)":
            return pa.decimal128(self.precision, self.scale)
        return _ARROW[self.type.arrow]

    @property
    def hinted(self) -> sa.types.TypeEngine[Any]:
        """A type from which dlt derives what the matrix says of it."""
        arrow = self.arrow
        match self.type.data_type:
            case "decimal":
                return sa.Numeric(arrow.precision, arrow.scale)
            case "double":
                return sa.Numeric(asdecimal=False)
            case "timestamp":
                return sa.DateTime(timezone=arrow.tz is not None)
            case plain:
                return _HINTED[plain]()


_NUMBERS, _DAYS = frozenset({"bigint", "decimal", "double"}), frozenset({"date", "timestamp"})


def orders(known: Known, declared: str | None) -> bool:
    """Whether a column's values are read in the order that they have at the source.

    Args:
        known: what it is at the source.
        declared: dlt's data type, where the stack declares one.
    """
    if declared is None or declared == known.type.data_type:
        return known.type.orders
    if known.type.name.startswith(("numeric", "number")):
        return declared in _NUMBERS
    return any({known.type.data_type, declared} <= alike for alike in (_NUMBERS, _DAYS))


def wanted(known: Known, hints: TColumnSchema) -> pa.DataType:
    """The Arrow type of a column.

    Args:
        known: what it is at the source.
        hints: what dlt knows of it, declarations of the stack included.
    """
    declared = hints.get("data_type") or known.type.data_type
    if declared == "decimal":
        own = known.arrow if pa.types.is_decimal(known.arrow) else None
        precision, scale = hints.get("precision"), hints.get("scale")
        if precision is None and own is not None:
            return own
        return pa.decimal128(
            _DIGITS if precision is None else precision,
            scale if scale is not None else (_FRACTION if precision is None else 0),
        )
    if declared == known.type.data_type:
        return known.arrow
    if declared == "timestamp":
        # What has no zone at the source gets none here: a date, and a text of one.
        return pa.timestamp("us")
    return _DECLARED[declared]
