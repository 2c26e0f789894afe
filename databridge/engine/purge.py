"""What loads left behind that never completed is removed, and nothing else is.

Which loads those are: the ones that the caller names, and whatever of this pipeline is newer than its newest complete
load, for journal and working folder may both be lost. Where no load is complete, only the named ones: nobody could
tell a first load that was killed from a dataset that lost its `_dlt_loads`. All of the pipeline's tables are looked
through, also those that are not loaded now: once the next load is complete, nothing before it is newer.

Only appended rows go: what was merged or replaced heals when it is loaded again, and to purge a merged row would
remove the one it stands for. Nested rows go when their parent is not there: a nested table's job may have committed
before its parent's. A merge finds nested rows by their parent, so merged ones too. Proved by killing loads at every point (`tests/crash`).

Where no load was ever complete there is nothing that a merged or replaced row could stand for, so they go too; and
once the tables are empty their schema goes, or the place would pass for one that lost its state.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound

from __future__ import annotations

from pathlib import Path
from typing import assert_never

import dlt
from dlt.destinations.impl.sqlalchemy.db_api_client import SqlalchemyClient
from dlt.destinations.sql_client import SqlClientBase

from databridge.apply.engine import Place
from databridge.engine.database import columns_in
from databridge.engine.holdings import PARENT, Tables, stored_tables, with_nested
from databridge.engine.loadid import is_newer
from databridge.engine.purgefiles import purge_files
from databridge.engine.staging import forget_hollow
from databridge.engine.volume import clear_own
from databridge.model.destination import (
    DatabricksDestination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.paths import resolve_path

_STAGED = ("merge", "replace")
_TOGETHER = 20  # tables that one statement asks
_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"


def purge(
    pipeline: dlt.Pipeline,
    place: Place,
    load_ids: frozenset[str],
    declared: Tables,
    *,
    root: Path,
    thorough: bool = True,
) -> None:
    """Remove what incomplete loads left at the destination.

    Args:
        pipeline: opened, with nothing pending.
        place: where it lives.
        load_ids: loads that the destination does not call complete.
        declared: tables that are its own, whether or not a schema is stored that has them.
        root: the project's folder.
        thorough: also where no row of such a load shows: nested rows without a parent, and what a first load left.
    """
    match place.destination:
        case DuckDbDestination(path=path):
            if Path(resolve_path(str(root), path)).exists():
                _purge_rows(pipeline, place, load_ids, declared, thorough=thorough)
        case DatabricksDestination() | SqlDestination():
            with pipeline.destination_client() as client:
                there = client.is_storage_initialized()
            if there and load_ids and isinstance(place.destination, DatabricksDestination):
                known = declared | stored_tables(pipeline, place.schema_name)
                with pipeline.sql_client() as sql:
                    clear_own(sql, known, place.schema_name)
            if there:
                _purge_rows(pipeline, place, load_ids, declared, thorough=thorough)
        case FilesystemDestination():
            purge_files(pipeline, place, load_ids, declared)
        case _:
            assert_never(place.destination)


def _purge_rows(
    pipeline: dlt.Pipeline, place: Place, load_ids: frozenset[str], declared: Tables, *, thorough: bool
) -> None:
    known = declared | stored_tables(pipeline, place.schema_name)
    with pipeline.sql_client() as client:
        there, staged = columns_of(client, pipeline.dataset_name)
        tables = with_nested(known, there.keys(), lambda name: PARENT in there[name])
        own = [n for n, table in tables.items() if not n.startswith("_dlt") and not table.get("parent")]
        merged = [n for n, t in tables.items() if n in there and t.get("write_disposition") in _STAGED]
        forget_hollow(client, staged, merged, place.schema_name)
        if not {_LOADS, _STATE} <= there.keys():
            return
        name_of = client.make_qualified_table_name
        loads = name_of(_LOADS)
        with client.begin_transaction():
            # Where there are no transactions, a purge that was broken off is begun again by the next apply.
            newest = client.execute_sql(
                f"SELECT max(load_id) FROM {loads} WHERE schema_name = %s AND status = 0", place.schema_name
            )
            complete = newest[0][0] if newest else None
            roots = [n for n in own if not complete or tables[n].get("write_disposition") == "append"]
            asked = [name for name in roots if "_dlt_load_id" in there.get(name, ())]
            dead = _dead(client, [name_of(name) for name in (*asked, _STATE)], loads, load_ids, complete)
            if not dead and not thorough:
                return
            for table, load_id in dead:
                if table != name_of(_STATE):
                    client.execute_sql(f"DELETE FROM {table} WHERE _dlt_load_id = %s", load_id)
                    continue
                client.execute_sql(
                    f"DELETE FROM {table} WHERE pipeline_name = %s AND _dlt_load_id = %s",
                    place.dlt_name,
                    load_id,
                )
            parents = frozenset(n for n in own if n in roots or tables[n].get("write_disposition") == "merge")
            for name, parent in _nested(tables, parents):
                if name in there and parent in there:
                    child, above = name_of(name), name_of(parent)
                    client.execute_sql(
                        f"DELETE FROM {child} WHERE {PARENT} NOT IN (SELECT _dlt_id FROM {above})"
                    )
            if not complete and not any(
                client.execute_sql(f"SELECT 1 WHERE EXISTS (SELECT 1 FROM {name_of(name)})")
                for name in own
                if name in there
            ):
                client.execute_sql(
                    f"DELETE FROM {name_of(_VERSION)} WHERE schema_name = %s", place.schema_name
                )


def _dead(
    client: SqlClientBase[object],
    tables: list[str],
    loads: str,
    load_ids: frozenset[str],
    newest: str | None,
) -> list[tuple[str, str]]:
    """Each table with a load that rows of it came with and that never completed."""
    named = ", ".join(["%s"] * len(load_ids))
    suspect = [
        *([f"_dlt_load_id IN ({named})"] if load_ids else []),
        *(["_dlt_load_id > %s"] if newest else []),
    ]
    if not suspect:
        return []
    values = [*sorted(load_ids), *([newest] if newest else [])]
    found: list[tuple[str, str]] = []
    for start in range(0, len(tables), _TOGETHER):
        some = tables[start : start + _TOGETHER]
        query = " UNION ".join(
            f"SELECT {place} AS place, _dlt_load_id FROM {table}"
            f" WHERE ({' OR '.join(suspect)}) AND _dlt_load_id NOT IN (SELECT load_id FROM {loads})"
            for place, table in enumerate(some)
        )
        rows = client.execute_sql(query, *(values * len(some))) or ()
        found += [(some[int(place)], str(load_id)) for place, load_id in rows]
    return sorted((table, i) for table, i in found if i in load_ids or is_newer(i, newest))


def columns_of(
    client: SqlClientBase[object], dataset: str
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The tables of a dataset with their columns, and those of its staging dataset."""
    if isinstance(client, SqlalchemyClient):
        return columns_in(client, dataset), columns_in(client, client.staging_dataset_name)
    staging = client.staging_dataset_name
    rows = client.execute_sql(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema IN (%s, %s)",
        dataset,
        staging,
    )
    found: dict[str, dict[str, set[str]]] = {dataset: {}, staging: {}}
    for schema, table, column in rows or ():
        found[schema].setdefault(table, set()).add(column)
    return found[dataset], found[staging]


def _nested(tables: Tables, roots: frozenset[str]) -> list[tuple[str, str]]:
    """Each table below the roots with its parent, parents first."""
    found: list[tuple[str, str]] = []
    level = roots
    while level:
        below = [
            (name, parent) for name, t in tables.items() if (parent := t.get("parent")) in level and parent
        ]
        found += below
        level = frozenset(name for name, _ in below)
    return found
