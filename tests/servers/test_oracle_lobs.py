"""A LOB is read by its locator, or comes with its row where the driver asks for that; NULL, '' and 1 MB alike."""

from __future__ import annotations

from contextlib import closing

import oracledb
import pyarrow as pa
import pytest

from tests.servers.oracle.place import OracleSchema

TEXT = "grün 😀 " * 150_000
BYTES = bytes(range(256)) * 4096
TABLE = "CREATE TABLE t (id NUMBER(2) PRIMARY KEY, c CLOB, n NCLOB, b BLOB)"


@pytest.fixture
def lobs(oracle: OracleSchema) -> OracleSchema:
    oracle.run(TABLE)
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (1, :1, :2, :3)", [TEXT, TEXT, BYTES])
        cursor.execute("INSERT INTO t VALUES (2, NULL, '', NULL)")
        cursor.execute("INSERT INTO t VALUES (3, 'a', 'b', HEXTORAW('00'))")
        connection.commit()
    return oracle


def test_by_locator(lobs: OracleSchema) -> None:
    with closing(lobs.connect()) as connection, connection.cursor() as cursor:
        rows = cursor.execute("SELECT c, n, b FROM t ORDER BY id", fetch_lobs=True).fetchall()
        first = rows[0]
        assert [lob.read() for lob in first] == [TEXT, TEXT, BYTES]
        assert first[0].size() == len(TEXT.encode("utf-16-be")) // 2
        assert first[0].read(6, 3) == "😀 "  # offsets count halves of UTF-16, as Oracle's do
        assert first[2].read(256, 2) == b"\xff\x00"
        assert rows[1] == (None, None, None)


def test_with_its_row(lobs: OracleSchema) -> None:
    with closing(lobs.connect()) as connection, connection.cursor() as cursor:
        query = "SELECT id, c, n, b FROM t ORDER BY id"
        for _ in range(2):  # the second time by the statement that the driver keeps
            rows = cursor.execute(query, fetch_lobs=False).fetchall()
            assert rows == [(1, TEXT, TEXT, BYTES), (2, None, None, None), (3, "a", "b", b"\x00")]


def test_as_arrow(lobs: OracleSchema) -> None:
    wanted = pa.schema([("C", pa.string()), ("N", pa.large_string()), ("B", pa.binary())])
    with closing(lobs.connect()) as connection:
        query = "SELECT c, n, b FROM t ORDER BY id"
        tables = [
            pa.table(one) for one in connection.fetch_df_batches(query, size=2, requested_schema=wanted)
        ]
    got = pa.concat_tables(tables)
    assert got.schema.types == wanted.types
    assert got.column("C").to_pylist() == [TEXT, None, "a"]
    assert got.column("N").to_pylist() == [TEXT, None, "b"]
    assert got.column("B").to_pylist() == [BYTES, None, b"\x00"]


def test_a_temporary_lob_is_bound(lobs: OracleSchema) -> None:
    with closing(lobs.connect()) as connection, connection.cursor() as cursor:
        clob, blob = connection.createlob(oracledb.DB_TYPE_CLOB), connection.createlob(oracledb.DB_TYPE_BLOB)
        clob.write("grün 😀")
        blob.write(b"\x01\x02")
        cursor.execute("UPDATE t SET c = :c, b = :b WHERE id = 2", c=clob, b=blob)
        rows = cursor.execute("SELECT c, b FROM t WHERE id = 2", fetch_lobs=False).fetchall()
    assert rows == [("grün 😀", b"\x01\x02")]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM t WHERE c = 'a'",
        "SELECT id FROM t WHERE c = :x",
        "SELECT id FROM t WHERE n IN ('a', 'b')",
        "SELECT id FROM t ORDER BY c",
        "SELECT DISTINCT c FROM t",
        "SELECT c FROM t UNION SELECT c FROM t",
        "SELECT COUNT(*) FROM t GROUP BY b",
    ],
)
def test_lobs_are_not_compared(lobs: OracleSchema, query: str) -> None:
    with closing(lobs.connect()) as connection, connection.cursor() as cursor:
        binds = {"x": "a"} if ":x" in query else {}
        with pytest.raises(oracledb.DatabaseError, match="ORA-00932"):
            cursor.execute(query, binds)


def test_a_long_varchar2_is_no_lob(oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (v VARCHAR2(4000), r RAW(2000))")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        rows = [("ä" * 2000, b"\xff" * 2000), ("x" * 253, b"y" * 252)]
        cursor.executemany("INSERT INTO t VALUES (:1, :2)", rows)
        assert cursor.execute("SELECT v, r FROM t").fetchall() == rows
