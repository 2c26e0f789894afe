"""What a load left behind that never completed is removed by its load id, and nothing else is.

Only appended rows: what was merged or replaced heals when it is loaded again, and to purge a merged row would remove
the one it stands for. Nested rows go when their parent is not there: a nested table's job may have committed before
its parent's. Proved by killing loads at every point (`tests/crash`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import assert_never

import dlt
from dlt.common.schema.typing import TTableSchema

from databridge.apply.engine import Place
from databridge.model.destination import DuckDbDestination, FilesystemDestination
from databridge.model.paths import local_folder

Tables = dict[str, TTableSchema]
_STATE = "_dlt_pipeline_state"


def purge(pipeline: dlt.Pipeline, place: Place, load_ids: frozenset[str], *, root: Path) -> None:
    """Remove what these loads left at the destination.

    Args:
        pipeline: opened, its working folder empty.
        place: where it lives.
        load_ids: loads that the destination does not call complete.
        root: the project's folder.
    """
    if not load_ids:
        return
    match place.destination:
        case DuckDbDestination():
            _purge_rows(pipeline, _stored_tables(pipeline, place.schema_name), load_ids)
        case FilesystemDestination(bucket_url=url):
            _purge_files(Path(local_folder(str(root), url)) / place.dataset, place.dlt_name, load_ids)
        case _:
            assert_never(place.destination)


def _stored_tables(pipeline: dlt.Pipeline, schema_name: str) -> Tables:
    """The tables of the newest schema at the destination; dlt stores it before the first row of a load arrives."""
    with pipeline.destination_client() as client:
        stored = client.get_stored_schema(schema_name)  # type: ignore[attr-defined]  # every destination here has it
    tables: Tables = json.loads(stored.schema)["tables"] if stored else {}
    return tables


def _purge_rows(pipeline: dlt.Pipeline, tables: Tables, load_ids: frozenset[str]) -> None:
    roots = [n for n, t in tables.items() if t.get("write_disposition") == "append" and not n.startswith("_dlt")]
    with pipeline.sql_client() as client:
        there = _columns(client, pipeline.dataset_name)
        with client.begin_transaction():
            marks = ", ".join(["%s"] * len(load_ids))
            for name in [*roots, _STATE]:
                if "_dlt_load_id" in there.get(name, ()):
                    table = client.make_qualified_table_name(name)
                    client.execute_sql(f"DELETE FROM {table} WHERE _dlt_load_id IN ({marks})", *load_ids)
            for name, parent in _nested(tables, frozenset(roots)):
                if name in there and parent in there:
                    child, above = map(client.make_qualified_table_name, (name, parent))
                    client.execute_sql(f"DELETE FROM {child} WHERE _dlt_parent_id NOT IN (SELECT _dlt_id FROM {above})")


def _columns(client: dlt.destinations.job_client_impl.SqlClientBase, dataset: str) -> dict[str, set[str]]:
    rows = client.execute_sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s", dataset
    )
    found: dict[str, set[str]] = {}
    for table, column in rows or ():
        found.setdefault(table, set()).add(column)
    return found


def _nested(tables: Tables, roots: frozenset[str]) -> list[tuple[str, str]]:
    """Each table below the roots with its parent, parents first."""
    found: list[tuple[str, str]] = []
    level = roots
    while level:
        below = [(name, t["parent"]) for name, t in tables.items() if t.get("parent") in level]
        found += below
        level = frozenset(name for name, _ in below)
    return found


def _purge_files(dataset: Path, dlt_name: str, load_ids: frozenset[str]) -> None:
    for load_id in load_ids:
        # The state's file goes first: dlt takes the newest one for the truth without asking whether its load completed.
        for file in (dataset / _STATE).glob(f"{dlt_name}__{load_id}__*"):
            file.unlink()
        for file in dataset.glob(f"*/{load_id}.*"):
            file.unlink()
