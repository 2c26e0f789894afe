"""A value is stored in a database as it was loaded: where dlt's own types would change it without a word, columns get other ones.

Seen with dlt 1.31: JSON is stored as a text within JSON; SQLite rounds decimals to doubles, and takes not-a-number for NULL;
times of day get PostgreSQL's time zone; texts are cut to the length that they had at the source, or refused.
`locations.columntype` tells these types.
"""

# ruff: noqa: ARG002 - the signatures are those of dlt and SQLAlchemy
from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from dlt.common.destination.capabilities import DataTypeMapper
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema.typing import TColumnSchema
from dlt.destinations.impl.sqlalchemy.dialect import (
    DialectCapabilities,
    get_dialect_capabilities,
    register_dialect_capabilities,
)
from sqlalchemy.dialects.mysql import LONGBLOB, LONGTEXT
from sqlalchemy.dialects.mysql import TIME as FINE_TIME

_Column = sa.types.TypeEngine[Any]
_DIGITS, _FRACTION = 38, 9
_MYSQL = ("mysql", "mariadb")


def use_for(dialect: str) -> None:
    """Have dlt give columns these types wherever it loads into databases of a dialect.

    Args:
        dialect: as its URLs begin: `postgresql`.
    """
    known = get_dialect_capabilities(dialect) or DialectCapabilities(dialect)
    if isinstance(known, _Capabilities):
        return
    types = _SqliteTypes if dialect == "sqlite" else _ServerTypes
    mapper = type(types.__name__, (types, known.type_mapper_class()), {})
    capabilities = type(_Capabilities.__name__, (_Capabilities, type(known)), {"mapper": mapper})
    register_dialect_capabilities(dialect, capabilities)


class _Capabilities(DialectCapabilities):
    mapper: type[DataTypeMapper]

    def type_mapper_class(self) -> type[DataTypeMapper]:
        return self.mapper


class _JsonText(sa.types.TypeDecorator[object]):
    """JSON, given as the text that it is."""

    impl = sa.JSON
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[object], object] | None:
        return None


class _DecimalText(sa.types.TypeDecorator[Decimal]):
    """A decimal as text: of exact numbers SQLite has only whole ones."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class _Number(sa.types.TypeDecorator[float]):
    """A double that is a number."""

    impl = sa.Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: sa.Dialect) -> float | None:
        if value is not None and math.isnan(value):
            raise ValueError("SQLite can't store NaN: it would take it for NULL")
        return value


class _ServerTypes:
    """What stands before a dialect's own types."""

    def db_type_from_json_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return _JsonText()

    def db_type_from_text_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        exact = LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin")
        return sa.Text().with_variant(exact, *_MYSQL).with_variant(sa.UnicodeText(), "mssql")

    def db_type_from_binary_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return sa.LargeBinary().with_variant(LONGBLOB(), *_MYSQL)

    def db_type_from_time_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return sa.Time().with_variant(FINE_TIME(fsp=6), *_MYSQL)

    def db_type_from_decimal_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        precision, scale = column.get("precision"), column.get("scale")
        return sa.Numeric(_DIGITS if precision is None else precision, _FRACTION if scale is None else scale)


class _SqliteTypes:
    """What SQLite keeps as it is: a column that it takes for one of numbers makes numbers of texts."""

    def db_type_from_json_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return sa.Text()

    def db_type_from_text_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return sa.Text()

    def db_type_from_binary_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return sa.LargeBinary()

    def db_type_from_double_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return _Number()

    def db_type_from_decimal_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return _DecimalText()

    def db_type_from_wei_type(self, column: TColumnSchema, table: PreparedTableSchema) -> _Column:
        return _DecimalText()
