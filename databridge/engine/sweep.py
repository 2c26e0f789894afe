"""What no load will ask for again is taken away, each kind in a way that may be broken off and begun anew.

The newest stays of everything: the state that a load goes on from, and the package by which a working folder is known to
have made the newest load.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

import shutil
from pathlib import Path

import dlt
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.job_client_impl import SqlJobClientWithStagingDataset

from databridge.apply.engine import Place
from databridge.engine.holdings import Tables
from databridge.engine.purge import purge
from databridge.engine.volume import clear_volumes
from databridge.model.destination import DatabricksDestination, FilesystemDestination
from databridge.model.sweep import Sweep

_STATE, _LOADS = "_dlt_pipeline_state", "_dlt_loads"


def sweep(
    pipeline: dlt.Pipeline, place: Place, wanted: Sweep, declared: Tables, *, root: Path, folder: Path
) -> None:
    """Take it away.

    Args:
        pipeline: opened, with nothing pending.
        place: where it lives.
        wanted: what goes; none of its loads is complete. Of a folder of files dlt itself deletes old states.
        declared: tables that are its own, whether or not a schema is stored that has them.
        root: the project's folder.
        folder: the working folder.
    """
    if wanted.loads or wanted.orphans:
        purge(pipeline, place, frozenset(wanted.loads), declared, root=root)
    if wanted.staged:
        _drop_staged(pipeline, wanted.staged)
    if wanted.volume and isinstance(place.destination, DatabricksDestination):
        with pipeline.sql_client() as client:
            clear_volumes(client, wanted.volume)
    if wanted.states is not None and not isinstance(place.destination, FilesystemDestination):
        _forget_states(pipeline, place, wanted.states)
    if wanted.packages is not None:
        for package in sorted((folder / "load" / "loaded").glob("*"), reverse=True)[wanted.packages :]:
            shutil.rmtree(package)


def _drop_staged(pipeline: dlt.Pipeline, tables: tuple[str, ...]) -> None:
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientWithStagingDataset | FilesystemClient):
            raise TypeError(f"{type(client).__name__} can't drop tables")
        with client.with_staging_dataset():
            if client.is_storage_initialized():
                client.drop_tables(*tables, delete_schema=False)


def _forget_states(pipeline: dlt.Pipeline, place: Place, kept: int) -> None:
    """Delete the states before the newest ones; those of loads that never completed do not count, and stay."""
    with pipeline.sql_client() as client:
        states, loads = (client.make_qualified_table_name(name) for name in (_STATE, _LOADS))
        complete = f"pipeline_name = %s AND _dlt_load_id IN (SELECT load_id FROM {loads} WHERE status = 0)"
        newest = client.execute_sql(
            f"SELECT DISTINCT _dlt_load_id FROM {states} WHERE {complete} ORDER BY _dlt_load_id DESC",
            place.dlt_name,
        )
        if newest and len(newest) > kept:
            client.execute_sql(
                f"DELETE FROM {states} WHERE {complete} AND _dlt_load_id < %s",
                place.dlt_name,
                newest[kept - 1][0],
            )
