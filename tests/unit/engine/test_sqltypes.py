"""Values go into a database as they are: exact, or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from dlt.destinations import sqlalchemy
from dlt.destinations.impl.sqlalchemy.dialect import get_dialect_capabilities
from sqlalchemy.dialects import mysql, postgresql, sqlite

from databridge.engine.sqltypes import use_for

SQLITE, POSTGRESQL, MYSQL = sqlite.dialect(), postgresql.dialect(), mysql.dialect()


def bound(dialect: sa.Dialect, data_type: str, value: object) -> object:
    """What a driver is given for a value."""
    bind = column_type(dialect, data_type).dialect_impl(dialect).bind_processor(dialect)
    return bind(value) if bind else value


def column_type(dialect: sa.Dialect, data_type: str) -> Any:
    use_for(dialect.name)
    use_for(dialect.name)  # once and for all
    found = get_dialect_capabilities(dialect.name)
    assert found
    mapper: Any = found.type_mapper_class()
    capabilities = sqlalchemy("sqlite:///w.db").capabilities()
    return mapper(capabilities, dialect).to_destination_type(
        {"name": "c", "data_type": data_type}, {"name": "t"}
    )


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL, MYSQL], ids=lambda dialect: dialect.name)
def test_json_is_the_text_that_it_is(dialect: sa.Dialect) -> None:
    assert bound(dialect, "json", '{"a": 1.10}') == '{"a": 1.10}'


def test_sqlite_keeps_every_digit() -> None:
    value = Decimal("12345678901234567890.10")

    assert bound(SQLITE, "decimal", value) == "12345678901234567890.10"
    assert bound(SQLITE, "wei", Decimal("1E+3")) == "1000"
    back = column_type(SQLITE, "decimal").result_processor(SQLITE, None)
    assert back("12345678901234567890.10") == value


def test_sqlite_is_not_given_what_it_would_take_for_null() -> None:
    with pytest.raises(ValueError, match="NaN"):
        bound(SQLITE, "double", float("nan"))
    assert bound(SQLITE, "double", 0.1) == 0.1
    assert bound(SQLITE, "double", None) is None


@pytest.mark.parametrize(
    ("data_type", "stored"), [("text", "LONGTEXT"), ("binary", "LONGBLOB"), ("time", "TIME(6)")]
)
def test_mysql_cuts_nothing(data_type: str, stored: str) -> None:
    assert column_type(MYSQL, data_type).compile(dialect=MYSQL).startswith(stored)
