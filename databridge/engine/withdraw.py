"""A complete load is taken back by striking it from the loads that count, and then removing what a dead load leaves.

Whoever calls this has seen to it that dlt's state does not know of its rows any more: a cursor must not be ahead of them. Broken off anywhere, it is done again from the start and comes to the same.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

import posixpath
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import dlt
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient

from databridge.apply.engine import Place
from databridge.engine.holdings import Tables
from databridge.engine.purge import purge

_LOADS = "_dlt_loads"


def withdraw(
    pipeline: dlt.Pipeline, place: Place, load_ids: Iterable[str], declared: Tables, *, root: Path
) -> None:
    """Take loads back: they count no longer, and the rows that they appended go, nested ones too.

    Args:
        pipeline: with the destination's schema, and nothing pending.
        place: where it lives.
        load_ids: complete loads of the pipeline; what they merged or replaced stays.
        declared: tables that are its own, whether or not a schema is stored that has them.
        root: the project's folder.
    """
    ids = sorted(load_ids)
    with pipeline.destination_client() as client:
        if isinstance(client, FilesystemClient):
            for load_id in ids:
                name = f"{place.schema_name}__{load_id}.jsonl"
                with suppress(FileNotFoundError):
                    client.fs_client.rm_file(posixpath.join(client.get_table_dir(_LOADS), name))
        else:
            with pipeline.sql_client() as sql:
                loads, named = sql.make_qualified_table_name(_LOADS), ", ".join(["%s"] * len(ids))
                sql.execute_sql(
                    f"DELETE FROM {loads} WHERE schema_name = %s AND load_id IN ({named})",
                    place.schema_name,
                    *ids,
                )
    purge(pipeline, place, frozenset(ids), declared, root=root)
