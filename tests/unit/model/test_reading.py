"""How a source's tables are read follows from its type and driver, and a plan that is explained says so."""

from __future__ import annotations

import pytest

from databridge.model.reading import Reader, reading_of
from databridge.model.source import FilesystemSource, PostgresSource, SqliteSource, SqlSource


@pytest.mark.parametrize(
    ("url", "reader", "reason"),
    [
        ("postgresql+psycopg://u:${secret.p}@h/d", Reader.POSTGRES_COPY, "CSV"),
        ("postgresql+psycopg2://u@h/d", Reader.PYARROW, "psycopg2"),
        ("mysql+pymysql://u@h/d", Reader.MYSQL_LINES, "lines of CSV"),
        ("firebird+firebird://u@h/d", Reader.PYARROW, "no quicker reader for firebird"),
        ("mssql+pyodbc://u@h/d?driver=x", Reader.MSSQL_ROWS, "all their digits"),
        ("mssql+pymssql://u@h/d", Reader.PYARROW, "pymssql"),
        ("mysql+mysqldb://u@h/d", Reader.PYARROW, "driver mysqldb"),
        ("oracle+oracledb://u@h/?service_name=s", Reader.ORACLE_BATCHES, "Arrow batches"),
        ("oracle+cx_oracle://u@h/d", Reader.PYARROW, "driver cx_oracle"),
        ("${secret.url}", Reader.PYARROW, "its URL is a secret"),
    ],
)
def test_a_url_is_read_as_its_driver_can(url: str, reader: Reader, reason: str) -> None:
    reading = reading_of(SqlSource(type="sql", url=url))
    assert reading is not None
    assert reading.reader is reader
    assert reason in reading.reason


def test_a_server_of_its_own_type_is_read_by_its_own_reader() -> None:
    reading = reading_of(PostgresSource(type="postgres", host="h", database="d"))
    assert reading is not None
    assert reading.reader is Reader.POSTGRES_COPY


def test_of_files_there_is_nothing_to_say() -> None:
    assert reading_of(SqliteSource(type="sqlite", path="x.db")) is None
    assert reading_of(SqlSource(type="sql", url="sqlite:///x.db")) is None
    assert reading_of(FilesystemSource(type="filesystem", bucket_url="file://x")) is None


def test_a_source_can_be_a_key_whatever_its_options() -> None:
    one = PostgresSource(type="postgres", host="h", database="d", options={"a": "1"})
    assert {one: 1}[one.model_copy(update={"options": {"a": "1"}})] == 1
