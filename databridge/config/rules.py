"""What the fields of one resource mean together; each rule names the field that the user would change."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from databridge.model.destination import Destination, FilesystemDestination
from databridge.model.naming import normalize_table
from databridge.model.resource import Column, FileResource, Mode, Resource, TableResource, WriteDisposition

LOAD_DATE = "load_date"
_PRECISE = ("decimal", "text", "binary", "bigint", "timestamp", "time")
_MOST_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a resource breaks."""

    code: str
    summary: str
    fields: tuple[str, ...]
    """Where it is told: the first of these that is written, else the resource."""
    detail: str = ""
    hint: str = ""
    warning: bool = False


def breaches(resource: Resource, destination: Destination | None) -> Iterator[Breach]:
    """All rules that a resource breaks; `destination` is None when it is not known."""
    mode, disposition = resource.mode, resource.disposition
    if disposition is WriteDisposition.MERGE:
        yield from _merging(resource, destination)
    if resource.write_disposition is not None:
        yield from _contradictions(mode, resource.write_disposition)
    if isinstance(resource, TableResource):
        yield from _cursor(resource)
        if resource.include_columns:
            yield from _included(resource)
    else:
        yield from _files(resource)
    if resource.adds_load_date:
        yield from _load_date(resource)
    for name, column in resource.columns.items():
        if column.precision is not None or column.scale is not None:
            yield from _precision(name, column)
    table = normalize_table(resource.name)
    if not table or table.startswith("_dlt"):
        yield _table_name(resource.name, table)


def _merging(resource: Resource, destination: Destination | None) -> Iterator[Breach]:
    if not resource.primary_key:
        yield Breach(
            "DB121",
            f"`{resource.name}` merges, but has no primary key",
            ("write_disposition", "mode"),
            detail="Without a key no row can be told from another.",
            hint="Add `primary_key: [COLUMN]`, or use `mode: snapshot`.",
        )
    if isinstance(destination, FilesystemDestination):
        yield Breach(
            "DB125",
            "A `filesystem` destination can't merge",
            ("write_disposition", "mode"),
            detail="dlt would append there without a word, and rows would be doubled.",
            hint="Use `mode: incremental` or `mode: snapshot`, or a `duckdb` destination.",
        )


def _contradictions(mode: Mode, given: WriteDisposition) -> Iterator[Breach]:
    if mode is Mode.MERGE and given is not WriteDisposition.MERGE:
        yield Breach(
            "DB124",
            f"`mode: merge` can't {given} rows",
            ("write_disposition",),
            hint="Remove `write_disposition`, or choose `mode: incremental` or `mode: snapshot`.",
        )
    if mode is Mode.INCREMENTAL and given is WriteDisposition.REPLACE:
        yield Breach(
            "DB124",
            "`mode: incremental` can't replace the table",
            ("write_disposition",),
            detail="Each run would leave only the rows past the cursor.",
            hint="Use `mode: snapshot` to load the whole table in each run, or remove `write_disposition`.",
        )


def _cursor(resource: TableResource) -> Iterator[Breach]:
    if resource.cursor_field:
        return
    if resource.mode is Mode.INCREMENTAL:
        yield Breach(
            "DB122",
            f"`{resource.name}` is incremental, but has no cursor",
            ("mode",),
            detail="The cursor is the column by which new rows are known.",
            hint="Add `cursor_field: COLUMN`, or use `mode: snapshot`.",
        )
    if resource.cursor_initial_value is not None:
        yield Breach(
            "DB123",
            "An initial value without a cursor",
            ("cursor_initial_value",),
            hint="Add `cursor_field: COLUMN`, or remove `cursor_initial_value`.",
        )


def _included(resource: TableResource) -> Iterator[Breach]:
    included = {name.lower() for name in resource.include_columns}
    needed = (*resource.primary_key, *([resource.cursor_field] if resource.cursor_field else []))
    for name in needed:
        if name.lower() not in included:
            yield Breach(
                "DB128",
                f"`{name}` is needed, but not included",
                ("include_columns",),
                hint=f"Add `{name}` to `include_columns`.",
            )


def _files(resource: FileResource) -> Iterator[Breach]:
    if resource.csv.encoding != "utf-8":
        try:
            codecs.lookup(resource.csv.encoding)
        except (LookupError, ValueError):
            hint = "Write a name such as `utf-8` or `latin-1`."
            yield Breach("DB103", f"Unknown encoding `{resource.csv.encoding}`", ("csv",), hint=hint)
    if resource.mode is Mode.SNAPSHOT and "on_change" in resource.model_fields_set:
        yield Breach(
            "DB154",
            "`on_change` has no effect on a snapshot",
            ("on_change",),
            detail="A snapshot reads every file in each run.",
            hint="Remove it, or use `mode: incremental`.",
            warning=True,
        )


def _load_date(resource: Resource) -> Iterator[Breach]:
    names = [*resource.columns, *resource.primary_key]
    if isinstance(resource, TableResource):
        names += [*resource.include_columns, *([resource.cursor_field] if resource.cursor_field else [])]
    if any(name.lower() == LOAD_DATE for name in names):
        yield Breach(
            "DB126",
            f"`{resource.name}` has a column `{LOAD_DATE}` of its own",
            ("load_date",),
            detail="The time of the run would overwrite it.",
            hint="Write `load_date: false`.",
        )


def _precision(name: str, column: Column) -> Iterator[Breach]:
    def breach(summary: str, hint: str) -> Breach:
        return Breach("DB127", f"Column `{name}`: {summary}", ("columns",), hint=hint)

    precision, scale = column.precision, column.scale
    if precision is not None and column.data_type not in _PRECISE:
        yield breach(f"`{column.data_type}` has no precision", "Remove `precision`.")
    if scale is not None and column.data_type != "decimal":
        yield breach(f"`{column.data_type}` has no scale", "Remove `scale`, or use `data_type: decimal`.")
    elif scale is not None and precision is None:
        yield breach("a scale without a precision", "Add `precision`, the number of all digits.")
    elif scale is not None and precision is not None and scale > precision:
        yield breach("more digits behind the point than digits", "Make `precision` the number of all digits.")
    if precision is not None and column.data_type == "decimal" and precision > _MOST_DIGITS:
        yield breach(
            f"a decimal has at most {_MOST_DIGITS} digits", f"Use `precision: {_MOST_DIGITS}` or less."
        )
    if precision is not None and column.data_type in ("timestamp", "time") and precision > 9:
        yield breach("at most 9 fractional digits of a second", "Use `precision: 6`, for microseconds.")


def _table_name(name: str, table: str) -> Breach:
    if not table:
        return Breach("DB117", f"`{name}` has no letter or digit to make a table name of", ("name",))
    return Breach(
        "DB117",
        f"`{name}` would load into dlt's own table `{table}`",
        ("name",),
        hint="Load a view with another name.",
    )
