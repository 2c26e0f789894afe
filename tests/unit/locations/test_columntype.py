"""The types that dlt gives columns, at each destination whose columns have some."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from dlt.common.data_types.typing import DATA_TYPES
from dlt.common.exceptions import TerminalValueError
from dlt.destinations import databricks, duckdb, sqlalchemy
from sqlalchemy.dialects import postgresql, sqlite

from databridge.engine.sqltypes import use_for
from databridge.locations.columntype import rare_type, stored_as, words
from databridge.model.recorded import LocationKind

NUMBERS: list[dict[str, object]] = [
    {},
    {"precision": 3},
    {"precision": 9},
    {"precision": 30},
    {"precision": 40, "scale": 2},
]
ZONES: list[dict[str, object]] = [{}, {"timezone": False}]
HINTS = [
    {"data_type": data_type, **numbers, **zone}
    for data_type in sorted(DATA_TYPES)
    for numbers in NUMBERS
    for zone in ZONES
]


@pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated")
@pytest.mark.parametrize("kind", [LocationKind.DUCKDB, LocationKind.DATABRICKS])
@pytest.mark.parametrize("hints", HINTS, ids=str)
def test_the_type_is_dlts(kind: LocationKind, hints: dict[str, object]) -> None:
    destination = {LocationKind.DUCKDB: duckdb, LocationKind.DATABRICKS: databricks}[kind]()
    mapper = destination.capabilities().get_type_mapper()
    told = stored_as(kind, hints)
    try:
        theirs = mapper.to_destination_type({"name": "c", **hints}, {"name": "t"})
    except TerminalValueError:  # no type is wide enough
        assert told is None
        return
    assert told == theirs


@pytest.mark.parametrize(
    ("url", "dialect"),
    [("sqlite:///w.db", sqlite.dialect()), ("postgresql+psycopg://u@h/d", postgresql.dialect())],
    ids=["sqlite", "postgresql"],
)
@pytest.mark.parametrize("hints", HINTS, ids=str)
def test_in_a_database_it_is_the_one_that_dlt_is_made_to_give(
    url: str, dialect: sa.Dialect, hints: dict[str, object]
) -> None:
    use_for(dialect.name)
    told = stored_as(dialect.name, hints)
    mapper: Any = sqlalchemy(url).capabilities().get_type_mapper(dialect)
    try:
        theirs = mapper.to_destination_type({"name": "c", **hints}, {"name": "t"})
    except TerminalValueError:  # no type is wide enough
        assert told is None
        return
    assert told
    assert told.replace(" ", "") == theirs.compile(dialect=dialect).replace(" ", "")


def test_of_other_databases_none_is_told() -> None:
    assert stored_as("mysql", {"data_type": "text"}) is None


def test_files_have_no_types() -> None:
    assert stored_as(LocationKind.FILESYSTEM, {"data_type": "text"}) is None


def test_a_type_that_is_not_known_is_not_told() -> None:
    assert stored_as(LocationKind.DUCKDB, {"data_type": "vector"}) is None


def test_dlts_words() -> None:
    assert words({"data_type": "decimal", "precision": 10, "scale": 2}) == "decimal(10,2)"
    assert words({"data_type": "timestamp", "precision": 9}) == "timestamp(9)"
    assert words({"data_type": "text"}) == "text"


@pytest.mark.parametrize(
    ("hints", "told"),
    [
        ({"data_type": "time"}, "time"),
        ({"data_type": "timestamp", "precision": 6}, None),
        ({"data_type": "timestamp", "precision": 9}, "timestamp(9)"),
        ({"data_type": "timestamp", "precision": 9, "timezone": False}, "timestamp(9) without a zone"),
        ({"data_type": "bigint", "precision": 64}, None),
        ({"data_type": "bigint", "precision": 128}, "bigint(128)"),
        ({"data_type": "json"}, None),
        ({"data_type": "json", "x-nested-type": "struct"}, "json in nested columns"),
        ({}, None),
    ],
)
def test_what_not_every_destination_holds(hints: dict[str, object], told: str | None) -> None:
    assert rare_type(hints) == told
