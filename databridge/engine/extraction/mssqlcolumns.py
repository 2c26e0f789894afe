"""Values as a driver gives them become Arrow columns of the wanted types, each value exactly, or one error names the value.

What is declared to be of another type goes by its text, so that the same is accepted and refused as from any other database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.types as kinds
from dlt.common.schema.typing import TColumnSchema
from pyarrow import compute

from databridge.engine.extraction.csvrows import CsvRows
from databridge.engine.extraction.odbcmoment import written
from databridge.engine.extraction.sourcecolumn import Known, wanted
from databridge.engine.kindname import kind_name
from databridge.engine.misfit import Ground, misfit

_TICKS = ("time", "datetime", "smalldatetime", "datetime2", "datetimeoffset")
"""Types whose values come as counts of 100 ns."""
_SHOWN = {"datetime": 3, "smalldatetime": 0}
"""Digits of the second with which SQL Server writes them."""
_PER_MICROSECOND = 10
_MICROSECONDS = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a query.

    Args:
        place: the table, for errors.
        name: of the column.
        known: what it is.
        kind: what it becomes.
        cut: a seventh digit of the second is declared to be left out.
    """

    place: str
    name: str
    known: Known
    kind: pa.DataType
    cut: bool

    @classmethod
    def of(cls, place: str, name: str, known: Known, hints: TColumnSchema) -> Field:
        """A column with what is declared of it.

        Args:
            place: the table.
            name: of the column.
            known: what it is.
            hints: what dlt knows of it.
        """
        return cls(place, name, known, wanted(known, hints), cut=hints.get("precision") == _MICROSECONDS)

    def column(self, values: Sequence[object]) -> pa.Array | pa.ChunkedArray:
        """The column of some rows.

        Args:
            values: as pyodbc gives them, times as counts of 100 ns.

        Raises:
            DatabridgeError: one of them does not fit.
        """
        if self.kind != self.known.arrow:
            return self._by_text(values)
        if self.known.type.name in _TICKS:
            return self._moments(pa.array(values, pa.int64()))
        return pa.array(values, self.kind)

    def _moments(self, ticks: pa.Array) -> pa.Array:
        whole = compute.divide(ticks, _PER_MICROSECOND)
        rest = compute.subtract(ticks, compute.multiply(whole, _PER_MICROSECOND))
        more = compute.not_equal(rest, 0)
        if compute.any(more).as_py():
            if not self.cut:
                declare = f"{{data_type: {self.known.type.data_type}, precision: {_MICROSECONDS}}}"
                raise misfit(
                    self.place,
                    self.name,
                    self._text(ticks.filter(more)[0].as_py()),
                    Ground.READ,
                    f"{kind_name(self.kind)} in microseconds",
                    advice=f"columns: {{{self.name}: {declare}}}, which cuts it, or {{data_type: text}}",
                )
            # A division goes towards zero, which for a moment before 1970 is forwards.
            whole = compute.if_else(compute.less(rest, 0), compute.subtract(whole, 1), whole)
        return whole.cast(self.kind)

    def _by_text(self, values: Sequence[object]) -> pa.ChunkedArray:
        texts = pa.array([None if value is None else self._text(value) for value in values], pa.string())
        block = pa.BufferOutputStream()
        arrow_csv.write_csv(pa.table({self.name: texts}), block, arrow_csv.WriteOptions(include_header=False))
        by_hand = kinds.is_decimal(self.kind) or kinds.is_floating(self.kind)
        rows = CsvRows(self.place, {self.name: self.kind}, frozenset({self.name} if by_hand else ()))
        return rows.parsed(block.getvalue().to_pybytes()).column(0)

    def _text(self, value: object) -> str:
        """As SQL Server writes it, but numbers with all their digits and moments that have an offset in UTC."""
        name = self.known.type.name
        match value:
            case bool():
                return str(int(value))
            case int() if name in _TICKS:
                zoned = name == "datetimeoffset"
                return written(value, _SHOWN.get(name, self.known.scale), day=name != "time", zoned=zoned)
            case Decimal():
                return format(value, "f")
            case float():
                return str(pa.scalar(value, self.known.arrow).cast(pa.string()).as_py())
            case bytes():
                return f"0x{value.hex().upper()}"
            case _:
                return str(value)


def table_of(fields: Sequence[Field], rows: Sequence[Sequence[object]]) -> pa.Table:
    """Some rows.

    Args:
        fields: the columns of the query.
        rows: at least one.

    Raises:
        DatabridgeError: a value does not fit.
    """
    return pa.table(
        {
            field.name: field.column(values)
            for field, values in zip(fields, zip(*rows, strict=True), strict=True)
        }
    )
