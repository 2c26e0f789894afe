"""Every Arrow table that reaches dlt carries exactly the types that its destination table has, or the run fails before loading.

dlt leaves the cast to the destination, and DuckDB casts silently: 1.5 becomes 2 in a BIGINT column, a timestamp loses
its time in a DATE one. So a column is cast here, and only where no value changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import dlt
import pyarrow as pa
import pyarrow.types as kinds
from dlt.common.libs.pyarrow import columns_to_arrow

from databridge.engine.culprit import culprit
from databridge.engine.kindname import kind_name
from databridge.engine.misfit import Ground, misfit
from databridge.engine.pipelines import schema_of
from databridge.engine.task import Task
from databridge.model.diagnostic import DatabridgeError

_NANOSECONDS = "columns: {%s: {data_type: timestamp, precision: 9}}"


class Fitter:
    """Casts the columns of one resource to the types they are known by; a column first seen sets its type.

    Nested columns are left alone: dlt stores them as JSON, whatever their shape.
    """

    def __init__(
        self,
        known: Mapping[str, pa.DataType],
        free: frozenset[str],
        normalize: Callable[[str], str],
        declared: Mapping[str, pa.DataType] | None = None,
        *,
        nanoseconds: bool = False,
    ) -> None:
        """Start from what is known.

        Args:
            known: types that the table has, by the destination's column name.
            free: columns that are not fitted.
            normalize: from the source's column name to the destination's.
            declared: types that the stack declares; of moments the first values tell whether they have a zone.
            nanoseconds: whether the destination can store them, without a zone.
        """
        declared = {name: _stored(kind) for name, kind in (declared or {}).items()}
        self._moments = {n: k for n, k in declared.items() if kinds.is_timestamp(k) and n not in known}
        self._texts = {n for n, k in declared.items() if kinds.is_string(k)}
        self._known = {n: k for n, k in declared.items() if n not in self._moments} | dict(known)
        self._ground = dict.fromkeys(declared, Ground.DECLARED) | dict.fromkeys(known, Ground.TABLE)
        self._free = free
        self._normalize = normalize
        self._nanoseconds = nanoseconds

    def stored(self, column: str) -> str:
        """The destination's name of a column of the source."""
        return self._normalize(column)

    def known(self, column: str) -> pa.DataType | None:
        """The type that a column of the source must have; None where it is not known yet."""
        return self._known.get(self._normalize(column))

    def ground(self, column: str) -> Ground:
        """Why a column of the source must have its type."""
        return self._ground.get(self._normalize(column), Ground.SEEN)

    def fit(self, table: pa.Table, origin: str) -> pa.Table:
        """The table with every column in its known type.

        Args:
            table: rows as read.
            origin: where they come from, for the error: a file's name.

        Raises:
            DatabridgeError: a value would change.
        """
        columns, fields = [], []
        sources: dict[str, str] = {}
        for field in table.schema:
            name, column = self._normalize(field.name), table.column(field.name)
            if (other := sources.setdefault(name, field.name)) != field.name:
                raise DatabridgeError.of(
                    "DB522",
                    f"{origin}: `{other}` and `{field.name}` are one column, `{name}`",
                    detail="Only one of the two would be loaded. Nothing was loaded.",
                    hint="Give one of them another name at the source, or leave it out; then apply again.",
                )
            if name in self._known or not (
                name in self._free or kinds.is_null(field.type) or kinds.is_nested(field.type)
            ):
                column = self._cast(field.name, column, origin)
            columns.append(column)
            fields.append(pa.field(field.name, column.type, field.nullable))
        return pa.table(columns, schema=pa.schema(fields))

    def _cast(self, source: str, column: pa.ChunkedArray, origin: str) -> pa.ChunkedArray:
        name = self._normalize(source)
        want = self._known.setdefault(name, self._first(name, column.type))
        any_text = name in self._texts and kinds.is_string(want)

        def fits(some: pa.ChunkedArray) -> bool:
            return _cast(some, want, any_text=any_text) is not None

        cast = _cast(column, want, any_text=any_text)
        if cast is None:
            value = (
                culprit(column.drop_null(), fits)[:1].cast(pa.string())[0]
                if _speaks(column.type)
                else column.type
            )
            raise misfit(
                origin,
                source,
                value,
                self.ground(source),
                kind_name(want),
                advice=self._advice(source, column.type, want),
            )
        return cast

    def _advice(self, source: str, have: pa.DataType, want: pa.DataType) -> str:
        finer = kinds.is_timestamp(have) and have.unit == "ns" and kinds.is_timestamp(want)
        return _NANOSECONDS % source if finer and have.tz is None and self._nanoseconds else ""

    def _first(self, name: str, have: pa.DataType) -> pa.DataType:
        """The type of a column that has none yet."""
        widened = widest(have)
        declared = self._moments.get(name)
        if declared is None:
            return widened
        if not (kinds.is_timestamp(widened) and widened.tz):
            return declared
        # With a zone no destination here stores nanoseconds.
        return pa.timestamp("us" if declared.unit == "ns" else declared.unit, "UTC")


def fitter_for(task: Task, resource: str, declared: dict[str, pa.DataType]) -> Fitter:
    """A fitter that knows the types that a resource's table has at the destination.

    Args:
        task: the load.
        resource: its name.
        declared: types that the stack declares, by the source's column name; they count for columns not there yet.
    """
    pipeline, table = task.pipeline, task.table_of(resource)
    naming = (schema_of(pipeline) or dlt.Schema("any")).naming
    declared = {naming.normalize_identifier(name): kind for name, kind in declared.items()}
    known: dict[str, pa.DataType] = {}
    free: frozenset[str] = frozenset()
    if table is not None:
        typed = {n: c for n, c in table["columns"].items() if "data_type" in c and not n.startswith("_dlt")}
        free = frozenset(name for name, column in typed.items() if column["data_type"] == "json")
        fields = columns_to_arrow(typed, task.capabilities, "UTC")
        known = {field.name: _stored(field.type) for field in fields if field.name not in free}
    declared = {name: kind for name, kind in declared.items() if name not in free}
    fine = task.capabilities.max_timestamp_precision >= 9
    return Fitter(known, free, naming.normalize_identifier, declared, nanoseconds=fine)


def _stored(kind: pa.DataType) -> pa.DataType:
    """What a destination really stores: nanoseconds only in moments without a zone."""
    if kinds.is_timestamp(kind) and kind.tz and kind.unit == "ns":
        return pa.timestamp("us", kind.tz)
    return pa.time64("us") if kinds.is_time(kind) and kind.unit == "ns" else kind


def _cast(column: pa.ChunkedArray, want: pa.DataType, *, any_text: bool) -> pa.ChunkedArray | None:
    """The column in another type; None where a value would change.

    Args:
        column: a column.
        want: the type.
        any_text: whether texts are made of other values.
    """
    have = column.type
    if have.equals(want):
        return column
    if kinds.is_null(have):
        return pa.chunked_array([pa.nulls(len(column), want)])
    if not (_may_fit(have, want) or (any_text and _speaks(have))):
        return None
    if kinds.is_integer(have) and kinds.is_decimal(want):
        # By itself Arrow asks for 19 digits before the point, whatever the values.
        column = column.cast(pa.decimal128(38, min(want.scale, 18)))
    try:
        cast = column.cast(want, safe=True)
        cast.validate(full=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    # Between whole numbers and floats Arrow's "safe" still rounds beyond 2**53: the way back must give the same.
    if _is_number(have) and kinds.is_floating(want) != kinds.is_floating(have) and not kinds.is_string(want):
        try:
            return cast if cast.cast(have, safe=False).equals(column) else None
        except pa.ArrowInvalid:
            return None
    return cast


def _speaks(kind: pa.DataType) -> bool:
    """Whether a value has a text that says all of it."""
    return bool(
        _is_number(kind)
        or kinds.is_temporal(kind)
        or kinds.is_boolean(kind)
        or kinds.is_string(kind)
        or kinds.is_large_string(kind)
    )


def _may_fit(have: pa.DataType, want: pa.DataType) -> bool:
    a, b = _family(have), _family(want)
    # As for dlt, a moment without a zone is one of UTC where the column has a zone.
    return a == b or (a, b) in {("date", "timestamp"), ("timestamp", "timestamp with time zone")}


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


def widest(kind: pa.DataType) -> pa.DataType:
    """The type that dlt would store anyway, wide enough for what later files may hold."""
    if kinds.is_dictionary(kind):
        return widest(kind.value_type)
    if kinds.is_uint64(kind):
        return pa.decimal128(20, 0)
    if kinds.is_integer(kind):
        return pa.int64()
    if kinds.is_floating(kind):
        return pa.float64()
    if kinds.is_timestamp(kind):
        return pa.timestamp("us", "UTC" if kind.tz else None)
    if kinds.is_time(kind):
        return pa.time64("us")
    if kinds.is_large_string(kind):
        return pa.string()
    return kind
