"""Files of COPY INTO are read by DuckDB; what it finds in them is a relation with names and types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from databridge.sandbox.failure import unsupported
from databridge.sandbox.storage.names import literal


@dataclass(frozen=True, slots=True)
class Files:
    """Files that are read together."""

    relation: str  # a call that DuckDB can select from
    columns: dict[str, str]  # DuckDB's types by name
    typed: bool  # whether the files themselves say which types they hold


def reader(
    cursor: duckdb.DuckDBPyConnection, kind: str, paths: Sequence[Path], options: Mapping[str, str]
) -> Files:
    """How to read files of a format.

    Args:
        cursor: to look into the files.
        kind: PARQUET, JSON or CSV.
        paths: at least one.
        options: FORMAT_OPTIONS by their names in small letters; those that the sandbox does not know do nothing.
    """
    listed = f"[{', '.join(literal(str(path)) for path in paths)}]"
    if kind == "PARQUET":
        relation = f"read_parquet({listed}, union_by_name = true, hive_partitioning = false)"
    elif kind == "JSON":
        lines = "auto" if options.get("multiline", "").lower() == "true" else "newline_delimited"
        relation = f"read_json({listed}, format = '{lines}', union_by_name = true, sample_size = -1, maximum_depth = 1)"
    elif kind == "CSV":
        header = options.get("header", "false").lower() == "true"
        delimiter = options.get("delimiter", options.get("sep", ","))
        quote = options.get("quote", '"')
        relation = (
            f"read_csv({listed}, header = {header}, delim = {literal(delimiter)}, quote = {literal(quote)},"
            " escape = '\\', all_varchar = true, union_by_name = true)"
        )
    else:
        raise unsupported(f"FILEFORMAT = {kind}")
    found = cursor.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return Files(relation, {row[0]: row[1] for row in found}, typed=kind == "PARQUET")
