"""A schema is reflected in one go, with its keys and indexes; rows are counted only as far as it takes to call a table large."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedIndex, ReflectedUniqueConstraint
from sqlalchemy.engine.reflection import ObjectKind

from databridge.engine.foundcolumn import found_column
from databridge.engine.looking import looking_at
from databridge.model.diagnostic import DatabridgeError
from databridge.model.foundtable import COUNTED, FoundSchema, FoundTable
from databridge.model.reading import Reader, reading_of
from databridge.model.source import TableSource
from databridge.secrets.chain import SecretsChain

T = TypeVar("T")

_SECONDS = 30.0
"""How long the tables of one schema may be counted altogether; the rest stay uncounted."""
_AUTOINCREMENT = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%autoincrement%'"
_PARTITIONS = (
    "SELECT c.relname, p.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "JOIN pg_class p ON p.oid = i.inhparent WHERE c.relnamespace = coalesce("
    "(SELECT oid FROM pg_namespace WHERE nspname = :schema), current_schema()::regnamespace)"
)


def found_schema(
    source: TableSource,
    *,
    schema: str | None,
    include: Iterable[str],
    exclude: Iterable[str],
    root: Path,
    secrets: SecretsChain,
) -> FoundSchema:
    """What a schema of a source holds.

    Args:
        source: the database.
        schema: its name; None for the connection's own.
        include: globs of the tables that are looked at; all when there are none.
        exclude: globs of those that are not.
        root: the project's folder.
        secrets: for the source's credentials.

    Raises:
        DatabridgeError: it can't be looked at, or there is no such schema.
    """
    wanted, unwanted = list(include), list(exclude)
    with looking_at(source, root=root, secrets=secrets) as engine, engine.connect() as connection:
        inspector = sa.inspect(connection)
        _require(inspector, schema)
        parts = _parts(connection, schema)
        views = _views(inspector, schema)
        names = [
            name
            for name in (*inspector.get_table_names(schema), *sorted(views))
            if (not wanted or _matches(name, wanted)) and not _matches(name, unwanted)
        ]
        asked = [name for name in names if name not in parts]
        reading = reading_of(source)
        exact = reading is not None and reading.reader is not Reader.PYARROW
        tables = tuple(_reflected(inspector, schema, asked, views, exact=exact))
        counted = _counted(engine, [table for table in tables if not table.view])
        return FoundSchema(
            schema,
            inspector.default_schema_name,
            tuple(_with_rows(table, counted.get(table.name)) for table in tables),
            tuple((name, f"its rows are in {parts[name]} too") for name in names if name in parts),
        )


def _require(inspector: sa.Inspector, schema: str | None) -> None:
    if schema is None or inspector.has_schema(schema):
        return
    there = ", ".join(sorted(inspector.get_schema_names())[:12])
    raise DatabridgeError.of(
        "DB553", f"the source has no schema `{schema}`", hint=f"Its schemas are: {there}"
    )


def _views(inspector: sa.Inspector, schema: str | None) -> set[str]:
    views = {*inspector.get_view_names(schema)}
    with suppress(NotImplementedError):  # most databases have none
        views |= {*inspector.get_materialized_view_names(schema)}
    return views


def _matches(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name.lower(), glob.lower()) for glob in globs)


def _parts(connection: sa.Connection, schema: str | None) -> dict[str, str]:
    """Partitions and heirs by name, each with the table that holds their rows too."""
    if connection.dialect.name != "postgresql":
        return {}
    found = connection.execute(sa.text(_PARTITIONS), {"schema": schema})
    return {part: whole for part, whole in found}  # noqa: C416 - rows become pairs


def _reflected(
    inspector: sa.Inspector, schema: str | None, names: list[str], views: set[str], *, exact: bool
) -> Iterator[FoundTable]:
    if not names:
        return
    columns = _by_name(inspector.get_multi_columns(schema, filter_names=names, kind=ObjectKind.ANY))
    keys = _by_name(inspector.get_multi_pk_constraint(schema, filter_names=names))
    try:
        constraints = _by_name(inspector.get_multi_unique_constraints(schema, filter_names=names))
    except NotImplementedError:  # SQL Server's are among its indexes
        constraints = {}
    indexes = _by_name(inspector.get_multi_indexes(schema, filter_names=names))
    counters = _counters(inspector)
    for name in names:
        key = tuple(keys[name]["constrained_columns"]) if keys.get(name) else ()
        listed = list(_sets(indexes.get(name) or (), constraints.get(name) or ()))
        ordered = [columns for columns, _ in [(key, True), *listed] if columns]
        yield FoundTable(
            schema=schema,
            name=name,
            view=name in views,
            columns=tuple(
                found_column(
                    column,
                    inspector.dialect,
                    exact=exact,
                    indexed={each[0] for each in ordered},
                    numbered=key if name in counters and len(key) == 1 else (),
                    required=key if name in counters else (),
                )
                for column in columns.get(name, ())
            ),
            primary_key=key,
            unique=tuple(sorted({each for each, unique in listed if unique})),
        )


def _sets(
    indexes: Iterable[ReflectedIndex], constraints: Iterable[ReflectedUniqueConstraint]
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The columns of indexes and constraints, each with whether they are unique together."""
    for index in indexes:
        names = tuple(name for name in index["column_names"] if name)
        # One on an expression, or on some of the rows, tells nothing of a column.
        if len(names) == len(index["column_names"]) and not any(
            map(_is_condition, index.get("dialect_options", {}))
        ):
            yield names, bool(index["unique"])
    for constraint in constraints:
        yield tuple(constraint["column_names"]), True


def _is_condition(option: str) -> bool:
    return option.endswith("_where")


def _counters(inspector: sa.Inspector) -> set[str]:
    """SQLite's tables whose key never gets a number again that it had."""
    if inspector.dialect.name != "sqlite":
        return set()
    return {name for (name,) in inspector.bind.execute(sa.text(_AUTOINCREMENT))}  # type: ignore[union-attr]  # a connection


def _counted(engine: sa.Engine, tables: list[FoundTable]) -> dict[str, int]:
    give_up = time.monotonic() + _SECONDS
    found: dict[str, int] = {}
    for table in tables:
        if time.monotonic() > give_up:
            break
        rows = sa.select(sa.literal(1)).select_from(sa.table(table.name, schema=table.schema))
        some = sa.select(sa.func.count()).select_from(rows.limit(COUNTED + 1).subquery())
        try:
            # A connection each: where one table may not be read, the others still are.
            with engine.connect() as connection:
                found[table.name] = int(connection.execute(some).scalar_one())
        except sa.exc.SQLAlchemyError:
            continue
    return found


def _with_rows(table: FoundTable, rows: int | None) -> FoundTable:
    return replace(table, rows=rows)


def _by_name(found: Mapping[tuple[str | None, str], T]) -> dict[str, T]:
    return {name: each for (_, name), each in found.items()}
