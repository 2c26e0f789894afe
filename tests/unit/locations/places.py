"""Places as dlt leaves them, made by hand and as small as can be."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb


def state_text(pipeline: str, version: int = 1, **more: Any) -> str:
    """A state document as legacy rows hold it."""
    document = {
        "_state_version": version,
        "_state_engine_version": 4,
        "_version_hash": f"hash{version}",
        "pipeline_name": pipeline,
        "default_schema_name": pipeline,
        "sources": {},
    }
    return json.dumps(document | more)


def make_dataset(file: Path, dataset: str) -> None:
    """dlt's three tables, empty."""
    with duckdb.connect(file) as connection:
        connection.execute(f"""
            CREATE SCHEMA "{dataset}";
            CREATE TABLE "{dataset}"._dlt_pipeline_state (
                version BIGINT, engine_version BIGINT, pipeline_name VARCHAR, state VARCHAR,
                created_at TIMESTAMPTZ, version_hash VARCHAR, _dlt_load_id VARCHAR, _dlt_id VARCHAR);
            CREATE TABLE "{dataset}"._dlt_loads (
                load_id VARCHAR, schema_name VARCHAR, status BIGINT, inserted_at TIMESTAMPTZ, schema_version_hash VARCHAR);
            CREATE TABLE "{dataset}"._dlt_version (
                version BIGINT, engine_version BIGINT, inserted_at TIMESTAMPTZ, schema_name VARCHAR,
                version_hash VARCHAR, schema VARCHAR);
        """)


def add_states(file: Path, dataset: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """State rows, each `(pipeline, load id, text)`."""
    with duckdb.connect(file) as connection:
        for pipeline, load_id, text in rows:
            connection.execute(
                f'INSERT INTO "{dataset}"._dlt_pipeline_state VALUES (1, 4, ?, ?, NULL, NULL, ?, NULL)',
                [pipeline, text, load_id],
            )


def add_loads(file: Path, dataset: str, rows: Iterable[tuple[str, str, int]]) -> None:
    """Completed loads, each `(load id, schema, status)`."""
    with duckdb.connect(file) as connection:
        for row in rows:
            connection.execute(f'INSERT INTO "{dataset}"._dlt_loads VALUES (?, ?, ?, NULL, NULL)', row)


def add_schemas(file: Path, dataset: str, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Schema versions, each `(inserted at, schema, hash, text)`."""
    with duckdb.connect(file) as connection:
        for row in rows:
            connection.execute(f'INSERT INTO "{dataset}"._dlt_version VALUES (1, 11, ?, ?, ?, ?)', row)
