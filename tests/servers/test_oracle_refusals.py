"""What Oracle refuses is refused with its number, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import oracledb
import pytest

from tests.servers.oracle.place import OracleSchema

TABLE = """
CREATE TABLE t (id NUMBER(4) PRIMARY KEY, name VARCHAR2(5 CHAR) NOT NULL, bytes VARCHAR2(4), x NUMBER(5,2), r RAW(2))
"""


@pytest.fixture
def cursor(oracle: OracleSchema) -> Iterator[Any]:
    oracle.run(
        TABLE, "INSERT INTO t VALUES (1, 'one', NULL, 1.5, NULL)", 'CREATE TABLE "Mixed" ("Id" NUMBER)'
    )
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        yield cursor


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT * FROM nowhere", "ORA-00942"),
        ("SELECT * FROM nobody.t", "ORA-00942"),
        ('SELECT * FROM "t"', "ORA-00942"),
        ("SELECT * FROM Mixed", "ORA-00942"),
        ("INSERT INTO nowhere VALUES (1)", "ORA-00942"),
        ("DROP TABLE nowhere", "ORA-00942"),
        ("SELECT missing FROM t", 'ORA-00904: "MISSING": invalid identifier'),
        ("SELECT t.missing FROM t", 'ORA-00904: "T"."MISSING": invalid identifier'),
        ('SELECT "id" FROM t', 'ORA-00904: "id": invalid identifier'),
        ('SELECT Id FROM "Mixed"', 'ORA-00904: "ID": invalid identifier'),
        ("SELECT id FROM t WHERE missing = 1", "ORA-00904"),
        ("SELECT id FROM t ORDER BY missing", "ORA-00904"),
        ("SELECT (SELECT MAX(u.missing) FROM t u) AS m FROM t", "ORA-00904"),
        ("INSERT INTO t (missing) VALUES (1)", "ORA-00904"),
        ("UPDATE t SET missing = 1", "ORA-00904"),
        ("SELECT id FROM t a, t b", "ORA-00918"),
        ("SELECT 1", "ORA-00923"),
        ("INSERT INTO t (id, name) VALUES (2)", "ORA-00947"),
        ("INSERT INTO t (id) VALUES (2, 3)", "ORA-00913"),
        ("INSERT INTO t (id, name) VALUES (1, 'two')", "ORA-00001"),
        ("INSERT INTO t (id, name) VALUES (2, '')", "ORA-01400"),
        ("INSERT INTO t (id, name) VALUES (2, 'toolong')", "ORA-12899"),
        ("INSERT INTO t (id, name, bytes) VALUES (2, 'two', 'äöü')", "ORA-12899"),
        ("INSERT INTO t (id, name, r) VALUES (2, 'two', HEXTORAW('010203'))", "ORA-12899"),
        ("INSERT INTO t (id, name, x) VALUES (2, 'two', 1000)", "ORA-01438"),
        ("SELECT id FROM t WHERE id = TO_NUMBER('x')", "ORA-01722"),
        ("SELECT DATE '2024-02-30' FROM DUAL", "ORA-01861|ORA-01839"),
        ("CREATE TABLE t (a NUMBER)", "ORA-00955"),
        ("CREATE TABLE u (a VARCHAR2(5000))", "ORA-00910"),
        ("CREATE TABLE u (a NUMBER(39))", "ORA-01727"),
        ("CREATE TABLE u (a NUMBER, a NUMBER)", "ORA-00957"),
        ("CREATE TABLE u (a NOTHING)", "ORA-00902"),
        ("CREATE USER nobody_else IDENTIFIED BY x", "ORA-01031"),
        ("THIS IS NO SQL", "ORA-00900|ORA-03001"),
    ],
)
def test_refused(cursor: Any, statement: str, error: str) -> None:
    with pytest.raises(oracledb.DatabaseError, match=error):
        cursor.execute(statement)
    assert cursor.execute("SELECT id, name FROM t").fetchall() == [(1, "one")]


def test_a_value_too_many_is_missed(cursor: Any) -> None:
    with pytest.raises(oracledb.DatabaseError, match=r"ORA-01008|DPY-4010"):
        cursor.execute("SELECT id FROM t WHERE id = :a AND name = :b", {"a": 1})


def test_an_empty_text_is_null(cursor: Any) -> None:
    cursor.execute("INSERT INTO t (id, name, bytes) VALUES (2, 'two', :b)", b="")
    assert cursor.execute("SELECT id FROM t WHERE bytes IS NULL AND id = 2").fetchall() == [(2,)]
    assert cursor.execute("SELECT id FROM t WHERE bytes = ''").fetchall() == []
    assert cursor.execute("SELECT name || bytes || '!' FROM t WHERE id = 2").fetchall() == [("two!",)]


def test_a_read_only_transaction_changes_nothing(cursor: Any) -> None:
    cursor.execute("SET TRANSACTION READ ONLY")
    with pytest.raises(oracledb.DatabaseError, match="ORA-01456"):
        cursor.execute("DELETE FROM t")
    cursor.connection.rollback()
    cursor.execute("DELETE FROM t")


def test_who_was_granted_nothing_sees_nothing(oracle: OracleSchema, cursor: Any) -> None:
    with oracle.at.schema() as other, closing(other.connect()) as connection, connection.cursor() as stranger:
        query = f"SELECT name FROM {oracle.user}.t"
        owned = f"SELECT table_name FROM all_tables WHERE owner = '{oracle.user}'"
        with pytest.raises(oracledb.DatabaseError, match="ORA-00942"):
            stranger.execute(query)
        assert stranger.execute(owned).fetchall() == []
        cursor.execute(f"GRANT SELECT ON t TO {other.user}")
        assert stranger.execute(query).fetchall() == [("one",)]
        assert stranger.execute(owned).fetchall() == [("T",)]
        with pytest.raises(oracledb.DatabaseError, match="ORA-01031"):
            stranger.execute(f"DELETE FROM {oracle.user}.t")
        cursor.execute(f"REVOKE SELECT ON t FROM {other.user}")
        with pytest.raises(oracledb.DatabaseError, match="ORA-00942"):
            stranger.execute(query)


def test_a_column_dropped_since_is_missing(oracle: OracleSchema, cursor: Any) -> None:
    query = "SELECT id, x FROM t"
    cursor.execute(query).fetchall()
    oracle.run("ALTER TABLE t DROP COLUMN x")
    with pytest.raises(oracledb.DatabaseError, match="ORA-00904"):
        cursor.execute(query)


def test_a_char_is_padded(oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE c (v CHAR(5))", "INSERT INTO c VALUES ('ab')")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT v FROM c WHERE v = 'ab'").fetchall() == [("ab   ",)]
        assert cursor.execute("SELECT v FROM c WHERE v = :v", v="ab").fetchall() == []
        assert cursor.execute("SELECT v FROM c WHERE v = :v", v="ab   ").fetchall() == [("ab   ",)]


def test_rows_are_cut_off_before_or_after_they_are_sorted(oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE n (v NUMBER)", *(f"INSERT INTO n VALUES ({v})" for v in (3, 1, 2)))
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        first = cursor.execute("SELECT v FROM n ORDER BY v FETCH FIRST 2 ROWS ONLY").fetchall()
        assert first == [(1,), (2,)]
        assert cursor.execute("SELECT v FROM n WHERE ROWNUM <= 2 ORDER BY v").fetchall() == [(1,), (3,)]
        assert cursor.execute("SELECT COUNT(*) FROM n WHERE ROWNUM < 2").fetchall() == [(1,)]
        paged = cursor.execute("SELECT v FROM n ORDER BY v OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY")
        assert paged.fetchall() == [(2,)]


def test_a_rowid_finds_its_row(cursor: Any) -> None:
    (rowid,) = cursor.execute("SELECT ROWID FROM t").fetchone()
    assert len(rowid) == 18
    assert cursor.execute("SELECT id FROM t WHERE ROWID = :r", r=rowid).fetchall() == [(1,)]
