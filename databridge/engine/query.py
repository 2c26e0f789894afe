"""The query of a table takes every row from its cursor on; a limited one stops between two cursor values, never within one.

Rows beyond the ones that are new may be read too: dlt compares each with the cursor once more and leaves out those it
knows. A row without a cursor value is read so that dlt can refuse it, for no later load would come by it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import dlt
import sqlalchemy as sa

from databridge.engine.extraction.dialects import DIALECTS
from databridge.engine.sqlite import not_earlier_than, not_later_than

Query = sa.Select[tuple[object, ...]]
QueryAdapter = Callable[[Query, sa.Table, "dlt.sources.incremental[object] | None", sa.Engine], Query]


def selection(limit: int | None, before: object | None = None) -> QueryAdapter:
    """How dlt is told which rows to read.

    Args:
        limit: about so many rows; a limited load takes all rows up to the cursor value of the last one of these, or a
            later load could not tell which of its equals were loaded.
        before: only rows whose cursor is less, as the database compares it (`comparable`); None for all.
    """

    def select(
        query: Query, table: sa.Table, incremental: dlt.sources.incremental[object] | None, engine: sa.Engine
    ) -> Query:
        if incremental is None:
            return query.limit(limit) if limit else query
        cursor: sa.ColumnElement[object] = table.columns[str(incremental.cursor_path)]
        start, _ = incremental.get_current_range()
        query = sa.select(table)
        if start is not None:
            query = query.where(_or_missing(cursor, _from(cursor, start, engine)))
        if before is not None:
            query = query.where(_or_missing(cursor, comparable(cursor, engine) < before))
        if limit:
            query = query.where(
                _or_missing(
                    cursor, _up_to(comparable(cursor, engine), _literal(cursor, start, engine), limit)
                )
            )
        return query

    return select


def at_value(name: str, value: object) -> QueryAdapter:
    """How dlt is told to read the rows whose cursor has one value, and maybe some around it.

    Args:
        name: the cursor.
        value: as dlt recorded it.
    """

    def select(
        query: Query,
        table: sa.Table,
        incremental: dlt.sources.incremental[object] | None,  # noqa: ARG001 - dlt's signature
        engine: sa.Engine,
    ) -> Query:
        cursor: sa.ColumnElement[object] = table.columns[name]
        if engine.dialect.name == "sqlite" and isinstance(value, datetime):
            text = sa.type_coerce(cursor, sa.String)
            return query.where(text >= not_later_than(value), text < not_earlier_than(value))
        return query.where(cursor == value)

    return select


def _or_missing(
    cursor: sa.ColumnElement[object], condition: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    nullable = getattr(cursor, "nullable", True)
    return sa.or_(cursor.is_(None), condition) if nullable else condition


def _from(cursor: sa.ColumnElement[object], start: object, engine: sa.Engine) -> sa.ColumnElement[bool]:
    if engine.dialect.name == "sqlite" and isinstance(start, datetime):
        return sa.type_coerce(cursor, sa.String) >= not_later_than(start)
    return comparable(cursor, engine) >= comparable(sa.literal(start, cursor.type), engine)


def _literal(
    cursor: sa.ColumnElement[object], start: object | None, engine: sa.Engine
) -> sa.ColumnElement[object] | None:
    if start is None:
        return None
    # SQLite's column may be of another type than the value that dlt has of it.
    plain = sa.literal(start) if engine.dialect.name == "sqlite" else sa.literal(start, cursor.type)
    return comparable(plain, engine)


def _up_to(
    cursor: sa.ColumnElement[object], start: sa.ColumnElement[object] | None, limit: int
) -> sa.ColumnElement[bool]:
    """Up to the cursor value of the row that stands `limit` rows past the start; everything when there are fewer."""
    past = cursor.is_not(None) if start is None else cursor > start
    last = sa.select(cursor).where(past).order_by(cursor).offset(limit - 1).limit(1).scalar_subquery()
    return sa.or_(last.is_(None), cursor <= last)


def comparable(value: sa.ColumnElement[object], engine: sa.Engine) -> sa.ColumnElement[object]:
    """A value as the database has to compare it, so that it finds the order that dlt finds.

    SQLite's texts of moments in one form and in UTC, to the second; texts by their characters' numbers, where it is known
    how a database does that; anything else as it is.
    """
    if engine.dialect.name == "sqlite" and isinstance(value.type, sa.DateTime):
        return sa.func.datetime(value)
    dialect = DIALECTS.get(engine.dialect.name)
    return dialect.by_character(value) if dialect and isinstance(value.type, sa.String) else value
