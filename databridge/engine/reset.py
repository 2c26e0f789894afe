"""A reset is remembered in dlt's own state from the moment its cursor is cleared: whoever loads the resource next completes it.

The order is the promise. First the cursor goes, in a package of its own that also leaves the mark. Then the source is
read in full. Only then are the old tables dropped, and the new rows loaded by the package that takes the mark away.
Killed between any two of them, nothing is left that a later load, with or without a reset in its plan, could take for
whole; and a source that can't be read costs no row.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

import base64
import posixpath
from collections.abc import Iterable, Mapping

import dlt
from dlt.common.schema.utils import get_nested_tables
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.job_client_impl import SqlJobClientWithStagingDataset

from databridge.engine.pipelines import schema_of
from databridge.model.marker import RESET_KEY


def rewind(pipeline: dlt.Pipeline, resources: Iterable[str], *, drop: Iterable[str]) -> None:
    """Clear what is remembered of resources, and load that state, in a package of its own.

    Args:
        pipeline: in step with its destination.
        resources: whose cursors and file marks go.
        drop: of these, the ones whose tables shall be dropped by their next load.
    """
    schema = schema_of(pipeline)
    if schema is None:
        return
    dropped = frozenset(drop)
    with pipeline.managed_state(extract_state=True) as state:
        known = state.setdefault("sources", {}).setdefault(schema.name, {}).setdefault("resources", {})
        for resource in resources:
            known.pop(resource, None)
            if resource in dropped:
                known[resource] = {RESET_KEY: True}
    pipeline.normalize()
    if pipeline.list_normalized_load_packages():
        pipeline.load()


def marked(pipeline: dlt.Pipeline, resources: Iterable[str]) -> frozenset[str]:
    """Those of the resources whose reset was begun and not completed."""
    schema = schema_of(pipeline)
    sources = pipeline.state.get("sources", {})
    known = sources.get(schema.name, {}).get("resources", {}) if schema else {}
    return frozenset(name for name in resources if RESET_KEY in known.get(name, {}))


def forget_tables(pipeline: dlt.Pipeline, resources: frozenset[str]) -> tuple[str, ...]:
    """Take the resources' tables out of the local schema, so that their types are found anew.

    Returns:
        Their names, nested ones too.
    """
    if not resources:
        return ()
    schema = pipeline.default_schema
    names = tables_of(schema, resources)
    schema.drop_tables(names)
    pipeline.schemas.save_schema(schema)
    return tuple(names)


def tables_of(schema: dlt.Schema, resources: frozenset[str]) -> list[str]:
    """The tables that resources load, and those nested in them."""
    roots = [t for t in schema.data_tables(include_incomplete=True) if t.get("resource") in resources]
    return [
        str(table["name"]) for root in roots for table in get_nested_tables(schema.tables, str(root["name"]))
    ]


def forget_order(pipeline: dlt.Pipeline, cursors: Mapping[str, str | None]) -> None:
    """Take back what an earlier cursor said of a resource's table: which of several versions of a row is the newest.

    dlt keeps the hint of the old column beside that of the new one, and then refuses to merge.

    Args:
        pipeline: its local schema is changed.
        cursors: the cursor of each resource that is going to be loaded, as the source calls it.
    """
    schema = schema_of(pipeline)
    if schema is None:
        return
    for table in schema.data_tables(include_incomplete=True):
        cursor = cursors.get(str(table.get("resource")))
        if cursor is not None:
            kept = schema.naming.normalize_identifier(cursor)
            for name, column in table["columns"].items():
                if name != kept:
                    column.pop("dedup_sort", None)
    pipeline.schemas.save_schema(schema)


def drop_tables(pipeline: dlt.Pipeline, tables: tuple[str, ...]) -> None:
    """Drop tables at the destination, with what may be staged for them."""
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientWithStagingDataset | FilesystemClient):
            raise TypeError(f"{type(client).__name__} can't drop tables")
        client.drop_tables(*tables, delete_schema=False)
        drop_staged(client, tables)


def drop_staged(client: object, tables: Iterable[str]) -> None:
    """Drop what is staged for tables, if this destination stages them in a dataset."""
    if isinstance(client, SqlJobClientWithStagingDataset | FilesystemClient):
        with client.with_staging_dataset():
            if client.is_storage_initialized():
                # Its schema goes too: dlt would trust it, and not create the tables again.
                client.drop_tables(*tables, delete_schema=_has_versions(client))


def _has_versions(client: SqlJobClientWithStagingDataset | FilesystemClient) -> bool:
    """Whether the dataset has schemas stored at all: somebody may have dropped dlt's own tables in it."""
    return (
        isinstance(client, FilesystemClient) or client.get_storage_table(client.schema.version_table_name)[0]
    )


def create_tables(pipeline: dlt.Pipeline) -> None:
    """Make the tables of the local schema, in a dataset that has none."""
    schema = pipeline.default_schema
    with pipeline.destination_client() as client:
        client.initialize_storage()
        client.update_stored_schema(
            only_tables=[*schema.data_table_names(), *schema.dlt_table_names()], force=True
        )


def remake_tables(pipeline: dlt.Pipeline, resources: frozenset[str], load_id: str) -> None:
    """Make the tables of resources anew; no other table of the pipeline is touched, unless the load does so by itself.

    By itself dlt would not make them: the schema may be stored there already, and dlt then takes its tables to be there
    too. And once it is stored by us, dlt makes nothing else either; so first it makes what it would have made.

    Args:
        pipeline: normalized; the old tables are dropped.
        resources: whose tables these are.
        load_id: the package that is going to be loaded.
    """
    schema = pipeline.default_schema
    jobs = pipeline.get_load_package_info(load_id).jobs["new_jobs"]
    with pipeline.destination_client() as client:
        client.initialize_storage()
        client.update_stored_schema(
            only_tables={*(job.job_file_info.table_name for job in jobs), *schema.dlt_table_names()}
        )
        client.update_stored_schema(
            only_tables=[*tables_of(schema, resources), *schema.dlt_table_names()], force=True
        )


def forget_versions(pipeline: dlt.Pipeline) -> None:
    """Forget every stored version of the schema but the one that the local schema is, where a table was dropped and not made anew.

    It may have been erased, or its source may hold no row now. dlt trusts each version that is stored: were a dropped table
    loaded again as it was, dlt would find its old version, take the table to be there, and fail.
    """
    schema = pipeline.default_schema
    with pipeline.destination_client() as client:
        if isinstance(client, FilesystemClient):
            current = base64.b64decode(schema.stored_version_hash).hex()
            for file in client.list_table_files(schema.version_table_name):
                owner, _, version = posixpath.basename(file).removesuffix(".jsonl").rsplit("__", maxsplit=2)
                if owner == schema.name and version != current:
                    client.fs_client.rm_file(file)
        else:
            with pipeline.sql_client() as sql:
                versions = sql.make_qualified_table_name(schema.version_table_name)
                sql.execute_sql(
                    f"DELETE FROM {versions} WHERE schema_name = %s AND version_hash <> %s",
                    schema.name,
                    schema.stored_version_hash,
                )
