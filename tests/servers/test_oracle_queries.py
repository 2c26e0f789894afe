"""Queries as people write them keep the values of their columns exact, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from tests.servers.oracle.place import OracleSchema
from tests.servers.test_oracle_types import _exactly, at

BARE = "12345678901234567890123456789.123456789"
EXACT = Decimal(BARE)


@pytest.fixture
def cursor(oracle: OracleSchema) -> Iterator[Any]:
    oracle.run(
        "CREATE TABLE t (id NUMBER(4) PRIMARY KEY, n NUMBER, z TIMESTAMP WITH TIME ZONE, v VARCHAR2(10))",
        f"INSERT INTO t VALUES (1, {BARE}, TIMESTAMP '2024-02-29 12:00:00.5 +02:00', 'one')",
        "INSERT INTO t VALUES (2, NULL, NULL, NULL)",
        "INSERT INTO t VALUES (3, -0.5, TIMESTAMP '2024-02-29 12:00:00 -05:00', 'three')",
        "CREATE VIEW w AS SELECT id, n AS bare, v FROM t",
    )
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        cursor.outputtypehandler = _exactly
        yield cursor


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT bare FROM w WHERE id = 1", [(EXACT,)]),
        ("SELECT * FROM (SELECT t.n, t.id AS i FROM t) WHERE i = 1", [(EXACT, 1)]),
        (
            "WITH q AS (SELECT n FROM t) SELECT n FROM q ORDER BY n NULLS FIRST",
            [(None,), (Decimal("-0.5"),), (EXACT,)],
        ),
        ("SELECT NVL(n, 0) FROM t ORDER BY id", [(EXACT,), (0,), (Decimal("-0.5"),)]),
        ("SELECT CASE WHEN n > 0 THEN n ELSE -1 END FROM t ORDER BY id", [(EXACT,), (-1,), (-1,)]),
        ("SELECT n, COUNT(*) FROM t GROUP BY n HAVING n < 0", [(Decimal("-0.5"), 1)]),
        ("SELECT SUM(n) FROM t", [(Decimal("12345678901234567890123456788.623456789"),)]),
        ("SELECT MAX(n), MIN(n) FROM t", [(EXACT, Decimal("-0.5"))]),
        ("SELECT (SELECT MAX(n) FROM t) AS m FROM DUAL", [(EXACT,)]),
        ("SELECT id FROM t WHERE n IN (SELECT n FROM t WHERE id = 3)", [(3,)]),
        ("SELECT a.id FROM t a JOIN t b ON a.n = b.n ORDER BY a.id", [(1,), (3,)]),
        ("SELECT n FROM t WHERE id = 3 UNION ALL SELECT 7 FROM DUAL", [(Decimal("-0.5"),), (7,)]),
        ("SELECT id FROM t MINUS SELECT 1 FROM DUAL ORDER BY id", [(2,), (3,)]),
        ("SELECT n * 2 FROM t WHERE id = 3", [(-1,)]),
        ("SELECT id FROM t WHERE v LIKE 't%' OR v IS NULL ORDER BY id DESC", [(3,), (2,)]),
        ("SELECT UPPER(v), LENGTH(v), SUBSTR(v, 2, 2) FROM t WHERE id = 3", [("THREE", 5, "hr")]),
        ("SELECT DECODE(v, 'one', 1, 0) FROM t ORDER BY id", [(1,), (0,), (0,)]),
        ("SELECT COUNT(*), COUNT(v), COUNT(DISTINCT v) FROM t", [(3, 2, 2)]),
        ("SELECT CAST(n AS NUMBER(3,1)) FROM t WHERE id = 3", [(Decimal("-0.5"),)]),
        ("SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS r FROM t ORDER BY id", [(1, 3), (2, 2), (3, 1)]),
    ],
)
def test_a_query(cursor: Any, query: str, rows: list[Any]) -> None:
    assert cursor.execute(query).fetchall() == rows


def test_names_of_columns(cursor: Any) -> None:
    cursor.execute("SELECT id, n AS \"Bare\", COUNT(*), MAX(t.id) + 1, 'x' FROM t GROUP BY id, n")
    assert [column[0] for column in cursor.description] == ["ID", "Bare", "COUNT(*)", "MAX(T.ID)+1", "'X'"]


def test_a_bound_time_is_in_the_zone_of_the_session(cursor: Any) -> None:
    cursor.execute("ALTER SESSION SET TIME_ZONE = '+01:00'")
    later = "SELECT id FROM t WHERE z >= :at ORDER BY id"
    assert cursor.execute(later, at=at(2024, 2, 29, 11)).fetchall() == [(1,), (3,)]
    assert cursor.execute(later, at=at(2024, 2, 29, 11, 0, 1)).fetchall() == [(3,)]


def test_changes(cursor: Any) -> None:
    cursor.execute("UPDATE t SET n = :n, v = UPPER(v) WHERE id = :id", n=Decimal(BARE), id=3)
    assert cursor.rowcount == 1
    cursor.execute("INSERT INTO t (id, n, z) SELECT id + 10, n, z FROM t WHERE n IS NOT NULL")
    assert cursor.rowcount == 2
    cursor.execute("DELETE FROM t WHERE id < 10")
    assert cursor.rowcount == 3
    assert cursor.execute("SELECT id, n, z FROM t ORDER BY id").fetchall() == [
        (11, EXACT, at(2024, 2, 29, 12, 0, 0, 500000)),
        (13, EXACT, at(2024, 2, 29, 12)),
    ]
