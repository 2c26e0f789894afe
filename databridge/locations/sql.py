"""A database is asked in a fixed number of statements, however many pipelines it holds, and as of one moment where it has such.

Read rule of dlt 1.31 (`SqlalchemyJobClient.get_stored_state`): the state with the greatest load id that `_dlt_loads` calls
complete. The statements are SQLAlchemy's, in the words of whichever dialect.
"""

from __future__ import annotations

import sqlite3
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from databridge.locations.counting import Counted, Counting, inventories
from databridge.locations.stored import (
    PlaceUnreadable,
    StoredDataset,
    StoredSchema,
    StoredState,
    data_tables,
    staging_of,
)
from databridge.locations.tally import Tally, Tallying
from databridge.model.destination import SqlDestination
from databridge.model.paths import resolve_path
from databridge.model.recorded import LocationStatus
from databridge.model.secret import Secrets
from databridge.warehouse.sql import Busy, dataset_names, reading
from databridge.warehouse.unreachable import Unreachable

_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
_LOAD_ID = "_dlt_load_id"
_TOGETHER = 50  # selects in one statement
_ATTACHED = 4  # datasets of SQLite in one connection, each with what is staged for it: ten files fit
_Tables = dict[str, dict[str, dict[str, str]]]
"""Dataset, table, column, type."""
_V = TypeVar("_V")
if TYPE_CHECKING:
    _Select = sa.Select[*tuple[str, ...]]


class SqlReader:
    """Reads one database.

    Args:
        destination: the database, and how to get there.
        root: the project's folder.
        secrets: for its credentials; asked when it is read.
    """

    def __init__(self, destination: SqlDestination, *, root: Path, secrets: Secrets) -> None:
        self._destination, self._root, self._secrets = destination, root, secrets

    def read_datasets(
        self,
        datasets: Sequence[str],
        *,
        pipelines: Collection[str] | None,
        with_schemas: bool,
        closely: Collection[str] = (),
    ) -> Mapping[str, StoredDataset]:
        """See `Reader.read_datasets`."""
        found: dict[str, StoredDataset] = {}
        together = len(datasets) if self._destination.path is None else _ATTACHED
        for some in _batches(list(datasets), max(together, 1)):
            near = [dataset for dataset in some if dataset in set(closely)]
            with self._opened([*some, *map(staging_of, near)]) as connection:
                found |= _Reading(connection).datasets(
                    some, near, pipelines=pipelines, with_schemas=with_schemas
                )
        return found

    def schemas_in(self, datasets: Sequence[str]) -> Mapping[str, Mapping[str, StoredSchema]]:
        """See `Reader.schemas_in`."""
        found: dict[str, dict[str, StoredSchema]] = {}
        together = len(datasets) if self._destination.path is None else _ATTACHED
        for some in _batches(list(datasets), max(together, 1)):
            with self._opened(some) as connection:
                found |= _Reading(connection).schemas(some)
        return found

    def datasets(self) -> Sequence[str]:
        """See `Reader.datasets`."""
        if self._destination.path is None:
            with self._opened([]) as connection:
                return _Reading(connection).with_states(None)
        named = dataset_names(Path(resolve_path(str(self._root), self._destination.path)))
        found: list[str] = []
        for some in _batches(named, _ATTACHED):
            with self._opened(some) as connection:
                found += _Reading(connection).with_states(some)
        return found

    def foreign_files(self, dataset: str) -> Mapping[str, str]:  # noqa: ARG002 - its tables are none of files
        """See `Reader.foreign_files`."""
        return {}

    def completed_in(self, dataset: str, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
        """See `Reader.completed_in`."""
        if not load_ids:
            return frozenset()
        with self._opened([dataset]) as connection:
            return _Reading(connection).completed(dataset, schema_name, load_ids)

    def tally(self, tallies: Sequence[Tally], *, seconds: float) -> Mapping[Tally, int]:
        """See `Reader.tally`; only where a statement can be stopped is one begun that may take its time."""
        found: dict[Tally, int] = {}
        give_up = time.monotonic() + seconds
        for some in _batches(sorted({tally.dataset for tally in tallies}), _ATTACHED):
            with self._opened(some) as connection:
                asked = [tally for tally in tallies if tally.dataset in some]
                found |= _Reading(connection).tallied(asked, seconds=max(give_up - time.monotonic(), 0))
        return found

    @contextmanager
    def _opened(self, datasets: Sequence[str]) -> Iterator[sa.Connection]:
        try:
            with reading(self._destination, datasets, root=self._root, secrets=self._secrets) as connection:
                yield connection
        except Busy as error:
            raise PlaceUnreadable(LocationStatus.BUSY, str(error)) from None
        except Unreachable as error:
            raise PlaceUnreadable(LocationStatus.UNKNOWN, str(error)) from None


class _Reading:
    """What is asked over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._quote = connection.dialect.identifier_preparer

    def datasets(
        self,
        datasets: Sequence[str],
        closely: Sequence[str],
        *,
        pipelines: Collection[str] | None,
        with_schemas: bool,
    ) -> dict[str, StoredDataset]:
        tables = self._tables([*datasets, *map(staging_of, closely)], typed=bool(closely))
        states: dict[str, dict[str, StoredState]] = defaultdict(dict)
        schemas: dict[str, dict[str, StoredSchema]] = defaultdict(dict)
        loads: dict[str, dict[str, str]] = defaultdict(dict)
        for dataset, name, text, load_id in self._all(
            _states(each, pipelines) for each, found in tables.items() if {_STATE, _LOADS} <= found.keys()
        ):
            states[dataset][name] = StoredState(text, load_id)
        for dataset, name, load_id in self._all(_loads(d) for d, found in tables.items() if _LOADS in found):
            loads[dataset][name] = load_id
        for dataset, name, text, version_hash in self._all(
            _schemas(each, with_text=with_schemas) for each, found in tables.items() if _VERSION in found
        ):
            schemas[dataset][name] = StoredSchema(version_hash, text)
        known = {name for found in states.values() for name in found}
        asked = with_schemas or not known.issuperset(pipelines or ())
        filled: dict[str, set[str]] = defaultdict(set)
        for dataset, table in self._all(self._filled(tables, datasets) if asked else ()):
            filled[dataset].add(table)
        looked_at = {d: tables[d] for each in closely for d in (each, staging_of(each)) if d in tables}
        taken = inventories(looked_at, self._counted(looked_at, schemas))
        return {
            each: StoredDataset(
                states[each],
                schemas[each],
                loads[each],
                frozenset(filled[each]),
                data_tables(tables[each]),
                taken.get(each),
            )
            for each in tables
        }

    def schemas(self, datasets: Sequence[str]) -> dict[str, dict[str, StoredSchema]]:
        """The newest schemas with their texts."""
        found: dict[str, dict[str, StoredSchema]] = defaultdict(dict)
        there = [dataset for dataset, tables in self._tables(datasets).items() if _VERSION in tables]
        for dataset, name, text, version_hash in self._all(_schemas(each, with_text=True) for each in there):
            found[dataset][name] = StoredSchema(version_hash, text)
        return found

    def with_states(self, datasets: Sequence[str] | None) -> list[str]:
        """Those of the datasets that hold states of dlt pipelines, sorted; of all there are when None."""
        names = sa.inspect(self._connection).get_schema_names() if datasets is None else datasets
        return sorted(dataset for dataset, found in self._tables(names).items() if _STATE in found)

    def completed(self, dataset: str, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
        if _LOADS not in self._tables([dataset]).get(dataset, ()):
            return frozenset()
        loads = _table(dataset, _LOADS, "load_id", "schema_name", "status")
        complete = sa.select(loads.c.load_id).where(loads.c.status == 0, loads.c.schema_name == schema_name)
        return frozenset(
            str(load_id)
            for some in _batches(sorted(load_ids), _TOGETHER)
            for (load_id,) in self._connection.execute(complete.where(loads.c.load_id.in_(some)))
        )

    def tallied(self, tallies: Sequence[Tally], *, seconds: float) -> dict[Tally, int]:
        stop = self._stop()
        if stop is None:
            return {}
        tallying = Tallying(self._name, self._quote.quote_identifier)
        return tallying.answers(tallies, self._answer, seconds=seconds, stop=stop)

    def _stop(self) -> Callable[[], None] | None:
        """What stops the statement that is being answered; None where the driver has no such thing."""
        match self._connection.connection.driver_connection:
            case sqlite3.Connection() as driver:
                return driver.interrupt
            case driver:
                cancel = getattr(driver, "cancel", None)  # as the drivers of PostgreSQL have it
                return cancel if callable(cancel) else None

    def _answer(self, statement: str) -> list[Sequence[object]]:
        try:
            with self._connection.begin_nested():  # what fails must not end the transaction
                return [tuple(row) for row in self._connection.execute(sa.text(statement))]
        except sa.exc.SQLAlchemyError:
            raise PlaceUnreadable(LocationStatus.UNKNOWN, "it gives no number") from None

    def _tables(self, datasets: Sequence[str], *, typed: bool = False) -> _Tables:
        """Tables by dataset, those of dlt and others, each with its columns where types are asked for."""
        inspector = sa.inspect(self._connection)
        there = set(inspector.get_schema_names())
        found: _Tables = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # somebody else's table may have any type
            for dataset in datasets:
                if dataset not in there:
                    continue
                found[dataset] = {table: {} for table in inspector.get_table_names(schema=dataset)}
                for (_, table), columns in (
                    inspector.get_multi_columns(schema=dataset).items() if typed else ()
                ):
                    found[dataset][table] = {c["name"]: self._type(c["type"]) for c in columns}
        return found

    def _type(self, kind: sa.types.TypeEngine[object]) -> str:
        try:
            return kind.compile(dialect=self._connection.dialect)
        except sa.exc.CompileError:
            return "?"

    def _filled(self, tables: _Tables, datasets: Iterable[str]) -> Iterator[_Select]:
        for dataset in datasets:
            for table in sorted(tables.get(dataset, ())):
                if not table.startswith("_dlt"):
                    some = sa.select(sa.literal(1)).select_from(_table(dataset, table))
                    yield sa.select(sa.literal(dataset), sa.literal(table)).where(sa.exists(some))

    def _counted(
        self, tables: _Tables, schemas: Mapping[str, Mapping[str, StoredSchema]]
    ) -> Iterator[Counted]:
        counting = Counting(self._name, _literal)
        selects = [
            select
            for dataset, found in tables.items()
            for select in counting.selects(dataset, found, schemas[dataset].values())
        ]
        for some in _batches(selects, _TOGETHER):
            for kind, dataset, table, owner, load_id, n in self._connection.execute(
                sa.text(" UNION ALL ".join(some))
            ):
                yield kind, dataset, table, owner, load_id, int(n)

    def _all(self, selects: Iterable[_Select]) -> Iterator[tuple[str, ...]]:
        for some in _batches(list(selects), _TOGETHER):
            yield from map(tuple, self._connection.execute(sa.union_all(*some)))

    def _name(self, dataset: str, table: str) -> str:
        return f"{self._quote.quote_identifier(dataset)}.{self._quote.quote_identifier(table)}"


def _states(dataset: str, pipelines: Collection[str] | None) -> _Select:
    """Dataset, pipeline, state and load id; states, of which dlt deletes none, are read only where they count."""
    states = _table(dataset, _STATE, "pipeline_name", "state", _LOAD_ID)
    loads = _table(dataset, _LOADS, "load_id", "status")
    newest = (
        sa.select(states.c.pipeline_name, sa.func.max(states.c[_LOAD_ID]).label("load_id"))
        .join(loads, loads.c.load_id == states.c[_LOAD_ID])
        .where(loads.c.status == 0)
        .group_by(states.c.pipeline_name)
    )
    if pipelines is not None:
        newest = newest.where(states.c.pipeline_name.in_(sorted(pipelines)))
    by = newest.subquery("newest")
    return sa.select(sa.literal(dataset), states.c.pipeline_name, states.c.state, states.c[_LOAD_ID]).join(
        by, sa.and_(by.c.pipeline_name == states.c.pipeline_name, by.c.load_id == states.c[_LOAD_ID])
    )


def _loads(dataset: str) -> _Select:
    """Dataset, schema, and its newest complete load."""
    loads = _table(dataset, _LOADS, "load_id", "schema_name", "status")
    return (
        sa.select(sa.literal(dataset), loads.c.schema_name, sa.func.max(loads.c.load_id))
        .where(loads.c.status == 0)
        .group_by(loads.c.schema_name)
    )


def _schemas(dataset: str, *, with_text: bool) -> _Select:
    """Dataset, schema, the text or None, and the version hash."""
    versions = _table(dataset, _VERSION, "schema_name", "version_hash", "schema", "inserted_at")
    by = (
        sa.select(versions.c.schema_name, sa.func.max(versions.c.inserted_at).label("inserted_at"))
        .group_by(versions.c.schema_name)
        .subquery("newest")
    )
    text = versions.c.schema if with_text else sa.cast(sa.null(), sa.Text)
    return sa.select(sa.literal(dataset), versions.c.schema_name, text, versions.c.version_hash).join(
        by,
        sa.and_(by.c.schema_name == versions.c.schema_name, by.c.inserted_at == versions.c.inserted_at),
    )


def _table(dataset: str, name: str, *columns: str) -> sa.TableClause:
    kinds = {"status": sa.BigInteger()}
    return sa.table(name, *(sa.column(c, kinds.get(c, sa.Text())) for c in columns), schema=dataset)


def _batches(values: list[_V], most: int) -> Iterator[list[_V]]:
    return (values[start : start + most] for start in range(0, len(values), most))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
