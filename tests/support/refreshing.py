"""dlt by itself, with a `refresh` of its own and nothing of databridge: the control that shows what a sweep can see."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import dlt
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.sources.sql_database import sql_database

from databridge.engine.failpoint import armed_load
from databridge.state.failpoint import failpoint

BEFORE, AFTER = 10, 12
"""How many rows there are at first, and once two more came."""
FOLDERS = "state/control/dev/_pipelines"
R = TypeVar("R")


def fill(root: Path, rows: int) -> None:
    """Make the source hold so many rows."""
    with closing(sqlite3.connect(root / "control.db")) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER, at INTEGER)")
        known = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        connection.executemany("INSERT INTO events VALUES (?, ?)", [(n, n) for n in range(known, rows)])


def load(refresh: str) -> int:
    """Load what is new in the current folder's source, as somebody does who has but dlt.

    Args:
        refresh: as dlt's `run` takes it; empty for none.

    Returns:
        The exit code.
    """
    pipeline = dlt.pipeline(
        "control",
        pipelines_dir=FOLDERS,
        destination=dlt.destinations.duckdb(
            str(Path.cwd() / "warehouse.duckdb")
        ),  # dlt remembers where it began
        dataset_name="raw",
    )
    source = sql_database("sqlite:///control.db", table_names=["events"])
    source.events.apply_hints(incremental=dlt.sources.incremental("at"))
    drop, truncate = DuckDbClient.drop_tables, DuckDbClient.initialize_storage
    DuckDbClient.drop_tables = _told(drop, "dropped")  # type: ignore[method-assign]  # dlt has no hook there
    DuckDbClient.initialize_storage = _told(truncate, "emptied")  # type: ignore[method-assign]  # as above
    with armed_load(pipeline, os.getpid()):
        pipeline.run(source, loader_file_format="parquet", refresh=refresh or None)  # type: ignore[arg-type]  # a text from a command line
    return 0


def _told(method: Callable[..., R], name: str) -> Callable[..., R]:
    def told(*arguments: object, **named: object) -> R:
        done = method(*arguments, **named)
        failpoint(name)
        return done

    return told
