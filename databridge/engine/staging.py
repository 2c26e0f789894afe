"""The dataset that dlt merges and replaces from is made anew where its tables are gone: dlt looks for its schema alone.

dlt 1.31 takes the tables to be there as long as their schema is stored in the staging dataset, and the load fails.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

from collections.abc import Iterable, Mapping

from dlt.destinations.sql_client import SqlClientBase

_VERSION = "_dlt_version"


def forget_hollow(
    client: SqlClientBase[object], staged: Mapping[str, object], tables: Iterable[str], schema_name: str
) -> None:
    """Delete the schema that is stored in the staging dataset where a table of it is not there.

    Args:
        client: connected to the destination.
        staged: what is in the staging dataset, by table.
        tables: those that are merged or replaced, as far as they are known.
        schema_name: the pipeline's.
    """
    bare = all(table.startswith("_dlt") for table in staged)
    if _VERSION in staged and (bare or not staged.keys() >= set(tables)):
        with client.with_staging_dataset():
            versions = client.make_qualified_table_name(_VERSION)
            client.execute_sql(f"DELETE FROM {versions} WHERE schema_name = %s", schema_name)
