"""Each type passes the wire to its last digit, at its bounds; times are read as the driver hands them out, with their 100 ns."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Sequence
from decimal import Decimal

import mssql_python
import pyodbc
import pytest

from tests.servers.odbc import FREETDS, MICROSOFT
from tests.servers.sqlserverground import SqlServerGround

BOTH = pytest.mark.parametrize("driver", [MICROSOFT, FREETDS])
SS_TIME2, SS_TIMESTAMPOFFSET = -154, -155

Case = tuple[str, str, object]
"""A type, a literal, and the value that comes."""

NUMBERS: Sequence[Case] = [
    ("bit NOT NULL", "1", True),
    ("bit", "0", False),
    ("tinyint", "255", 255),
    ("smallint", "-32768", -32768),
    ("int NOT NULL", "-2147483648", -2147483648),
    ("bigint", "9007199254740993", 2**53 + 1),
    ("bigint NOT NULL", "-9223372036854775808", -(2**63)),
    ("decimal(38, 0)", "99999999999999999999999999999999999999", Decimal("9" * 38)),
    (
        "decimal(38, 10)",
        "-1234567890123456789012345678.0123456789",
        Decimal("-1234567890123456789012345678.0123456789"),
    ),
    ("numeric(38, 38)", "0.00000000000000000000000000000000000001", Decimal("1e-38")),
    ("numeric(9, 2)", "1.005", Decimal("1.01")),
    ("decimal(19, 4)", "-0.0001", Decimal("-0.0001")),
    ("decimal(28, 1)", "0", Decimal("0.0")),
    ("money", "-922337203685477.5808", Decimal("-922337203685477.5808")),
    ("money NOT NULL", "0.0001", Decimal("0.0001")),
    ("smallmoney", "214748.3647", Decimal("214748.3647")),
    ("real", "1.5e38", struct.unpack("f", struct.pack("f", 1.5e38))[0]),
    ("float", "0.1", 0.1),
    ("float(53) NOT NULL", "-1.7976931348623157e308", -1.7976931348623157e308),
    ("float(24)", "0.5", 0.5),
]
STRINGS: Sequence[Case] = [
    ("char(5)", "'ab'", "ab   "),
    ("nchar(3)", "N'😀'", "😀 "),
    ("varchar(20)", "'naïve €  '", "naïve €  "),
    ("varchar(20)", "N'Ω'", "?"),
    ("varchar(max)", "''", ""),
    ("nvarchar(4000)", "N'Ω😀 it''s'", "Ω😀 it's"),
    ("nvarchar(max)", "N'日本'", "日本"),
    ("xml", "N'<a>é</a>'", "<a>é</a>"),
    ("uniqueidentifier", "'00112233-4455-6677-8899-aabbccddeeff'", "00112233-4455-6677-8899-AABBCCDDEEFF"),
    ("binary(4)", "0x0102", b"\1\2\0\0"),
    ("varbinary(4)", "0x00FF", b"\0\xff"),
    ("varbinary(max)", "0x", b""),
]
TIMES: Sequence[Case] = [
    ("date", "'0001-01-01'", dt.date(1, 1, 1)),
    ("date NOT NULL", "'9999-12-31'", dt.date(9999, 12, 31)),
    ("time(7)", "'23:59:59.9999999'", "23:59:59.999999900"),
    ("time(3)", "'12:34:56.7895'", "12:34:56.790000000"),
    ("time(0)", "'12:34:56.5'", "12:34:57.000000000"),
    ("datetime2(7)", "'0001-01-01 00:00:00.0000001'", "0001-01-01 00:00:00.000000100"),
    ("datetime2(7)", "'9999-12-31T23:59:59.9999999'", "9999-12-31 23:59:59.999999900"),
    ("datetime2(4)", "'2024-02-29 12:00:00.12345'", "2024-02-29 12:00:00.123500000"),
    ("datetime2(0)", "'2016-12-31 23:59:59.4'", "2016-12-31 23:59:59.000000000"),
    ("datetime", "'1753-01-01 00:00:00.002'", "1753-01-01 and 1/300 s"),
    ("datetime NOT NULL", "'9999-12-31 23:59:59.997'", "9999-12-31 and 25919999/300 s"),
    ("smalldatetime", "'2079-06-06 23:58:30'", "2079-06-06 and 1439 min"),
    ("smalldatetime", "'1900-01-01 12:00:29.998'", "1900-01-01 and 720 min"),
    ("datetimeoffset(7)", "'2024-03-31 02:30:00.1234567 +05:30'", "2024-03-31 02:30:00.123456700 +5:30"),
    ("datetimeoffset(0)", "'0001-01-01 14:00:00 +14:00'", "0001-01-01 14:00:00.000000000 +14:0"),
    ("datetimeoffset(2)", "'9999-12-31 09:59:59.99 -14:00'", "9999-12-31 09:59:59.990000000 -14:0"),
]


def _time(raw: bytes) -> str:
    hour, minute, second, fraction = struct.unpack("<HHHxxI", raw)
    return f"{hour:02}:{minute:02}:{second:02}.{fraction:09}"


def _timestamp(raw: bytes) -> str:
    if len(raw) < 16:  # DATETIME and SMALLDATETIME, as they are
        days, count = struct.unpack("<iI" if len(raw) == 8 else "<HH", raw)
        unit = "/300 s" if len(raw) == 8 else " min"
        return f"{dt.date(1900, 1, 1) + dt.timedelta(days=days)} and {count}{unit}"
    year, month, day, hour, minute, second, fraction = struct.unpack("<hHHHHHI", raw)
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{fraction:09}"


def _offset(raw: bytes) -> str:
    hours, minutes = struct.unpack("<hh", raw[16:])
    return f"{_timestamp(raw[:16])} {hours:+}:{abs(minutes)}"


def _read(connection: pyodbc.Connection, cases: Sequence[Case]) -> list[list[object]]:
    """A table of these columns, with a row of the literals and, where it may be, one of NULL."""
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _, _) in enumerate(cases))
    connection.execute(f"CREATE TABLE kinds (n int NOT NULL PRIMARY KEY, {columns})")
    connection.execute(f"INSERT INTO kinds VALUES (1, {', '.join(literal for _, literal, _ in cases)})")
    nothing = ", ".join(literal if "NOT NULL" in kind else "NULL" for kind, literal, _ in cases)
    connection.execute(f"INSERT INTO kinds VALUES (2, {nothing})")
    return [list(row)[1:] for row in connection.execute("SELECT * FROM kinds ORDER BY n")]


def _check(rows: list[list[object]], cases: Sequence[Case]) -> None:
    wanted = [value for _, _, value in cases]
    nothing = [value if "NOT NULL" in kind else None for kind, _, value in cases]
    assert [repr(value) for value in rows[0]] == [repr(value) for value in wanted]
    assert rows[1] == nothing


@BOTH
def test_numbers(sqlserver: SqlServerGround, driver: str):
    with sqlserver.connect(driver) as connection:
        _check(_read(connection, NUMBERS), NUMBERS)


@BOTH
def test_text_and_bytes(sqlserver: SqlServerGround, driver: str):
    with sqlserver.connect(driver) as connection:
        _check(_read(connection, STRINGS), STRINGS)


def test_times(sqlserver: SqlServerGround):
    with sqlserver.connect() as connection:
        connection.add_output_converter(SS_TIME2, _time)
        connection.add_output_converter(pyodbc.SQL_TYPE_TIMESTAMP, _timestamp)
        connection.add_output_converter(SS_TIMESTAMPOFFSET, _offset)
        _check(_read(connection, TIMES), TIMES)


@BOTH
@pytest.mark.parametrize("size", [0, 1, 4000, 4001, 8000, 8001, 2**20])
def test_long_values(sqlserver: SqlServerGround, driver: str, size: int):
    """They are written through Microsoft's driver: FreeTDS cuts parameters of more than 8000 bytes."""
    sqlserver.execute("CREATE TABLE long (n int, t nvarchar(max), b varbinary(max))")
    text, data = ("é😀x" * size)[:size], bytes(range(256)) * (size // 256 + 1)
    with sqlserver.connect() as connection:
        connection.execute("INSERT INTO long VALUES (1, ?, ?)", text, data[:size])
    with sqlserver.connect(driver) as connection:
        (row,) = connection.execute("SELECT t, b, DATALENGTH(b) FROM long").fetchall()
    assert (row[0] == text, row[1] == data[:size], row[2]) == (True, True, size)


PARAMETERS = [
    ("decimal(38, 10)", Decimal("-1234567890123456789012345678.0123456789")),
    ("decimal(38, 0)", Decimal("9" * 38)),
    ("bigint", -(2**63)),
    ("float", 0.1),
    ("bit", True),
    ("varbinary(20)", b"\0\xff"),
    ("nvarchar(20)", "Ω😀"),
    ("date", dt.date(9999, 12, 31)),
    ("datetime2(7)", dt.datetime.fromisoformat("0001-01-01 00:00:00.000001")),
]


@pytest.mark.parametrize(("kind", "value"), PARAMETERS, ids=[kind for kind, _ in PARAMETERS])
def test_a_parameter_keeps_its_value(sqlserver: SqlServerGround, kind: str, value: object):
    sqlserver.execute(f"CREATE TABLE sent (n int NOT NULL, v {kind})")
    with sqlserver.connect() as connection:
        connection.execute("INSERT INTO sent VALUES (1, ?)", value)
        connection.execute("INSERT INTO sent VALUES (2, ?)", None)
        rows = connection.execute(
            "SELECT n, v FROM sent WHERE v = ? OR v IS NULL ORDER BY n", value
        ).fetchall()
    assert [tuple(row) for row in rows] == [(1, value), (2, None)]


def test_rowversion_grows_with_each_change(sqlserver: SqlServerGround):
    sqlserver.execute("CREATE TABLE v (id int NOT NULL PRIMARY KEY, x int, seen rowversion)")
    with sqlserver.connect() as connection:
        connection.execute("INSERT INTO v (id, x) VALUES (1, 0), (2, 0)")
        first = connection.execute("SELECT max(seen) FROM v").fetchval()
        assert len(first) == 8
        connection.execute("UPDATE v SET x = 1 WHERE id = 1")
        changed = connection.execute("SELECT id FROM v WHERE seen > ?", first).fetchall()
    assert [row.id for row in changed] == [1]


def test_a_datetime_is_more_than_the_parameter_that_it_was_read_as(sqlserver: SqlServerGround):
    """From compatibility level 130 on DATETIME has 1/300 s where it meets DATETIME2: a cursor of .003 finds its own row again."""
    sqlserver.execute("CREATE TABLE t (a datetime)", "INSERT INTO t VALUES ('2024-01-01 00:00:00.003')")
    with sqlserver.connect() as connection:
        value = connection.execute("SELECT a FROM t").fetchval()
        assert connection.execute("SELECT count(*) FROM t WHERE a > ?", value).fetchval() == 1
        assert (
            connection.execute("SELECT count(*) FROM t WHERE a > CAST(? AS datetime)", value).fetchval() == 0
        )


def test_the_order_of_text_and_of_uniqueidentifiers(sqlserver: SqlServerGround):
    first, second = "FFFFFFFF-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
    sqlserver.execute(
        "CREATE TABLE t (u uniqueidentifier, n varchar(9))",
        f"INSERT INTO t VALUES ('{second}', 'b'), ('{first}', 'A'), (NULL, 'a ')",
    )
    with sqlserver.connect() as connection:
        order = connection.execute("SELECT u FROM t WHERE u IS NOT NULL ORDER BY u").fetchall()
        assert [row.u for row in order] == [first, second]
        assert connection.execute("SELECT count(*) FROM t WHERE u > ?", first).fetchval() == 1
        assert connection.execute("SELECT count(*) FROM t WHERE n = 'a'").fetchval() == 2
        assert connection.execute("SELECT count(*) FROM t WHERE n > 'a' AND n LIKE 'B%'").fetchval() == 1


def test_integers_divide_as_integers(sqlserver: SqlServerGround):
    with sqlserver.connect() as connection:
        (row,) = connection.execute("SELECT -7 / 2, 7 / CAST(2 AS float), CAST(7 AS bigint) / 2").fetchall()
    assert tuple(row) == (-3, 3.5, 3)


def test_mssql_python_reads_arrow(sqlserver: SqlServerGround):
    cases = [*NUMBERS, *STRINGS, *TIMES]
    with sqlserver.connect() as connection:
        connection.add_output_converter(SS_TIMESTAMPOFFSET, _offset)
        _read(connection, cases)
    with mssql_python.connect(sqlserver.plain) as other:
        reader = other.cursor().execute("SELECT * FROM kinds ORDER BY n").arrow_reader(1)
        batches = [batch for batch in reader if batch.num_rows]
    assert [batch.num_rows for batch in batches] == [1, 1]
    kinds = {
        kind.split(" NOT")[0]: str(field.type)
        for (kind, _, _), field in zip(cases, list(batches[0].schema)[1:], strict=True)
    }
    assert kinds["decimal(38, 10)"] == "decimal128(38, 10)"
    assert kinds["money"] == "decimal128(19, 4)"
    assert (kinds["tinyint"], kinds["bit"], kinds["real"]) == ("uint8", "bool", "float")
    assert (kinds["time(7)"], kinds["datetime2(7)"]) == ("time64[ns]", "timestamp[us]")
    assert kinds["datetimeoffset(7)"] == "timestamp[us, tz=+00:00]"
    row = batches[0].to_pylist()[0]
    values = [row[f"c{number}"] for number in range(len(NUMBERS) + len(STRINGS))]
    assert values == [value for _, _, value in [*NUMBERS, *STRINGS]]
    time = next(number for number, (kind, _, _) in enumerate(cases) if kind == "time(7)")
    assert batches[0].column(time + 1).cast("int64").to_pylist() == [86_399_999_999_900]
