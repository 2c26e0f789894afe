"""The matrix of types as tables: for each source, what becomes of its types at each destination."""

from __future__ import annotations

from databridge.model.sourcetype import Fidelity
from databridge.model.typematrix import DESTINATIONS, SOURCES, cell
from docs.generate.blocks import table

_TITLES = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mssql": "SQL Server",
    "oracle": "Oracle",
    "duckdb": "DuckDB",
    "databricks": "Databricks",
    "filesystem": "Parquet",
}


def types_of(source: str) -> str:
    """The rows of one source.

    Args:
        source: SQLAlchemy's name of it.
    """
    head = (_TITLES[source], "read as (Arrow)", *(_TITLES[name] for name in DESTINATIONS), "note")
    rows = []
    for row in SOURCES[source]:
        cells = [cell(row, name) for name in DESTINATIONS]
        told = (
            f"`{each.name}`" + ("" if each.fidelity is Fidelity.EXACT else f" ({each.fidelity})")
            for each in cells
        )
        rows.append((f"`{row.name}`", f"`{row.arrow}`", *told, row.note))
    return table(head, rows)
