"""dlt's own source loads from it, and loads only what is new, by every kind of cursor."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import dlt
import pytest
from dlt.sources.sql_database import sql_table

from tests.servers.oracle.place import OracleSchema

CURSORS = {
    "whole": ("NUMBER(10)", "{n}"),
    "bare": ("NUMBER", "{n}"),
    "exact": ("NUMBER(18,4)", "{n}.5"),
    "day": ("DATE", "DATE '2024-01-{n:02}'"),
    "moment": ("TIMESTAMP", "TIMESTAMP '2024-01-{n:02} 00:00:00.123456'"),
    "word": ("VARCHAR2(20)", "'{n:04}%''x'"),
}


@pytest.mark.parametrize("backend", ["sqlalchemy", "pyarrow"])
def test_what_is_new_arrives_alone(
    oracle: OracleSchema, tmp_path: Path, backend: Literal["sqlalchemy", "pyarrow"]
) -> None:
    oracle.run(*(f"CREATE TABLE {name} (id {kind}, v CLOB)" for name, (kind, _) in CURSORS.items()))
    pipeline = dlt.pipeline(
        "inc",
        destination=dlt.destinations.duckdb(str(tmp_path / "out.duckdb")),
        dataset_name="raw",
        pipelines_dir=str(tmp_path / "pipelines"),
    )
    counts = []
    for numbers in (range(1, 11), range(0), range(11, 14)):
        oracle.run(
            *(
                f"INSERT INTO {name} VALUES ({value.format(n=n)}, 'grün')"
                for name, (_, value) in CURSORS.items()
                for n in numbers
            )
        )
        tables = [
            sql_table(
                oracle.url,
                table=name,
                schema=oracle.user.lower(),
                backend=backend,
                reflection_level="full_with_precision",
                incremental=dlt.sources.incremental[Any]("id"),
            )
            for name in CURSORS
        ]
        pipeline.run(tables)
        with pipeline.sql_client() as client:
            queries = [f"SELECT COUNT(*), COUNT(DISTINCT id), MIN(v) FROM {name}" for name in CURSORS]
            counts.append({tuple(row) for query in queries for row in client.execute_sql(query) or ()})
    assert counts == [{(10, 10, "grün")}, {(10, 10, "grün")}, {(13, 13, "grün")}]
