"""Files are read exactly: what a value was in the file it is in the table, or the file is refused and named."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from databridge.engine.csvfile import read_csv
from databridge.engine.readers import format_of, read_parquet
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import CsvOptions

PLAIN = CsvOptions()


def unknown(column: str) -> pa.DataType | None:
    return None


def csv_rows(
    path: Path, content: str | bytes, options: CsvOptions = PLAIN, **known: pa.DataType
) -> list[dict[str, Any]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return (
        pa.concat_tables(tables).to_pylist() if (tables := list(read_csv(path, options, known.get))) else []
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a file.csv"


def refusal(raised: pytest.ExceptionInfo[DatabridgeError]) -> str:
    told = raised.value.diagnostics[0]
    assert told.code == "DB522"
    assert told.hint
    return f"{told.summary} {told.detail}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-9223372036854775808", -(2**63)),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("2024-02-29", date(2024, 2, 29)),
        ("12:30:15", time(12, 30, 15)),
        ("2024-02-29 12:30:15.25", datetime(2024, 2, 29, 12, 30, 15, 250_000)),  # noqa: DTZ001
        ("2024-02-29T12:30:15Z", datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC)),
        ("2024-02-29 12:30:15+02:00", datetime(2024, 2, 29, 10, 30, 15, tzinfo=UTC)),
        # What only looks like another type stays the text it is.
        ("007", "007"),
        ("12345678901234567890", "12345678901234567890"),
        ("01/02/2024", "01/02/2024"),
        ("29.02.2024", "29.02.2024"),
        ("t", "t"),
        ("1,5", "1,5"),
        ("2024-02-29 12:30:15.1234567", "2024-02-29 12:30:15.1234567"),
        ("NA", "NA"),
        ("1e400", "1e400"),
        ("12345678901234567.89", "12345678901234567.89"),
        (" padded ", " padded "),
    ],
)
def test_csv_types(path: Path, text: str, value: object) -> None:
    assert csv_rows(path, f'v,id\n"{text}",1\n,2\n') == [{"v": value, "id": 1}, {"v": None, "id": 2}]


def test_csv_a_late_value_decides_the_type(path: Path) -> None:
    rows = csv_rows(path, "v,w\n" + "1,2024-01-01\n" * 30_000 + "x,soon\n")
    assert rows[0] == {"v": "1", "w": "2024-01-01"}
    assert rows[-1] == {"v": "x", "w": "soon"}


def test_csv_a_column_of_nulls_has_no_type_yet(path: Path) -> None:
    path.write_text("v,w\nNA,1\n,2\n")
    table = pa.concat_tables(read_csv(path, CsvOptions(null_values=("", "NA")), unknown))
    assert table.schema.field("v").type == pa.null()
    assert table.to_pylist() == [{"v": None, "w": 1}, {"v": None, "w": 2}]


def test_csv_nulls_in_every_type(path: Path) -> None:
    rows = csv_rows(path, "i,t,d\n1,x,NA\nNA,NA,2024-01-01\n", CsvOptions(null_values=("NA",)))
    assert rows == [{"i": 1, "t": "x", "d": None}, {"i": None, "t": None, "d": date(2024, 1, 1)}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_csv_encodings(path: Path, encoding: str) -> None:
    content = "Größe,id\nnaïve,1\n".encode(encoding)
    assert csv_rows(path, content, CsvOptions(encoding=encoding)) == [{"Größe": "naïve", "id": 1}]


def test_csv_a_byte_order_mark_is_no_part_of_a_name(path: Path) -> None:
    assert csv_rows(path, b"\xef\xbb\xbfid,v\n1,x\n") == [{"id": 1, "v": "x"}]


@pytest.mark.parametrize(
    ("content", "options"), [(b"v\n\xff\xfe\n", PLAIN), (b"v\nx\n", CsvOptions(encoding="klingon"))]
)
def test_csv_another_encoding_than_said_is_refused(path: Path, content: bytes, options: CsvOptions) -> None:
    with pytest.raises(DatabridgeError) as raised:
        csv_rows(path, content, options)
    assert path.name in refusal(raised)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_csv_delimiters(path: Path, delimiter: str) -> None:
    content = 'a,b\n1,"x,y"\n'.replace(",", delimiter)
    assert csv_rows(path, content, CsvOptions(delimiter=delimiter)) == [{"a": 1, "b": f"x{delimiter}y"}]


def test_csv_newlines_in_quotes(path: Path) -> None:
    rows = csv_rows(path, '"a\nname",b\n"two\r\nlines",1\n"say ""hi""",2\n')
    assert rows == [{"a\nname": "two\r\nlines", "b": 1}, {"a\nname": 'say "hi"', "b": 2}]


@pytest.mark.parametrize("content", ["", "\n\n", "id,v\n", "id,v"])
def test_csv_without_rows(path: Path, content: str) -> None:
    assert csv_rows(path, content) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,b\n1,2\n3\n", "Line 3: Expected 2 columns, got 1"),
        ('a,b\n1,"2\n\n2"\n\n1,2,3\n', "Line 6: Expected 2 columns, got 3"),
        ("a,b,a\n1,2,3\n", "Its header names `a` more than once"),
        (
            b"a,b\n" + b"1,2\n" * 50_000 + b"3,\xff\n",
            "Column `b`: CSV conversion error to string: invalid UTF8 data",
        ),
    ],
)
def test_csv_malformed(path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(DatabridgeError) as raised:
        csv_rows(path, content, b=pa.string())
    assert path.name in refusal(raised)
    assert told in refusal(raised)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.5", pa.int64()),
        ("1.0", pa.int64()),
        ("9223372036854775808", pa.int64()),
        ("x", pa.float64()),
        ("12345678901234567.89", pa.float64()),
        ("9007199254740993", pa.float64()),
        ("0.1234567890123456789", pa.float64()),
        ("1e400", pa.float64()),
        ("1e-400", pa.float64()),
        ("2024-01-01 00:00:00", pa.date32()),
        ("2024-01-01T00:00:00Z", pa.timestamp("us")),
        ("2024-01-01T00:00:00.1234567Z", pa.timestamp("us", "UTC")),
        ("2024-01-01 00:00:00.1234567", pa.timestamp("us")),
        ("2024-13-01 00:00:00", pa.timestamp("us", "UTC")),
        ("maybe", pa.bool_()),
        ("1.239", pa.decimal128(10, 2)),
        ("123456789.5", pa.decimal128(10, 2)),
        ("25:00:00", pa.time64("us")),
    ],
)
def test_csv_what_does_not_fit_a_known_column_is_refused(path: Path, text: str, kind: pa.DataType) -> None:
    with pytest.raises(DatabridgeError) as raised:
        csv_rows(path, f'w,v\n"two\nlines",\n,\nx,{text}\nx,{text}\n', v=kind)
    told = raised.value.diagnostics[0]
    assert told.code == "DB520"
    assert told.summary.startswith("a file.csv, line 5: column `v` has in its table ")
    assert f"`{text}`" in told.summary


@pytest.mark.parametrize(
    "text", ["0.1", "1.50", "1e3", "0.10000000000000001", "1E+2", "-0.0", " 2.5 ", "NaN"]
)
def test_csv_doubles_as_everybody_writes_them(path: Path, text: str) -> None:
    (row,) = csv_rows(path, f"v,w\n{text},1\n", v=pa.float64())
    assert str(row["v"]) == str(float(text))


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2024-01-01 10:00:00", 10),
        ("2024-01-01T10:00:00Z", 10),
        ("2024-01-01T10:00:00+02:00", 8),
        ("2024-01-01 10:00:00.25-0130", 11),
        ("2024-01-01T10:00+02", 8),
        ("2024-01-01", 0),
    ],
)
def test_csv_a_time_without_a_zone_is_utc_where_the_column_has_one(path: Path, text: str, hour: int) -> None:
    content = f"v\n{text}\n2024-01-01 00:00:00\n2024-01-01T00:00:00Z\nNA\n"
    rows = csv_rows(path, content, CsvOptions(null_values=("NA",)), v=pa.timestamp("us", "UTC"))
    moments = [row["v"] for row in rows]
    midnight = datetime(2024, 1, 1, tzinfo=UTC)
    assert moments[1:] == [midnight, midnight, None]
    assert moments[0].astimezone(UTC).hour == hour


def test_csv_known_text_stays_text(path: Path) -> None:
    assert csv_rows(path, "v,w\n1,2\n", v=pa.string()) == [{"v": "1", "w": 2}]


def test_parquet_as_it_is(tmp_path: Path) -> None:
    table = pa.table({"i": [1, None], "s": ["x", "y"], "nested": [{"a": [1]}, None]})
    pq.write_table(table, tmp_path / "f.parquet")
    assert pa.concat_tables(read_parquet(tmp_path / "f.parquet")) == table


@pytest.mark.parametrize("content", [b"", b"PAR1", b"id,v\n1,2\n"])
def test_parquet_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.parquet").write_bytes(content)
    with pytest.raises(DatabridgeError) as raised:
        list(read_parquet(tmp_path / "f.parquet"))
    assert "f.parquet" in refusal(raised)


@pytest.mark.parametrize(
    ("name", "declared", "found"),
    [
        ("a.csv", "auto", "csv"),
        ("a.TSV", "auto", "csv"),
        ("a.jsonl", "auto", "jsonl"),
        ("a.ndjson", "auto", "jsonl"),
        ("a.parquet", "auto", "parquet"),
        ("a.txt", "csv", "csv"),
    ],
)
def test_formats(name: str, declared: str, found: str) -> None:
    assert format_of(Path(name), declared) == found


def test_an_unknown_ending_is_refused() -> None:
    with pytest.raises(DatabridgeError, match=r"a\.txt") as raised:
        format_of(Path("a.txt"), "auto")
    assert raised.value.diagnostics[0].code == "DB521"
