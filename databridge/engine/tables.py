"""Tables of a database become dlt resources: one engine and one reflection for all of them, rows as Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import dlt
import pyarrow as pa
import sqlalchemy as sa
from dlt.common.schema.typing import TColumnSchema
from dlt.extract import DltResource
from dlt.sources.sql_database import sql_table

from databridge.apply.engine import Fill, Job
from databridge.engine import boundary, ranges
from databridge.engine.boundary import cursor_columns, identity, read_columns
from databridge.engine.division import bounds_in, divisions, inside, past
from databridge.engine.fitting import fitter_for
from databridge.engine.keyed import keyed
from databridge.engine.latecolumns import late_columns
from databridge.engine.query import QueryAdapter, at_value, selection
from databridge.engine.shape import shaped, with_load_date
from databridge.engine.sqlite import ExactTableLoader, read_exactly
from databridge.engine.systemcolumns import load_id_hint, row_ids
from databridge.engine.task import Task
from databridge.model.cursorvalue import TypedCursor
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.paths import resolve_path
from databridge.model.resource import TableResource, WriteDisposition
from databridge.model.secret import Secrets
from databridge.model.source import SqliteSource, SqlSource
from databridge.warehouse.sql import filled

_CHUNK_ROWS = 50_000


def table_resources(
    source: SqliteSource | SqlSource,
    resources: Iterable[TableResource],
    task: Task,
    *,
    fill: Fill | None = None,
) -> Iterator[DltResource]:
    """One dlt resource for each table.

    Args:
        source: the database.
        resources: the tables; reflected together.
        task: what they are read for.
        fill: a range of one more table.

    Raises:
        DatabridgeError: the database can't be reached, or a table or cursor is not there; all of them at once.
    """
    engine = _engine(source, task.root, task.secrets)
    loaded = list(resources)
    wanted = [*loaded, fill.resource] if fill else loaded
    metadata = _reflected(engine, wanted)
    problems = [p for r in wanted for p in _problems(metadata, r)]
    if problems:
        raise DatabridgeError(*problems)
    for resource in loaded:
        yield _resource(engine, metadata, resource, task)
    if fill:
        yield _range(engine, metadata, fill, task)


def _engine(source: SqliteSource | SqlSource, root: Path, secrets: Secrets) -> sa.Engine:
    if isinstance(source, SqliteSource):
        file = Path(resolve_path(str(root), source.path))
        if not file.is_file():
            raise DatabridgeError.of(
                "DB511", f"there is no SQLite file `{source.path}`", hint="Correct its `path`."
            )
        # Read only, and never created: a misspelt path must not leave an empty database behind.
        url = sa.URL.create(
            "sqlite", database=f"file:{quote(str(file))}", query={"mode": "ro", "uri": "true"}
        )
        return sa.create_engine(url)
    try:
        return sa.create_engine(filled(sa.make_url(source.url), secrets))
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise DatabridgeError.of(
            "DB512",
            f"the source's URL has no usable driver ({type(error).__name__})",
            hint="Name the driver (`postgresql+psycopg://…`) and install it, for example: pip install databridge[postgres]",
        ) from None


def _reflected(engine: sa.Engine, resources: list[TableResource]) -> sa.MetaData:
    metadata = sa.MetaData()
    by_schema: dict[str | None, list[str]] = {}
    for resource in resources:
        by_schema.setdefault(resource.schema_name, []).append(resource.name)
    with engine.connect() as connection:
        for schema, names in by_schema.items():
            inspector = sa.inspect(connection)
            there = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
            metadata.reflect(
                connection,
                schema=schema,
                only=[n for n in names if n in there],
                views=True,
                resolve_fks=False,
            )
    if engine.dialect.name == "sqlite":
        read_exactly(metadata)
    return metadata


def _table(metadata: sa.MetaData, resource: TableResource) -> sa.Table | None:
    key = f"{resource.schema_name}.{resource.name}" if resource.schema_name else resource.name
    return metadata.tables.get(key)


def _problems(metadata: sa.MetaData, resource: TableResource) -> Iterator[Diagnostic]:
    table = _table(metadata, resource)
    if table is None:
        where = f" in schema `{resource.schema_name}`" if resource.schema_name else ""
        yield Diagnostic(
            code="DB513",
            summary=f"there is no table `{resource.name}`{where}",
            hint="Correct the resource's name.",
        )
        return
    for use, names in (
        ("cursor_field", [resource.cursor_field] if resource.cursor_field else []),
        ("primary_key", resource.primary_key),
        ("include_columns", resource.include_columns),
    ):
        for name in names:
            if name not in table.columns:
                listed = ", ".join(column.name for column in table.columns)
                yield Diagnostic(
                    code="DB514",
                    summary=f"table `{resource.name}` has no column `{name}`, named in {use}",
                    hint=f"Its columns are: {listed}",
                )


def _resource(engine: sa.Engine, metadata: sa.MetaData, resource: TableResource, task: Task) -> DltResource:
    table = _known(metadata, resource)
    known_by = identity(table, resource, task) if cursor_columns(resource) else []
    _claim_boundary(engine, table, resource, task, known_by)
    rows = _rows(
        engine,
        table,
        resource,
        select=selection(task.limit, _first_part(engine, table, resource, task)),
        incremental=_incremental(table, resource, known_by),
    )
    read = set(read_columns(table, resource)) - set(resource.primary_key)
    late = late_columns(
        resource.name, (c.name for c in table.columns if not c.nullable and c.name in read), task
    )
    shaped(rows, resource, {**late, **_cursor_hints(resource), **load_id_hint(resource.name, task)})
    rows.add_map(_fitted(resource, task, known_by))
    return rows


def _first_part(engine: sa.Engine, table: sa.Table, resource: TableResource, task: Task) -> object | None:
    """Before which value of its cursor a load ends that is not to take all there is."""
    names = cursor_columns(resource)
    if resource.name not in task.split or not names or resource.disposition is WriteDisposition.REPLACE:
        return None
    cursor = table.columns[names[0]]
    last = boundary.last_value(resource, task)
    start = _typed(resource.cursor_initial_value, cursor, resource) if last is None else last
    rows = past(cursor, start, known=last is not None, engine=engine)
    found = divisions(engine, cursor, rows, resource.rows_per_load)
    if found:
        task.more[resource.name] = len(found)
    return next(iter(found), None)


def divide(job: Job, root: Path, secrets: Secrets) -> tuple[TypedCursor, ...]:
    """Where the range of a job can be divided into loads; see `databridge.apply.engine.Engine.divide`."""
    if job.fill is None or not isinstance(job.source, SqliteSource | SqlSource):
        return ()
    resource, window = job.fill.resource, job.fill.window
    engine = _engine(job.source, root, secrets)
    metadata = _reflected(engine, [resource])
    if problems := list(_problems(metadata, resource)):
        raise DatabridgeError(*problems)
    cursor = _known(metadata, resource).columns[cursor_columns(resource)[0]]
    found = divisions(engine, cursor, inside(cursor, window, engine), resource.rows_per_load)
    return bounds_in(window, found)


def _range(engine: sa.Engine, metadata: sa.MetaData, fill: Fill, task: Task) -> DltResource:
    """The rows of a range; dlt is not told of the cursor, so what it remembers of it stays."""
    resource, window = fill.resource, fill.window
    ranges.refuse_filled(fill, task)
    rows = _rows(engine, _known(metadata, resource), resource, select=ranges.selection(resource, window))
    shaped(rows, resource, {**_cursor_hints(resource), **load_id_hint(resource.name, task)})
    fitted = _fitted(resource, task, [])
    rows.add_map(lambda table: fitted(ranges.within(table, resource, window)))
    return rows


def _known(metadata: sa.MetaData, resource: TableResource) -> sa.Table:
    table = _table(metadata, resource)
    if table is None:
        raise ValueError("its absence was reported before")
    return table


def _rows(
    engine: sa.Engine,
    table: sa.Table,
    resource: TableResource,
    *,
    select: QueryAdapter,
    incremental: dlt.sources.incremental[object] | None = None,
) -> DltResource:
    included = list(
        dict.fromkeys([*resource.include_columns, *resource.primary_key, *cursor_columns(resource)])
    )
    return sql_table(
        credentials=engine,
        table=resource.name,
        schema=resource.schema_name,
        metadata=table.metadata,
        backend="pyarrow",
        reflection_level="full_with_precision",
        chunk_size=_CHUNK_ROWS,
        included_columns=included if resource.include_columns else None,
        incremental=incremental,
        type_adapter_callback=_float_as_double,
        query_adapter_callback=select,
        table_loader_class=ExactTableLoader if engine.dialect.name == "sqlite" else None,
    ).with_name(resource.name)


def _claim_boundary(
    engine: sa.Engine, table: sa.Table, resource: TableResource, task: Task, known_by: list[str]
) -> None:
    """Where dlt's hashes of the rows at the cursor are not ours: make them so, before the first load."""
    last = boundary.unclaimed(resource, known_by, task)
    if last is None:
        return
    cursor = resource.cursor_field or ""
    rows = (
        boundary.at(rows, cursor, last)
        # With the declared types, as loads read them: a text says each value of a column that is declared one.
        for rows in shaped(_rows(engine, table, resource, select=at_value(cursor, last)), resource, {})
    )
    fitter = fitter_for(task, resource.name, {})
    boundary.claim(resource, task, known_by, [fitter.fit(each, resource.name) for each in rows], last)


def _cursor_hints(resource: TableResource) -> dict[str, TColumnSchema]:
    # Of several versions of one key in one load, dlt keeps an arbitrary one unless the cursor says which is newest.
    if resource.disposition is not WriteDisposition.MERGE:
        return {}
    return {name: {"name": name, "dedup_sort": "desc"} for name in cursor_columns(resource)}


def _incremental(
    table: sa.Table, resource: TableResource, known_by: list[str]
) -> dlt.sources.incremental[object] | None:
    for name in cursor_columns(resource):
        return dlt.sources.incremental(
            name,
            initial_value=_typed(resource.cursor_initial_value, table.columns[name], resource),
            # A list, and more than the key: by key alone, a row that changed again at the same cursor value would be
            # taken for seen.
            primary_key=known_by,
            on_cursor_value_missing="raise",
        )
    return None


def _typed(value: str | float | None, column: sa.Column[object], resource: TableResource) -> object:
    """The initial value as the column's own type, so that it compares with what is read."""
    if value is None:
        return None
    readers: dict[type, Callable[[str], object]] = {
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
        time: time.fromisoformat,
        Decimal: Decimal,
        int: int,
        float: float,
        str: str,
    }
    kind = column.type.python_type
    try:
        return readers[kind](str(value)) if kind in readers else value
    except ValueError:
        raise DatabridgeError.of(
            "DB515",
            f"cursor_initial_value `{value}` is no {kind.__name__}, which column `{column.name}` of "
            f"`{resource.name}` holds",
            hint="Write it as the column holds it, for example 2024-01-31 or 2024-01-31T00:00:00.",
        ) from None


def _float_as_double(kind: sa.types.TypeEngine[object]) -> sa.types.TypeEngine[object] | sa.Numeric[float]:
    # SQLAlchemy 2.1 no longer counts Float among Numeric, and dlt 1.31 then loses the declared type.
    return sa.Numeric(asdecimal=False) if isinstance(kind, sa.Float) else kind


def _fitted(resource: TableResource, task: Task, known_by: list[str]) -> Callable[[pa.Table], pa.Table]:
    fitter, with_ids = fitter_for(task, resource.name, {}), row_ids(resource.name, task)

    def fit(table: pa.Table) -> pa.Table:
        if known_by:
            boundary.remember(resource.name, known_by, task)
        keyed(table, resource, fitter.stored, resource.name)
        fitted = with_ids(fitter.fit(table, resource.name))
        return with_load_date(fitted, task.moment) if resource.adds_load_date else fitted

    return fit
