"""A type of PostgreSQL as SQLAlchemy reflects it is one row of the matrix; what it does not know is read as its text."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import ranges

from databridge.engine.extraction.sourcecolumn import Known
from databridge.model.postgrestypes import POSTGRES_TYPES

_BY_NAME = {row.name: row for row in POSTGRES_TYPES}
_MOST_DIGITS = 38
_NAMES: tuple[
    tuple[type[sa.types.TypeEngine[Any]] | tuple[type[sa.types.TypeEngine[Any]], ...], str], ...
] = (
    (sa.Enum, "enum"),
    (pg.CITEXT, "citext"),
    (sa.CHAR, "character(n)"),
    (sa.VARCHAR, "character varying(n)"),
    (sa.Text, "text"),
    (sa.SmallInteger, "smallint"),
    (sa.BigInteger, "bigint"),
    (sa.Integer, "integer"),
    (pg.OID, "oid"),
    (sa.REAL, "real"),
    (sa.Float, "double precision"),
    (pg.MONEY, "money"),
    (sa.Boolean, "boolean"),
    (sa.Uuid, "uuid"),
    (pg.BYTEA, "bytea"),
    (sa.Date, "date"),
    (pg.INTERVAL, "interval"),
    (pg.JSONB, "jsonb"),
    (pg.JSONPATH, "any other"),
    (sa.JSON, "json"),
    (sa.ARRAY, "array"),
    (ranges.AbstractRange, "range"),
    ((pg.INET, pg.CIDR, pg.MACADDR, pg.MACADDR8), "inet, cidr, macaddr"),
    (pg.BIT, "bit, bit varying"),
)
"""The first that fits counts."""


def postgres_type(kind: sa.types.TypeEngine[Any]) -> Known:
    """The row of the matrix.

    Args:
        kind: as SQLAlchemy reflected it.
    """
    match kind:
        case pg.DOMAIN():
            return postgres_type(kind.data_type)
        case sa.Numeric() if not isinstance(kind, sa.Float):
            return _numeric(kind.precision, kind.scale or 0)
        case sa.Time():
            return Known(_BY_NAME["time with time zone" if kind.timezone else "time"])
        case sa.DateTime():
            return Known(_BY_NAME["timestamp with time zone" if kind.timezone else "timestamp"])
        case _:
            found = next((name for types, name in _NAMES if isinstance(kind, types)), "any other")
            return Known(_BY_NAME[found])


def _numeric(precision: int | None, scale: int) -> Known:
    if precision is None:
        return Known(_BY_NAME["numeric"])
    # `numeric(3, -2)` holds hundreds, `numeric(2, 5)` hundred-thousandths.
    digits, behind = max(precision - min(scale, 0), scale), max(scale, 0)
    if digits > _MOST_DIGITS:
        return Known(_BY_NAME["numeric(p,s), p > 38"])
    return Known(_BY_NAME["numeric(p,s)"], digits, behind)


def postgres_selected(column: sa.ColumnElement[Any], known: Known, declared: str) -> sa.ColumnElement[Any]:
    """What is selected of a column, so that the server writes it as its Arrow type is read.

    Args:
        column: of the query.
        known: what it is.
        declared: dlt's data type of it.
    """
    match known.type.name:
        case "money" if declared != "text":
            return sa.cast(column, sa.Numeric)
        case "array" if declared == "json":
            # JSON has no bounds: where they are others than usual the text is left as it is, and refused as no JSON.
            text = sa.cast(column, sa.Text)
            return sa.case((text.like("[%"), text), else_=sa.cast(sa.func.to_json(column), sa.Text))
        case _:
            return column


def postgres_by_character(text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A text that is compared by its characters' numbers."""
    collated: sa.ColumnElement[Any] = sa.collate(text, "C")
    return collated
