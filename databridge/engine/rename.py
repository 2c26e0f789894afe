"""A resource gets another name with its tables, its rows and its cursor: either all of it counts, or it can be taken back.

The order is the promise. Whether the new names are free is asked before anything is prepared. Then the tables are renamed, nested ones too; then the schema that names them is stored, and its
older versions go, for dlt trusts any that it finds; last comes the package with the state that knows the resource by its new
name. Until that package is complete the destination's state has the old name, and whoever settles the job puts the tables back,
for what bears a new name by then is ours.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from itertools import count

import dlt
from dlt.common.destination.client import JobClientBase
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.utils import get_nested_tables
from dlt.common.typing import DictStrAny
from dlt.destinations.impl.databricks.databricks import DatabricksClient
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.impl.sqlalchemy.db_api_client import SqlalchemyClient
from dlt.destinations.job_client_impl import SqlJobClientBase

from databridge.apply.engine import Renames
from databridge.engine.database import columns_in
from databridge.engine.pipelines import schema_of
from databridge.engine.reset import drop_staged, forget_versions
from databridge.model.diagnostic import DatabridgeError
from databridge.model.naming import PATH_SEPARATOR, normalize_table

TableNames = Mapping[str, str]
"""The new name of each table."""


def refuse_taken(pipeline: dlt.Pipeline, renames: Renames) -> None:
    """See that no table stands where another one is to go.

    Args:
        pipeline: in step with its destination.
        renames: resources, each with its old and its new name.

    Raises:
        DatabridgeError: one does (DB528).
    """
    schema = schema_of(pipeline)
    names = {
        k: v for old, new in renames if schema for k, v in _table_names(schema, old, new).items() if k != v
    }
    if not names:
        return
    with pipeline.destination_client() as client:
        taken = there(client, [*names, *names.values()])
    for old, new in names.items():
        if old in taken and new in taken:
            raise DatabridgeError.of(
                "DB528",
                f"there is a table `{new}` already, so none can be renamed to it",
                detail="Nothing was renamed.",
                hint="Choose another name, or move that table out of the way.",
            )


def rename_locally(pipeline: dlt.Pipeline, renames: Renames) -> TableNames:
    """Let the local schema call tables and resources by their new names; nothing at the destination changes.

    Args:
        pipeline: in step with its destination.
        renames: resources, each with its old and its new name; what the schema does not know is left out.
    """
    schema = schema_of(pipeline)
    if schema is None:
        return {}
    names: dict[str, str] = {}
    for old, new in renames:
        names |= _table_names(schema, old, new)
    resources = dict(renames)
    tables = [deepcopy(schema.tables[name]) for name in names]
    schema.drop_tables(list(names))
    for table in tables:
        table["name"] = names[str(table["name"])]
        if parent := table.get("parent"):
            table["parent"] = names[parent]
        if resource := table.get("resource"):
            table["resource"] = resources[resource]
        schema.update_table(table)
    pipeline.schemas.save_schema(schema)
    return names


def rename_entries(resources: DictStrAny, renames: Renames) -> None:
    """Let dlt's state know resources by their new names.

    Args:
        resources: what the state holds of the resources of one source.
        renames: each with its old and its new name.
    """
    for old, new in renames:
        if old in resources:
            resources[new] = resources.pop(old)


def rename_tables(pipeline: dlt.Pipeline, names: TableNames, *, moved: Callable[[int], None]) -> None:
    """Rename tables at the destination, as far as they bear their old names, and store the schema that names them.

    Args:
        pipeline: with the schema that names them locally.
        names: the new name of each.
        moved: told after each table or file, with its number.
    """
    _move(pipeline, names, moved)
    _store(pipeline, names.values())


def take_back(pipeline: dlt.Pipeline, renames: Renames) -> None:
    """Undo what `rename_tables` did, however far it came.

    Args:
        pipeline: in step with its destination, whose state has the old names.
        renames: each with its old and its new name.
    """
    schema = schema_of(pipeline)
    if schema is None:
        return
    for old, new in renames:
        if known := _table_names(schema, old, new):  # the schema was not stored yet
            _move(pipeline, {now: name for name, now in known.items()})
    if back := rename_locally(pipeline, tuple((new, old) for old, new in renames)):
        _move(pipeline, back)
        _store(pipeline, back.values())


def _table_names(schema: dlt.Schema, old: str, new: str) -> TableNames:
    """What a resource's tables are called now and then, parents first."""
    found = {}
    for root in schema.data_tables(include_incomplete=True):
        if root.get("resource") == old and not root.get("parent"):
            above, then = str(root["name"]), normalize_table(new)
            for table in get_nested_tables(schema.tables, above):
                name = str(table["name"])
                found[name] = f"{then}{name[len(above) :]}" if _is_below(name, above) else name
    return found


def _is_below(name: str, above: str) -> bool:
    return name == above or name.startswith(above + PATH_SEPARATOR)


def _store(pipeline: dlt.Pipeline, tables: Iterable[str]) -> None:
    schema = pipeline.default_schema
    with pipeline.destination_client() as client:
        client.update_stored_schema(only_tables=[*tables, *schema.dlt_table_names()], force=True)
    forget_versions(pipeline)


def _move(pipeline: dlt.Pipeline, names: TableNames, moved: Callable[[int], None] = lambda _: None) -> None:
    names = {old: new for old, new in names.items() if old != new}
    if not names:
        return
    with pipeline.destination_client() as client:
        done = count(1)
        for _ in _moved(client, names):
            moved(next(done))
        if not isinstance(client, FilesystemClient):
            drop_staged(client, names)


def _moved(client: JobClientBase, names: TableNames) -> Iterator[str]:
    """Move what bears an old name and whose new one is free; what was broken off goes on where it stopped."""
    if isinstance(client, FilesystemClient):
        yield from _move_files(client, names)
    elif isinstance(client, SqlJobClientBase):
        present = there(client, [*names, *names.values()])
        for old, new in names.items():
            if old in present and new not in present:
                _rename(client, old, new)
                yield new
    else:
        raise TypeError(f"{type(client).__name__} can't rename tables")


def _rename(client: SqlJobClientBase, old: str, new: str) -> None:
    sql = client.sql_client
    # Databricks takes a bare name for one in the session's own schema.
    full = isinstance(client, DatabricksClient)
    target = sql.make_qualified_table_name(new) if full else sql.escape_column_name(new)
    sql.execute_sql(f"ALTER TABLE {sql.make_qualified_table_name(old)} RENAME TO {target}")


def _move_files(client: FilesystemClient, names: TableNames) -> Iterator[str]:
    """File by file; its name tells its load and its number, so none can take the place of another."""
    for old, new in names.items():
        folder = client.get_table_dir(new)
        for file in files_of(client, old):
            client.fs_client.makedirs(folder, exist_ok=True)
            client.fs_client.mv(file, posixpath.join(folder, posixpath.basename(file)))
            yield file
        with suppress(OSError):  # a bucket has no folders
            client.fs_client.rmdir(client.get_table_dir(old))


def there(client: JobClientBase, names: Iterable[str]) -> set[str]:
    """Those of the tables that are there."""
    if isinstance(client, FilesystemClient):
        return {name for name in names if files_of(client, name)}
    if not isinstance(client, SqlJobClientBase):
        raise TypeError(f"{type(client).__name__} can't rename tables")
    if isinstance(client.sql_client, SqlalchemyClient):  # whose types dlt need not know
        return set(columns_in(client.sql_client, client.sql_client.dataset_name)).intersection(names)
    return {name for name, columns in client.get_storage_tables(names) if columns}


def files_of(client: FilesystemClient, table: str) -> list[str]:
    """The files of a table; none where it is not there."""
    try:
        return client.list_table_files(table)
    except DestinationUndefinedEntity:
        return []
