"""Copies keep tables as they are before a job drops or rewrites them, in a place of their own for each run, until somebody puts them back or lets them go.

A copy that was broken off is made anew; nothing is dropped before all of them are whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy

import dlt
from dlt.common.schema.typing import TTableSchema
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.job_client_impl import SqlJobClientBase

from databridge.engine.fileshelf import FileShelf
from databridge.engine.holdings import Tables
from databridge.engine.pipelines import schema_of
from databridge.engine.reset import drop_staged, forget_versions, tables_of
from databridge.engine.tableshelf import TableShelf
from databridge.locations.decode import as_object, parse_state
from databridge.model.diagnostic import DatabridgeError
from databridge.model.restorepoint import copies_of


def copied_tables(pipeline: dlt.Pipeline, resources: Iterable[str]) -> tuple[str, ...]:
    """The tables of resources, nested ones too, as the local schema has them now."""
    schema = schema_of(pipeline)
    return tuple(tables_of(schema, frozenset(resources))) if schema else ()


def keep(pipeline: dlt.Pipeline, tables: Iterable[str], run_id: str) -> None:
    """Copy tables, as far as they are there, and the newest schema that is stored.

    Args:
        pipeline: its destination holds the tables.
        tables: their names.
        run_id: for whom the copies are kept.
    """
    with _opened(pipeline) as client:
        _shelf(pipeline, client, run_id).keep(tables)


def find(pipeline: dlt.Pipeline, resources: Iterable[str], run_id: str) -> tuple[TTableSchema, ...]:
    """The tables of resources as they were when they were copied, parents first.

    Raises:
        DatabridgeError: there is no copy (DB531).
    """
    with _opened(pipeline) as client:
        kept = _shelf(pipeline, client, run_id).schema()
    if kept is None:
        raise DatabridgeError.of(
            "DB531",
            f"there is no copy of the tables as they were before run {run_id}",
            detail="Nothing was changed.",
            hint="Load them anew: databridge reset",
        )
    tables: Tables = as_object(parse_state(kept).get("tables", {}), "tables")  # type: ignore[assignment]  # as dlt wrote it
    known = dlt.Schema(pipeline.default_schema.name)
    for table in tables.values():
        known.tables[str(table["name"])] = deepcopy(table)
    return tuple(known.tables[name] for name in tables_of(known, frozenset(resources)))


def know_again(
    pipeline: dlt.Pipeline, resources: Iterable[str], tables: Iterable[TTableSchema]
) -> tuple[str, ...]:
    """Let the local schema have resources' tables as they were; nothing at the destination changes.

    Returns:
        The tables that it had until now.
    """
    schema = pipeline.default_schema
    now = tables_of(schema, frozenset(resources))
    schema.drop_tables(now)
    for table in tables:
        schema.update_table(deepcopy(table), normalize_identifiers=False)
    pipeline.schemas.save_schema(schema)
    return tuple(now)


def put_back(pipeline: dlt.Pipeline, tables: Iterable[TTableSchema], now: Iterable[str], run_id: str) -> None:
    """Put copies in the place of tables, and store the schema that has them.

    Args:
        pipeline: its local schema has them already.
        tables: as they were.
        now: the tables that are there instead.
        run_id: whose copies these are.
    """
    names = [str(table["name"]) for table in tables]
    with _opened(pipeline) as client:
        _shelf(pipeline, client, run_id).put_back(dict.fromkeys((*names, *now)))
        drop_staged(client, names)
        dlts = pipeline.default_schema.dlt_table_names()
        client.update_stored_schema(only_tables=[*names, *dlts], force=True)
    forget_versions(pipeline)


def let_go(pipeline: dlt.Pipeline, run_id: str) -> None:
    """Drop the copies of a run; where there are none, do nothing."""
    with _opened(pipeline) as client:
        _shelf(pipeline, client, run_id).clear()


@contextmanager
def _opened(pipeline: dlt.Pipeline) -> Iterator[SqlJobClientBase | FilesystemClient]:
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase | FilesystemClient):
            raise TypeError(f"{type(client).__name__} keeps no copies")
        yield client


def _shelf(
    pipeline: dlt.Pipeline, client: SqlJobClientBase | FilesystemClient, run_id: str
) -> TableShelf | FileShelf:
    dataset = copies_of(pipeline.dataset_name, run_id)
    # Nobody has to know the schema to let copies go.
    schema_name = pipeline.default_schema.name if schema_of(pipeline) else ""
    if isinstance(client, FilesystemClient):
        return FileShelf(client, dataset, schema_name)
    return TableShelf(client, dataset, schema_name)
