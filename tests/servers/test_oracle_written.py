"""TO_CHAR writes every digit, in the formats that are known here; Oracle leaves the zero before a point away."""

from __future__ import annotations

from contextlib import closing

import oracledb
import pytest

from tests.servers.oracle.place import OracleSchema

MOMENT = "SYYYY-MM-DD HH24:MI:SS.FF9"


@pytest.mark.parametrize(
    ("kind", "value", "form", "written"),
    [
        ("NUMBER", "12345678901234567890123456789.123456789", "TM9", "12345678901234567890123456789.123456789"),
        ("NUMBER", "-0.125", "TM9", "-.125"),
        ("NUMBER", "1e39", "TM9", f"1{'0' * 39}"),
        ("NUMBER", "1e-100", "TM9", "1E-100"),
        ("NUMBER(9)", "700", "TM9", "700"),
        ("NUMBER(18,4)", "1.5", "TM9", "1.5"),
        ("FLOAT", "0.1", "TM9", ".1"),
        ("DATE", "DATE '2024-02-29'", "SYYYY-MM-DD HH24:MI:SS", " 2024-02-29 00:00:00"),
        ("TIMESTAMP(9)", "TIMESTAMP '2024-02-29 12:34:56.123456789'", MOMENT, " 2024-02-29 12:34:56.123456789"),
        ("TIMESTAMP", "TIMESTAMP '2024-02-29 12:34:56.5'", MOMENT, " 2024-02-29 12:34:56.500000000"),
        (
            "TIMESTAMP WITH TIME ZONE",
            "TIMESTAMP '2024-02-29 12:34:56.5 -05:30'",
            f"{MOMENT} TZH:TZM",
            " 2024-02-29 12:34:56.500000000 -05:30",
        ),
    ],
)  # fmt: skip
def test_a_value_is_written(oracle: OracleSchema, kind: str, value: str, form: str, written: str) -> None:
    oracle.run(f"CREATE TABLE t (v {kind})", f"INSERT INTO t VALUES ({value})", "INSERT INTO t VALUES (NULL)")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        found = cursor.execute(f"SELECT TO_CHAR(v, '{form}') FROM t").fetchall()
    assert found == [(written,), (None,)]


def test_another_format_is_refused(oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (v NUMBER)", "INSERT INTO t VALUES (1)")
    with closing(oracle.connect()) as connection, pytest.raises(oracledb.DatabaseError):
        connection.cursor().execute("SELECT TO_CHAR(v, '999') FROM t").fetchall()
