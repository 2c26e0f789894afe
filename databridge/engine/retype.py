"""A column gets another type with the values that are there, or keeps the one that it has: never does a value change on the way.

The order is the promise. First each value is seen to survive the way to the new type and back; then what the column was is
written down by whoever asked (`Prepared.retyped`); then the column is changed, in one statement that counts or does not, or file by file; last
comes the package whose schema says so. Until that is complete, whoever settles the job puts the column back, which loses nothing.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the types are dlt's own
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

import dlt
import sqlalchemy as sa
from dlt.common.schema.typing import TColumnSchema
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.impl.databricks.databricks import DatabricksClient
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.impl.sqlalchemy.db_api_client import SqlalchemyClient
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase

from databridge.apply.engine import Retypes
from databridge.engine import retypefiles
from databridge.engine.boundary import unclaim
from databridge.engine.lossy import lossy
from databridge.engine.pipelines import schema_of
from databridge.engine.rename import there
from databridge.engine.reset import drop_staged, forget_versions
from databridge.engine.shape import column_hints
from databridge.model.retyping import Hints, Retyped, may_become

_SHADOW = "_databridge_shadow_"
"""What a table's name begins with while it is written anew, where no statement changes a column in place."""


def retyped_by(pipeline: dlt.Pipeline, wanted: Retypes) -> tuple[Retyped, ...]:
    """The columns that have another type by dlt's schema than they are declared with.

    Args:
        pipeline: in step with its destination.
        wanted: the declared columns of resources.

    Raises:
        DatabridgeError: values of the one type can't be ones of the other (DB538).
    """
    schema = schema_of(pipeline)
    found: list[Retyped] = []
    for table in schema.data_tables() if schema else ():
        for name, column in (
            wanted.get(str(table.get("resource")), {}).items() if not table.get("parent") else ()
        ):
            stored = schema.naming.normalize_identifier(name) if schema else name
            known = table["columns"].get(stored)
            if known is None or "data_type" not in known:
                continue
            before, after = _hints(known), _hints(column_hints(name, column))
            if not may_become(before.data_type, after.data_type):
                raise lossy(stored, before, after, "values of the one are none of the other")
            if before != after:
                found.append(Retyped(table=str(table["name"]), column=stored, before=before, after=after))
    return tuple(found)


def refuse_lossy(pipeline: dlt.Pipeline, columns: Iterable[Retyped]) -> None:
    """See that each value survives the way to its new type and back.

    Args:
        pipeline: in step with its destination.
        columns: what is going to be changed.

    Raises:
        DatabridgeError: one does not (DB538).
    """
    for each in columns:
        with pipeline.destination_client() as client:
            if isinstance(client, FilesystemClient):
                retypefiles.refuse_lossy(client, [each])
                continue
            sql = _sql(client)
            if not there(client, [each.table]):
                continue
            old, new = _type(client, each, each.before), _type(client, each, each.after)
            column, table = sql.escape_column_name(each.column), sql.make_qualified_table_name(each.table)
            cast = "CAST" if isinstance(sql, SqlalchemyClient) else "TRY_CAST"
            back = f"{cast}({cast}({column} AS {new}) AS {old})"
            lost = f"{column} IS NOT NULL AND ({back} IS NULL OR {back} <> {column})"
            try:
                rows = sql.execute_sql(
                    f"SELECT CAST({column} AS {_text(client)}) FROM {table} WHERE {lost} LIMIT 1"
                )
            except DatabaseException:
                # PostgreSQL knows no cast that may fail.
                raise lossy(each.column, each.before, each.after, "a value can't be cast to it") from None
            if rows:
                raise lossy(each.column, each.before, each.after, f"`{rows[0][0]}` would change")


def declared(pipeline: dlt.Pipeline, wanted: Retypes) -> tuple[Retyped, ...]:
    """Let the local schema have the declared types, and the next load ask which rows at the cursor are there.

    Args:
        pipeline: in step with its destination; only what is local changes.
        wanted: the declared columns of resources.

    Returns:
        What is going to be changed.
    """
    columns = retyped_by(pipeline, wanted)
    declare(pipeline, columns)
    unclaim(pipeline, wanted)
    return columns


def declare(pipeline: dlt.Pipeline, columns: Iterable[Retyped]) -> None:
    """Let the local schema have the new types."""
    schema = schema_of(pipeline)
    if schema is None:
        return
    for each in columns:
        if each.table in schema.tables and each.column in schema.tables[each.table]["columns"]:
            column = schema.tables[each.table]["columns"][each.column]
            _let(column, each.after)
    pipeline.schemas.save_schema(schema)


def retype(
    pipeline: dlt.Pipeline, columns: Sequence[Retyped], *, done: Callable[[int], None] = lambda _: None
) -> None:
    """Change columns at the destination; what is of the new type already stays as it is.

    Args:
        pipeline: whose local schema has the new types.
        columns: all of whose values survive it.
        done: told after each table, in files after each file, with its number.
    """
    numbers = count(1)
    for table in dict.fromkeys(each.table for each in columns):
        changed = [each for each in columns if each.table == table]
        with pipeline.destination_client() as client:
            if isinstance(client, FilesystemClient):
                for _ in retypefiles.write_anew(client, table, changed):
                    done(next(numbers))
                continue
            if there(client, [table]):
                if isinstance(client, DatabricksClient):
                    _write_anew(client, table, changed)
                else:
                    _alter(client, table, changed)
            # What is staged has the old types, and dlt would take it for one that has the new ones.
            drop_staged(client, [table])
        done(next(numbers))


def take_back(pipeline: dlt.Pipeline, columns: Sequence[Retyped]) -> None:
    """Undo what `retype` did, however far it came.

    Args:
        pipeline: in step with its destination.
        columns: what was going to be changed.
    """
    back = [each.model_copy(update={"before": each.after, "after": each.before}) for each in columns]
    if schema_of(pipeline) is None or not back:
        return
    declare(pipeline, back)
    retype(pipeline, back)
    tables = {each.table for each in back}
    with pipeline.destination_client() as client:
        client.update_stored_schema(
            only_tables=[*tables, *pipeline.default_schema.dlt_table_names()], force=True
        )
    forget_versions(pipeline)


def _alter(client: object, table: str, columns: Iterable[Retyped]) -> None:
    sql = _sql(client)
    name = sql.make_qualified_table_name(table)
    for each in columns:
        column, kind = sql.escape_column_name(each.column), _type(client, each, each.after)
        sql.execute_sql(
            f"ALTER TABLE {name} ALTER COLUMN {column} TYPE {kind} USING CAST({column} AS {kind})"
        )


def _write_anew(client: DatabricksClient, table: str, columns: Iterable[Retyped]) -> None:
    """Write a table beside it, and let it take the table's place in one statement once it has all rows."""
    sql = client.sql_client
    name, shadow = sql.make_qualified_table_name(table), sql.make_qualified_table_name(_SHADOW + table)
    kinds = {each.column: _type(client, each, each.after) for each in columns}
    listed = []
    for column in client.get_storage_table(table)[1]:
        quoted = sql.escape_column_name(column)
        listed.append(f"CAST({quoted} AS {kinds[column]}) AS {quoted}" if column in kinds else quoted)
    sql.execute_sql(f"CREATE OR REPLACE TABLE {shadow} AS SELECT {', '.join(listed)} FROM {name}")
    counts = [sql.execute_sql(f"SELECT count(*) FROM {each}") for each in (name, shadow)]
    if counts[0] != counts[1]:
        raise RuntimeError("a copy of a table has another number of rows")
    sql.execute_sql(f"CREATE OR REPLACE TABLE {name} DEEP CLONE {shadow}")
    sql.execute_sql(f"DROP TABLE IF EXISTS {shadow}")


def _sql(client: object) -> SqlClientBase[Any]:
    if not isinstance(client, SqlJobClientBase):
        raise TypeError(f"{type(client).__name__} can't give columns another type")
    return client.sql_client


def _type(client: object, column: Retyped, hints: Hints) -> str:
    """The type in the destination's words."""
    if not isinstance(client, SqlJobClientBase):
        raise TypeError(f"{type(client).__name__} has no types")
    table = client.prepare_load_table(column.table)
    wanted: TColumnSchema = {"name": column.column}
    _let(wanted, hints)
    kind = client.type_mapper.to_destination_type(wanted, table)
    if isinstance(kind, sa.types.TypeEngine):
        return str(kind.compile(client.sql_client.dialect))
    return str(kind)


def _text(client: object) -> str:
    return "STRING" if isinstance(client, DatabricksClient) else "TEXT"


def _hints(column: TColumnSchema) -> Hints:
    return Hints(
        data_type=column["data_type"] or "", precision=column.get("precision"), scale=column.get("scale")
    )


def _let(column: TColumnSchema, hints: Hints) -> None:
    column.pop("precision", None)
    column.pop("scale", None)
    column.update(hints.model_dump(exclude_none=True))  # type: ignore[typeddict-item]  # dlt's words, as they came
