"""What a destination of another kind does not hold as it is."""

from __future__ import annotations

import pytest

from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.plan.holding import holds

PLACES: dict[str, Destination] = {
    "duckdb": DuckDbDestination(type="duckdb", path="w.duckdb"),
    "files": FilesystemDestination(type="filesystem", bucket_url="file://lake"),
    "databricks": DatabricksDestination(type="databricks", server_hostname="h", http_path="/p", catalog="c"),
    "postgresql": SqlDestination(type="sql", url="postgresql+psycopg://h/d"),
}


@pytest.mark.parametrize(
    ("rare", "origin", "goals"),
    [
        ("time", "duckdb", {"files", "postgresql"}),
        ("time(6)", "files", {"duckdb", "postgresql"}),
        # A moment with a zone has microseconds in DuckDB, whatever its schema says.
        ("timestamp(9)", "duckdb", {"files", "databricks", "postgresql"}),
        ("timestamp(9)", "files", set()),
        ("timestamp(9) without a zone", "duckdb", {"files"}),
        ("timestamp(9) without a zone", "files", {"duckdb"}),
        ("bigint(128)", "duckdb", set()),
        ("json in nested columns", "files", set()),
    ],
)
def test_where_a_type_can_go(rare: str, origin: str, goals: set[str]) -> None:
    others = PLACES.keys() - {origin}
    assert {name for name in others if holds(PLACES[origin], PLACES[name], rare)} == goals
