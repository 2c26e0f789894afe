"""Every Arrow table that reaches dlt carries exactly the types that its destination table has, or the run fails before loading.

dlt leaves the cast to the destination, and DuckDB casts silently: 1.5 becomes 2 in a BIGINT column, a timestamp loses
its time in a DATE one. So a column is cast here, and only where no value changes.
"""

from __future__ import annotations

from collections.abc import Callable

import dlt
import pyarrow as pa
import pyarrow.types as kinds
from dlt.common.libs.pyarrow import columns_to_arrow

from databridge.engine.pipelines import schema_of
from databridge.engine.task import Task
from databridge.model.diagnostic import DatabridgeError


class Fitter:
    """Casts the columns of one resource to the types they are known by; a column first seen sets its type.

    Nested columns are left alone: dlt stores them as JSON, whatever their shape.
    """

    def __init__(
        self,
        known: dict[str, pa.DataType],
        free: frozenset[str],
        normalize: Callable[[str], str],
        moments: frozenset[str] = frozenset(),
    ) -> None:
        """Start from what is known.

        Args:
            known: types by the destination's column name.
            free: columns that are not fitted.
            normalize: from the source's column name to the destination's.
            moments: columns declared as timestamps; the first values tell whether they have a zone.
        """
        self._known = known
        self._free = free
        self._normalize = normalize
        self._moments = moments

    def known(self, column: str) -> pa.DataType | None:
        """The type that a column of the source must have; None where it is not known yet."""
        return self._known.get(self._normalize(column))

    def fit(self, table: pa.Table, origin: str) -> pa.Table:
        """The table with every column in its known type.

        Args:
            table: rows as read.
            origin: where they come from, for the error: a file's name.

        Raises:
            DatabridgeError: a value would change.
        """
        columns, fields = [], []
        for field in table.schema:
            name, column = self._normalize(field.name), table.column(field.name)
            if name in self._known or not (
                name in self._free or kinds.is_null(field.type) or kinds.is_nested(field.type)
            ):
                column = _cast(
                    column, self._known.setdefault(name, self._first(name, field.type)), field.name, origin
                )
            columns.append(column)
            fields.append(pa.field(field.name, column.type, field.nullable))
        return pa.table(columns, schema=pa.schema(fields))

    def _first(self, name: str, have: pa.DataType) -> pa.DataType:
        """The type of a column that has none yet."""
        widest = _widest(have)
        return pa.timestamp("us") if name in self._moments and not kinds.is_timestamp(widest) else widest


def fitter_for(task: Task, resource: str, declared: dict[str, pa.DataType]) -> Fitter:
    """A fitter that knows the types that a resource's table has at the destination.

    Args:
        task: the load.
        resource: its name.
        declared: types that the stack declares, by the source's column name; they count for columns not there yet.
    """
    pipeline, table = task.pipeline, task.table_of(resource)
    naming = (schema_of(pipeline) or dlt.Schema("any")).naming
    known = {naming.normalize_identifier(name): kind for name, kind in declared.items()}
    moments = frozenset(name for name, kind in known.items() if kinds.is_timestamp(kind))
    known = {name: kind for name, kind in known.items() if name not in moments}
    free: frozenset[str] = frozenset()
    if table is not None:
        typed = {n: c for n, c in table["columns"].items() if "data_type" in c and not n.startswith("_dlt")}
        free = frozenset(name for name, column in typed.items() if column["data_type"] == "json")
        known |= {field.name: field.type for field in columns_to_arrow(typed, task.capabilities, "UTC")}
    known = {name: kind for name, kind in known.items() if name not in free}
    return Fitter(known, free, naming.normalize_identifier, moments)


def _cast(column: pa.ChunkedArray, want: pa.DataType, name: str, origin: str) -> pa.ChunkedArray:
    have = column.type
    if have.equals(want):
        return column
    if kinds.is_null(have):
        return pa.chunked_array([pa.nulls(len(column), want)])
    if not _may_fit(have, want):
        raise _misfit(name, origin, have, want)
    if kinds.is_integer(have) and kinds.is_decimal(want):
        # By itself Arrow asks for 19 digits before the point, whatever the values.
        column = column.cast(pa.decimal128(38, min(want.scale, 18)))
    try:
        cast = column.cast(want, safe=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise _misfit(name, origin, have, want) from None
    # Between whole numbers and floats Arrow's "safe" still rounds beyond 2**53: the way back must give the same.
    if _is_number(have) and kinds.is_floating(want) != kinds.is_floating(have):
        try:
            same = cast.cast(have, safe=False).equals(column)
        except pa.ArrowInvalid:
            same = False
        if not same:
            raise _misfit(name, origin, have, want)
    return cast


def _may_fit(have: pa.DataType, want: pa.DataType) -> bool:
    a, b = _family(have), _family(want)
    return a == b or (a, b) == ("date", "timestamp")


def _family(kind: pa.DataType) -> str:
    if kinds.is_dictionary(kind):
        return _family(kind.value_type)
    if _is_number(kind):
        return "number"
    if kinds.is_string(kind) or kinds.is_large_string(kind):
        return "text"
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        return "binary"
    if kinds.is_timestamp(kind):
        return "timestamp" if kind.tz is None else "timestamp with time zone"
    if kinds.is_date(kind):
        return "date"
    if kinds.is_time(kind):
        return "time"
    return str(kind)


def _is_number(kind: pa.DataType) -> bool:
    return bool(kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind))


def _widest(kind: pa.DataType) -> pa.DataType:
    """The type that dlt would store anyway, wide enough for what later files may hold."""
    if kinds.is_dictionary(kind):
        return _widest(kind.value_type)
    if kinds.is_uint64(kind):
        return pa.decimal128(20, 0)
    if kinds.is_integer(kind):
        return pa.int64()
    if kinds.is_floating(kind):
        return pa.float64()
    if kinds.is_timestamp(kind):
        return pa.timestamp("us", "UTC" if kind.tz else None)
    if kinds.is_large_string(kind):
        return pa.string()
    return kind


def _misfit(name: str, origin: str, have: pa.DataType, want: pa.DataType) -> DatabridgeError:
    return DatabridgeError.of(
        "DB520",
        f"{origin}: column `{name}` is {have}, and its table has {want}; not every value fits without loss",
        detail="Nothing was loaded.",
        hint=f"Mend the data; or, before the first load, declare the type: columns: {{{name}: {{data_type: …}}}}",
    )
