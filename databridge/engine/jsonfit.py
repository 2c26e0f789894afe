"""Every value of a JSON row reaches dlt so that its column takes it exactly, or the load is refused.

dlt decides by the first value of an unknown column which type it has, and coerces the others, some of them into another
value. Here it is told nothing that it would have to change: a value of another type goes into a column of its own, as
dlt names it, where the table has that column or the type was only taken from values of this load.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import dlt
from dlt.common.data_types import TDataType
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema.detections import is_iso_timestamp
from dlt.common.schema.typing import TColumnSchema

from databridge.engine.digits import Digits, exact_double
from databridge.engine.jsonkind import UnfitError, json_kind, number_text
from databridge.engine.jsonplace import Leaf, Level, Places, Table, reached
from databridge.engine.misfit import Ground, misfit
from databridge.engine.pipelines import schema_of
from databridge.engine.shape import column_hints
from databridge.engine.task import Task
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import FileResource

JsonRow = dict[str, object]

_LEAST, _MOST = -(2**63), 2**63 - 1
_TYPES: dict[type, TDataType] = {
    str: "text",
    int: "bigint",
    float: "double",
    Digits: "double",
    bool: "bool",
    dict: "json",
    list: "json",
}
_DIGITS = 38
"""Of the largest decimal that every destination has."""


class _DiscardedError(Exception):
    """The row is left out, as the contract says."""


class Unfitting(Exception):  # noqa: N818 - it becomes an error once the line is known
    """A value that does not fit its column."""

    def __init__(self, error: Callable[[str], DatabridgeError]) -> None:
        super().__init__()
        self.at = error
        """The error, for a place."""


class JsonFitter:
    """Fits the rows of one resource, one after the other."""

    def __init__(self, places: Places, capabilities: DestinationCapabilitiesContext, contract: str) -> None:
        """Begin with what is known.

        Args:
            places: where values go.
            capabilities: what the destination can store.
            contract: what becomes of values that do not fit: evolve, freeze, discard_row, discard_value.
        """
        self._root, self._top = places.root, places.root.top
        self._capabilities, self._contract = capabilities, contract

    def fit(self, row: JsonRow) -> bool:
        """Make the row's values what their columns take; false where the contract has the row discarded.

        Raises:
            Unfitting: one of them would change.
        """
        try:
            self._object(self._top, row)
        except _DiscardedError:
            return False
        if self._root.twins:
            _check_twins(self._root, row)
        return True

    def _row(self, table: Table, row: JsonRow) -> bool:
        try:
            self._object(table.top, row)
        except _DiscardedError:
            return False
        _check_twins(table, row)
        return True

    def _object(self, level: Level, values: JsonRow) -> None:
        leaves = level.leaves
        for key, value in values.items():
            kind = type(value)
            leaf = leaves.get(key)
            if (
                leaf is not None and kind is leaf.plain and (kind is not int or _LEAST <= value <= _MOST)  # type: ignore[operator]  # mypy does not see the type
            ):
                continue
            if kind is dict:
                self._inner(level, key, value)  # type: ignore[arg-type]  # as above
            elif kind is list:
                self._list(level, key, value)  # type: ignore[arg-type]  # as above
            elif value is not None:
                values[key] = self._value(level, key, leaf or level.leaf(key), value)
            elif leaf is None:
                level.leaf(key)  # a null beside a value would take its place, too

    def _inner(self, level: Level, key: str, value: JsonRow) -> None:
        inner = level.object(key)
        if isinstance(inner, Leaf):
            _nested(level, key, value)
        else:
            self._object(inner, value)

    def _list(self, level: Level, key: str, values: list[object]) -> None:
        table = level.list(key)
        if isinstance(table, Leaf):
            _nested(level, key, values)
            return
        kept: list[object] = []
        for value in values:
            if isinstance(value, dict):
                if self._row(table, value):
                    kept.append(value)
                continue
            # As dlt wraps what is no row of its own.
            row: JsonRow = {"list" if isinstance(value, list) else "value": value}
            if self._row(table, row):
                ((_, fitted),) = row.items()
                kept.append(row if isinstance(fitted, dict) else fitted)
        values[:] = kept

    def _value(self, level: Level, key: str, leaf: Leaf, value: object) -> object:
        if leaf.kind is None:
            leaf.column = leaf.column or {"name": leaf.name, "data_type": _first_type(value)}
            leaf.kind = json_kind(leaf.column, self._capabilities)
            leaf.plain = leaf.kind.plain
        try:
            return leaf.kind.read(value)
        except UnfitError:
            return self._unfit(level, key, leaf, value)

    def _unfit(self, level: Level, key: str, leaf: Leaf, value: object) -> object:
        if self._contract == "discard_value":
            return None
        if self._contract == "discard_row":
            raise _DiscardedError
        part = f"v_{_TYPES[type(value)]}"
        beside = leaf.table.places.name((leaf.name, part))
        there = "data_type" in leaf.table.columns.get(beside, {})
        if (
            level.variant
            or self._contract != "evolve"
            or not (there or leaf.ground is Ground.SEEN)
            or not _is_exact(value)
        ):
            raise _refused(level, key, leaf, value)
        wrapped = {part: value}
        inner = level.object(key)
        if isinstance(inner, Level):
            inner.variant = True
            self._object(inner, wrapped)
        return wrapped


def json_fitter_for(task: Task, resource: FileResource) -> JsonFitter:
    """A fitter that knows the types that a resource's tables have at the destination, and those that are declared.

    Args:
        task: the load.
        resource: the file set.
    """
    schema = schema_of(task.pipeline) or dlt.Schema(task.schema_name)
    declared: dict[str, TColumnSchema] = {name: column_hints(name, c) for name, c in resource.columns.items()}
    places = Places(schema, resource.name, declared)
    return JsonFitter(places, task.capabilities, resource.schema_contract.data_type)


def _first_type(value: object) -> TDataType:
    """The type that dlt gives to a column whose first value this is."""
    if isinstance(value, Digits):
        return "double"
    return is_iso_timestamp(type(value), value) or _TYPES[type(value)]


def _is_exact(value: object) -> bool:
    """Whether the value can be stored as it is, in some column."""
    if isinstance(value, Digits):
        return exact_double(value) is not None
    return not isinstance(value, int) or _LEAST <= value <= _MOST


def _nested(level: Level, key: str, value: object) -> None:
    """Make plain numbers of what will be stored as JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for at, item in items:
        if isinstance(item, dict | list):
            _nested(level, key, item)
        elif isinstance(item, Digits | int) and not isinstance(item, bool):
            number = exact_double(item) if isinstance(item, Digits) else item
            if number is None or not _is_exact(item):
                raise _refused(level, key, None, item)
            value[at] = number  # type: ignore[index]  # it is one of the two


def _refused(level: Level, key: str, leaf: Leaf | None, value: object) -> Unfitting:
    """The refusal of a value in a column, or within one that is kept as JSON."""
    path = f"{level.table.label}{'.'.join((*level.keys, key))}"
    shown = str(value).lower() if isinstance(value, bool) else value
    kind = leaf.kind.name if leaf and leaf.kind else "json"
    ground = leaf.ground if leaf else Ground.DECLARED
    # Columns of nested tables can't be declared.
    advice = _advice(leaf, value) if leaf and not level.table.label else None
    return Unfitting(lambda place: misfit(place, path, shown, ground, kind, advice=advice))


def _advice(leaf: Leaf, value: object) -> str:
    """A declaration that takes the value exactly."""
    declared = "data_type: text"
    if isinstance(value, Digits | int | float) and not isinstance(value, bool):
        number = Decimal(number_text(value))
        scale = max(0, -int(number.as_tuple().exponent))
        if number.is_finite() and max(number.adjusted() + 1, 1) + scale <= _DIGITS:
            declared = f"data_type: decimal, precision: {_DIGITS}, scale: {scale}"
    return f"columns: {{{leaf.name}: {{{declared}}}}}"


def _check_twins(table: Table, row: JsonRow) -> None:
    """Refuse two values in one column."""
    for first, second in table.twins:
        if [*reached(row, first)] and [*reached(row, second)]:
            raise _twins(table, first, second)


def _twins(table: Table, first: tuple[str, ...], second: tuple[str, ...]) -> Unfitting:
    def error(place: str) -> DatabridgeError:
        return DatabridgeError.of(
            "DB522",
            f"{place}: `{table.label}{'.'.join(first)}` and `{table.label}{'.'.join(second)}` are one column",
            detail="Of two keys that become the same name, only one would be loaded. Nothing was loaded.",
            hint="Mend or remove the file, then apply again.",
        )

    return Unfitting(error)
