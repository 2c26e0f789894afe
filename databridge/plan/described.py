"""A resource is described as dlt recorded it, or not at all: where the record leaves two readings, nobody chooses one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from databridge.model.destination import Destination, FilesystemDestination
from databridge.model.naming import snake_case
from databridge.model.recorded import CursorState, DltState, ResourceState, TableState
from databridge.model.resource import (
    FileResource,
    Mode,
    Scalar,
    SchemaContract,
    TableResource,
    WriteDisposition,
)
from databridge.plan.adoption import MERGED_ALIKE
from databridge.plan.cursor import listing_of

_JSON_PATH = frozenset(".$[*")
_CONTRACT: dict[str, tuple[str, ...]] = {
    "tables": ("freeze",),
    "columns": ("freeze", "discard_row", "discard_value"),
    "data_type": ("freeze", "discard_row", "discard_value"),
}


class Indescribable(Exception):  # noqa: N818 - named for what was found; `take_over` alone sees it
    """No stack can say what this resource does; the message says why, in words that follow its name and a colon."""


def described_table(
    table: TableState,
    state: DltState,
    destination: Destination,
    tables: Mapping[str, tuple[str, ...]] | None,
) -> TableResource:
    """The table of a database that a resource loads.

    Args:
        table: what dlt's schema says of it.
        state: dlt's state of its pipeline.
        destination: where it lies.
        tables: the columns of the source's tables, as it calls them; None where nobody could look.

    Raises:
        Indescribable: it can't be told, or no stack can say it.
    """
    there = _source_columns(table.resource, tables)
    disposition = _disposition(table, destination)
    mine = _known(table, state)
    cursor = _cursor(table, mine.cursors)
    if disposition is WriteDisposition.REPLACE and cursor is not None:
        raise Indescribable(f"each load replaces its table by the rows past its cursor `{cursor.path}`")
    if disposition is WriteDisposition.APPEND and cursor is None:
        raise Indescribable(
            "it appends rows and has no cursor: which rows a load takes stands in its code alone; if that is the whole "
            f"table each time, write {{name: {table.resource}, load_date: false}}"
        )
    if cursor and there is not None and cursor.path not in there:
        raise Indescribable(f"its cursor `{cursor.path}` is no column of the source's table")
    modes = {WriteDisposition.APPEND: Mode.INCREMENTAL, WriteDisposition.MERGE: Mode.MERGE}
    return TableResource(
        name=table.resource,
        mode=modes.get(disposition, Mode.SNAPSHOT),
        write_disposition=WriteDisposition.REPLACE if disposition is WriteDisposition.REPLACE else None,
        primary_key=table.primary_key if there is None else _source_names(table.primary_key, there),
        cursor_field=cursor.path if cursor else None,
        cursor_initial_value=_initial(cursor) if cursor else None,
        schema_contract=_contract(table),
    )


def described_files(
    table: TableState, state: DltState, destination: Destination, glob: str | None
) -> FileResource:
    """The files that a resource loads.

    Args:
        table: what dlt's schema says of it.
        state: dlt's state of its pipeline.
        destination: where it lies.
        glob: which files; None where nobody said.

    Raises:
        Indescribable: it can't be told, or no stack can say it.
    """
    disposition = _disposition(table, destination)
    known = listing_of(table.resource, state)
    _known(table, state)
    if disposition is WriteDisposition.REPLACE and known is not None:
        raise Indescribable("each load replaces its table by the rows of new files")
    if disposition is WriteDisposition.APPEND and known is None:
        raise Indescribable(
            "it is not recorded which files were loaded, so all of them would be loaded again; dlt records that where its "
            'files have `incremental("modification_date")`'
        )
    if glob is None:
        raise Indescribable(
            f"dlt does not record which files it loads; say so: --glob {table.resource}='FOLDER/*.csv'"
        )
    mode = Mode.SNAPSHOT if disposition is WriteDisposition.REPLACE else Mode.MERGE
    return FileResource(
        name=table.resource,
        mode=mode if known is None else Mode.INCREMENTAL,
        write_disposition=None
        if disposition is WriteDisposition.APPEND or (known is None and mode is Mode.MERGE)
        else disposition,
        primary_key=table.primary_key,
        glob=glob,
        schema_contract=_contract(table),
    )


def _source_columns(resource: str, tables: Mapping[str, tuple[str, ...]] | None) -> tuple[str, ...] | None:
    if tables is None:
        return None
    if resource not in tables:
        raise Indescribable("the source has no table of that name; its rows may come from code of its own")
    return tables[resource]


def _source_names(columns: tuple[str, ...], there: tuple[str, ...]) -> tuple[str, ...]:
    """The columns as the source calls them: dlt records what they are called at the destination."""
    called = {_column(name): name for name in there}
    for column in columns:
        if column not in called:
            raise Indescribable(f"`{column}` of its primary key is no column of the source's table")
    return tuple(called[column] for column in columns)


def _disposition(table: TableState, destination: Destination) -> WriteDisposition:
    try:
        disposition = WriteDisposition(table.write_disposition)
    except ValueError:
        raise Indescribable(f"its write disposition is `{table.write_disposition}`") from None
    if disposition is not WriteDisposition.MERGE:
        return disposition
    if table.merge_strategy not in MERGED_ALIKE:
        raise Indescribable(
            f"its merge strategy is `{table.merge_strategy}`, and databridge's keeps one row of each key"
        )
    if table.merge_hints:
        raise Indescribable(f"it merges by more than a primary key ({', '.join(table.merge_hints)})")
    if not table.primary_key:
        raise Indescribable("it merges, and has no primary key")
    if isinstance(destination, FilesystemDestination):
        raise Indescribable("it is to merge, and a `filesystem` destination can't: dlt appended its rows")
    return disposition


def _known(table: TableState, state: DltState) -> ResourceState:
    mine = state.resources.get(table.resource) or ResourceState(table.resource)
    if mine.own:
        listed = ", ".join(f"`{key}`" for key in mine.own)
        raise Indescribable(f"it keeps state of its own ({listed}), which only its code understands")
    return mine


def _cursor(table: TableState, cursors: tuple[CursorState, ...]) -> CursorState | None:
    """The one that its loads go on by; dlt keeps those of long ago too."""
    if len(cursors) > 1:
        current = [c for c in cursors if _column(c.path) in table.cursor_columns]
        if len(current) != 1:
            listed = " and ".join(f"`{cursor.path}`" for cursor in cursors)
            raise Indescribable(f"it has the cursors {listed}, and which one it goes on by is not recorded")
        cursors = tuple(current)
    for cursor in cursors:
        if _JSON_PATH.intersection(cursor.path) or _column(cursor.path) not in table.columns:
            raise Indescribable(f"its cursor `{cursor.path}` is no column of its table")
        if _falls(cursor):
            raise Indescribable(f"its cursor `{cursor.path}` goes from greater values to smaller ones")
        return cursor
    return None


def _column(path: str) -> str:
    return snake_case(path) if path.strip() else ""


def _falls(cursor: CursorState) -> bool:
    first, last = cursor.initial_value, cursor.last_value
    if first is None or last is None or type(first) is not type(last):
        return False
    try:
        return bool(first > last)  # type: ignore[operator]  # both of one type, which is compared or refuses
    except TypeError:
        return False


def _initial(cursor: CursorState) -> Scalar | None:
    """Where the first load began, as a stack holds it: times and decimals are text there, times in the form of the column's."""
    value, last = cursor.initial_value, cursor.last_value
    if isinstance(value, datetime) and isinstance(last, datetime) and value.tzinfo and not last.tzinfo:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _contract(table: TableState) -> SchemaContract:
    for part, word in table.contract.items():
        if word not in _CONTRACT.get(part, ()):
            raise Indescribable(f"its schema contract is `{part}: {word}`")
    return SchemaContract.model_validate(dict(table.contract))
