"""What the fields of one resource mean together; each rule names the field that the user would change."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from databridge.config.database import MERGING, longest_table
from databridge.config.document import Steps
from databridge.model.destination import Destination, FilesystemDestination, SqlDestination, dialect_of
from databridge.model.naming import normalize_table
from databridge.model.resource import Column, FileResource, Mode, Resource, TableResource, WriteDisposition
from databridge.model.typematrix import lacks

LOAD_DATE = "load_date"
_PRECISE = ("decimal", "text", "binary", "bigint", "timestamp", "time")
_DEVICES = frozenset(
    ("aux", "con", "nul", "prn", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10)))
)  # dlt makes files of these names on no platform
_MOST_DIGITS = 38
_MOST_FRACTIONAL = 9


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a resource breaks."""

    code: str
    summary: str
    fields: tuple[Steps, ...] = ()
    """Where it is told: the first of these that is written, else the resource's name."""
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
    yield from _declared(resource, destination)
    table = normalize_table(resource.name)
    if not table or table.startswith("_dlt") or table in _DEVICES:
        yield _table_name(resource.name, table)
    elif isinstance(destination, SqlDestination):
        yield from _in_database(resource, table, destination)


def can_merge(destination: Destination) -> bool:
    """Whether rows may be upserted there by key."""
    keyed = TableResource(name="any", mode=Mode.MERGE, primary_key=("id",))
    return not any(_merging(keyed, destination))


def _merging(resource: Resource, destination: Destination | None) -> Iterator[Breach]:
    if not resource.primary_key:
        yield Breach(
            "DB121",
            f"`{resource.name}` merges, but has no primary key",
            detail="Without a key no row can be told from another.",
            hint="Add `primary_key: [COLUMN]`, or use `mode: snapshot`.",
        )
    if isinstance(destination, FilesystemDestination):
        yield Breach(
            "DB125",
            "A `filesystem` destination can't merge",
            (("write_disposition",), ("mode",)),
            detail="dlt would append there without a word, and rows would be doubled.",
            hint="Use `mode: incremental` or `mode: snapshot`, or a `duckdb` destination.",
        )
    if isinstance(destination, SqlDestination) and destination.parts.dialect not in (*MERGING, ""):
        yield Breach(
            "DB125",
            f"A `sql` destination can't merge in `{destination.parts.dialect}` yet",
            (("write_disposition",), ("mode",)),
            detail="It may take keys for equal that differ in case, and rows would be lost.",
            hint="Use `mode: incremental` or `mode: snapshot`.",
        )


def _contradictions(mode: Mode, given: WriteDisposition) -> Iterator[Breach]:
    if mode is Mode.MERGE and given is not WriteDisposition.MERGE:
        yield Breach(
            "DB124",
            f"`mode: merge` can't {given} rows",
            (("write_disposition",),),
            hint="Remove `write_disposition`, or choose `mode: incremental` or `mode: snapshot`.",
        )
    if mode is Mode.INCREMENTAL and given is WriteDisposition.REPLACE:
        yield Breach(
            "DB124",
            "`mode: incremental` can't replace the table",
            (("write_disposition",),),
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
            detail="The cursor is the column by which new rows are known.",
            hint="Add `cursor_field: COLUMN`, or use `mode: snapshot`.",
        )
    if resource.cursor_initial_value is not None:
        yield Breach(
            "DB123",
            "An initial value without a cursor",
            (("cursor_initial_value",),),
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
                (("include_columns",),),
                hint=f"Add `{name}` to `include_columns`.",
            )


def _files(resource: FileResource) -> Iterator[Breach]:
    if resource.csv.encoding != "utf-8":
        try:
            codecs.lookup(resource.csv.encoding)
        except (LookupError, ValueError):
            hint = "Write a name such as `utf-8` or `latin-1`."
            yield Breach(
                "DB103", f"Unknown encoding `{resource.csv.encoding}`", (("csv", "encoding"),), hint=hint
            )
    if resource.mode is Mode.SNAPSHOT and "on_change" in resource.model_fields_set:
        yield Breach(
            "DB154",
            "`on_change` has no effect on a snapshot",
            (("on_change",),),
            detail="A snapshot reads every file in each run.",
            hint="Remove it, or use `mode: incremental`.",
            warning=True,
        )


def _load_date(resource: Resource) -> Iterator[Breach]:
    columns: dict[str, Steps] = {name: ("columns", name) for name in resource.columns}
    columns |= dict.fromkeys(resource.primary_key, ("primary_key",))
    if isinstance(resource, TableResource):
        columns |= dict.fromkeys(resource.include_columns, ("include_columns",))
        columns |= {resource.cursor_field: ("cursor_field",)} if resource.cursor_field else {}
    for name, place in columns.items():
        if name.lower() == LOAD_DATE:
            yield Breach(
                "DB126",
                f"`{resource.name}` has a column `{name}` of its own",
                (("load_date",), place),
                detail="The time of the run would overwrite it.",
                hint="Write `load_date: false`.",
            )


def _declared(resource: Resource, destination: Destination | None) -> Iterator[Breach]:
    for name, column in resource.columns.items():
        if column.precision is not None or column.scale is not None:
            yield from _precision(name, column)
        if destination is not None and lacks(dialect_of(destination), column.data_type):
            yield Breach(
                "DB135",
                f"`{dialect_of(destination)}` has no type `{column.data_type}`",
                (("columns", name, "data_type"),),
                hint="Declare `text`; or leave it out, and it is loaded as text where the source's type is known.",
            )


def _precision(name: str, column: Column) -> Iterator[Breach]:
    def breach(field: str, summary: str, hint: str) -> Breach:
        return Breach("DB127", summary, (("columns", name, field),), hint=hint)

    kind, precision, scale = column.data_type, column.precision, column.scale
    if precision is not None:
        if kind not in _PRECISE:
            yield breach("precision", f"Type `{kind}` has no precision", "Remove `precision`.")
        if kind == "decimal" and precision > _MOST_DIGITS:
            hint = f"Use `precision: {_MOST_DIGITS}` or less."
            yield breach("precision", f"A decimal has at most {_MOST_DIGITS} digits", hint)
        if kind in ("timestamp", "time") and precision > _MOST_FRACTIONAL:
            hint = "Use `precision: 6`, for microseconds."
            yield breach("precision", f"Seconds have at most {_MOST_FRACTIONAL} fractional digits", hint)
    if scale is not None:
        if kind != "decimal":
            yield breach(
                "scale", f"Type `{kind}` has no scale", "Remove `scale`, or use `data_type: decimal`."
            )
        elif precision is None:
            yield breach("scale", "A scale without a precision", "Add `precision`, the number of all digits.")
        elif scale > precision:
            hint = "Make `precision` the number of all digits."
            yield breach("scale", "More digits behind the point than digits", hint)


def _in_database(resource: Resource, table: str, destination: SqlDestination) -> Iterator[Breach]:
    if resource.renamed_from and destination.parts.dialect not in (*MERGING, ""):
        yield Breach(
            "DB105",
            f"`renamed_from` is not available in `{destination.parts.dialect}` yet",
            (("renamed_from",),),
            hint="Keep the old name.",
        )
    most = longest_table(destination, merged=resource.disposition is WriteDisposition.MERGE)
    if most is not None and len(table) > most:
        yield Breach(
            "DB117",
            f"`{resource.name}` makes a name of {len(table)} characters for a table, and there can be {most} of them",
            (("name",),),
            detail="dlt would cut it, and the table could not be found by its name.",
            hint="Load a view with a shorter name.",
        )


def _table_name(name: str, table: str) -> Breach:
    if not table:
        return Breach("DB117", f"`{name}` has no letter or digit to make a table name of", (("name",),))
    if table in _DEVICES:
        return Breach(
            "DB117",
            f"dlt can't load into a table `{table}`: files of that name are devices on some systems",
            (("name",),),
            hint="Load a view with another name.",
        )
    return Breach(
        "DB117",
        f"`{name}` would load into dlt's own table `{table}`",
        (("name",),),
        hint="Load a view with another name.",
    )
