"""What SQLite holds arrives exactly, or the load is refused."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import TableResource
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

T = TableResource.model_validate({"name": "t", "write_disposition": "replace"})


@pytest.mark.parametrize(
    ("declared", "literal", "value"),
    [
        ("INTEGER", "9223372036854775807", 2**63 - 1),
        ("INTEGER", "-9223372036854775808", -(2**63)),
        ("BIGINT", "7", 7),
        ("SMALLINT", "40000", 40000),
        ("REAL", "0.1", 0.1),
        ("REAL", "5", 5.0),
        ("TEXT", "'007'", "007"),
        ("VARCHAR(3)", "'longer than said'", "longer than said"),
        ("BOOLEAN", "0", False),
        ("BOOLEAN", "1", True),
        ("DATE", "'2024-02-29'", date(2024, 2, 29)),
        ("TIME", "'23:59:59.000001'", time(23, 59, 59, 1)),
        ("TIMESTAMP", "'2024-02-29 12:30:00.123456'", datetime(2024, 2, 29, 12, 30, 0, 123456)),  # noqa: DTZ001
        ("DATETIME", "'2024-02-29T12:30:00'", datetime(2024, 2, 29, 12, 30)),  # noqa: DTZ001
        ("NUMERIC(10, 2)", "12345678.25", Decimal("12345678.25")),
        ("NUMERIC(20, 4)", "'12345678901.7891'", Decimal("12345678901.7891")),
        ("NUMERIC", "0.1", Decimal("0.1")),
        ("DECIMAL(5, 0)", "12345", Decimal(12345)),
        ("BLOB", "x'00ff'", b"\x00\xff"),
    ],
)
def test_kept(bench: Workbench, declared: str, literal: str, value: object) -> None:
    bench.sqlite(f"CREATE TABLE t (id INTEGER, v {declared}); INSERT INTO t VALUES (1, {literal}), (2, NULL)")
    bench.load(T)
    assert bench.rows("t", "id", "v") == [(1, value), (2, None)]


@pytest.mark.parametrize(
    ("declared", "literal"),
    [
        ("INTEGER", "1.5"),
        ("INTEGER", "1e300"),
        ("INTEGER", "x'00ff'"),
        ("INTEGER", "'text'"),
        ("SMALLINT", "0.5"),
        ("REAL", "'text'"),
        ("NUMERIC(10, 2)", "1.239"),
        ("NUMERIC(5, 2)", "12345.5"),
        ("NUMERIC(10, 2)", "'text'"),
        ("NUMERIC", "0.12345678901"),
        ("BOOLEAN", "2"),
        ("BOOLEAN", "'yes'"),
        ("DATE", "'29.02.2024'"),
        ("DATE", "17"),
        ("TIMESTAMP", "'yesterday'"),
        ("TIMESTAMP", "1709208000"),
        ("TIMESTAMP", "'2024-02-29 12:30:00.123456789'"),
        ("DATE", "'2024-02-29 12:30:00'"),
        ("TIME", "'23:59:59.1234567'"),
        ("TIME", "'23:59:59+02:00'"),
        ("NUMERIC", "'NaN'"),
    ],
)
@pytest.mark.parametrize("beside", ["NULL", "fitting"])
def test_refused_with_table_column_and_value(
    bench: Workbench, declared: str, literal: str, beside: str
) -> None:
    fitting = {"DATE": "'2024-02-29'", "TIMESTAMP": "'2024-02-29 12:00:00'", "TIME": "'12:00:00'"}
    company = "NULL" if beside == "NULL" else fitting.get(declared, "1")
    bench.sqlite(
        f"CREATE TABLE t (id INTEGER, v {declared}); INSERT INTO t VALUES (1, {company}), (2, {literal});"
        "CREATE TABLE beside (id INTEGER); INSERT INTO beside VALUES (1)"
    )
    with pytest.raises(DatabridgeError) as raised:
        bench.load(T, TableResource(name="beside"))
    (told,) = raised.value.diagnostics
    assert told.code == "DB520"
    assert told.summary.startswith("t: column `v` is declared ")
    value = (
        str(float(literal)) if literal == "1e300" else literal.strip("'").replace("x'00ff", r"b'\x00\xff'")
    )
    assert f"`{value}`" in told.summary
    assert "data_type" in told.hint
    assert bench.types("t") == {}


@pytest.mark.parametrize(
    ("declared", "literals", "texts"),
    [
        ("NUMERIC(10, 2)", ["'text'", "12.5", "7"], ["text", "12.5", "7"]),
        ("TIMESTAMP", ["'yesterday'", "'2024-02-29T12:30:00.123456789'"], None),
        ("DATE", ["'29.02.2024'", "17"], ["29.02.2024", "17"]),
        ("BOOLEAN", ["'yes'", "2", "1"], ["yes", "2", "1"]),
        ("INTEGER", ["'text'", "1.5", "7"], ["text", "1.5", "7"]),
        ("REAL", ["'text'", "1.5"], ["text", "1.5"]),
    ],
)
def test_what_is_declared_as_text_is_taken_as_it_is(
    bench: Workbench, declared: str, literals: list[str], texts: list[str] | None
) -> None:
    """As the hint of the refusal says."""
    bench.sqlite(f"CREATE TABLE t (id INTEGER, v {declared})")
    for number, literal in enumerate([*literals, "NULL"]):
        bench.sqlite(f"INSERT INTO t VALUES ({number}, {literal})")
    declaring = {**T.model_dump(by_alias=True), "columns": {"v": {"data_type": "text"}}}
    bench.load(TableResource.model_validate(declaring))
    expected = texts or [literal.strip("'") for literal in literals]
    assert [v for _, v in bench.rows("t", "id", "v")] == [*expected, None]


def test_a_fraction_is_kept_where_a_double_is_declared(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE t (v INTEGER); INSERT INTO t VALUES (1.5), (2)")
    bench.load(
        TableResource.model_validate(
            {**T.model_dump(by_alias=True), "columns": {"v": {"data_type": "double"}}}
        )
    )
    assert bench.rows("t", "v") == [(1.5,), (2.0,)]


def test_a_column_of_nulls_keeps_its_type(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE t (id INTEGER, v REAL, w TIMESTAMP); INSERT INTO t VALUES (1, NULL, NULL)")
    bench.load(T)
    assert bench.types("t") == {"id": "BIGINT", "v": "DOUBLE", "w": "TIMESTAMP"}
