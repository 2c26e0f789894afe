"""Between kinds of destinations rows pass through here, batch by batch; the new place is read again to its end, and found equal, before it counts.

Load ids and dlt's other columns are columns as all others are, so each row stays that of the load which brought it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import dlt
import pyarrow as pa
from dlt.common.exceptions import TerminalValueError
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.impl.sqlalchemy.sqlalchemy_job_client import SqlalchemyJobClient
from dlt.destinations.job_client_impl import SqlJobClientBase

from databridge.apply.engine import Place
from databridge.engine.rowdigest import Digester
from databridge.engine.shipment import Shipment, shipment
from databridge.engine.tablefiles import FileTables
from databridge.engine.tablerows import LOADS, DatabaseTables, kinds_of, other_type
from databridge.engine.tableserver import ServerTables
from databridge.model.diagnostic import DatabridgeError

Seen = Callable[[str, int], None]
"""Told of a table, and how many of its rows were read so far."""
_Tables = DatabaseTables | FileTables | ServerTables
_Kinds = dict[str, pa.Schema]


class Stream:
    """From a destination to one of another kind.

    Args:
        seen: told after each batch that goes over.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def copied(
        self, old: dlt.Pipeline, new: dlt.Pipeline, place: Place, tables: Sequence[str]
    ) -> Iterator[int]:
        """Copy table by table; the number of rows of each."""
        _require_held(new, tables)
        kinds = _kinds(new, [*tables, LOADS])
        with _tables(old) as there, _tables(new) as here, shipment(new) as goal:
            for each in (there, here):
                _require_columns(each.columns([*tables, LOADS]), kinds, files=isinstance(each, FileTables))
            for table in tables:
                before, after = Digester(kinds[table]), Digester(kinds[table])
                self._copy(table, kinds[table], there, goal, before, by_load=isinstance(here, FileTables))
                _require_alike(table, before, after.all_of(here.rows(table, kinds[table])))
                yield before.digest.rows
            before, after = Digester(kinds[LOADS]), Digester(kinds[LOADS])
            loads = before.passed(there.loads(kinds[LOADS], place.schema_name))
            if isinstance(here, FileTables):
                here.keep_loads(loads)
            else:
                goal.load(LOADS, kinds[LOADS], loads)
            _require_alike(LOADS, before, after.all_of(here.loads(kinds[LOADS], place.schema_name)))

    def _copy(
        self,
        table: str,
        kinds: pa.Schema,
        there: _Tables,
        goal: Shipment,
        digester: Digester,
        *,
        by_load: bool,
    ) -> None:
        copied = 0

        def passed(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
            nonlocal copied
            for batch in digester.passed(batches):
                yield batch
                copied += len(batch)
                self._seen(table, copied)

        if by_load:
            if not isinstance(there, DatabaseTables):
                raise TypeError(f"{type(there).__name__} tell no loads")
            for load_id, rows in there.by_load(table, kinds):
                goal.load(table, kinds, passed(rows), load_id)
        else:
            goal.load(table, kinds, passed(there.rows(table, kinds)))


@contextmanager
def _tables(pipeline: dlt.Pipeline) -> Iterator[_Tables]:
    with pipeline.destination_client() as client:
        if isinstance(client, FilesystemClient):
            yield FileTables(client)
        elif isinstance(client, SqlalchemyJobClient):
            yield ServerTables(client)
        else:
            yield DatabaseTables(pipeline)


def _kinds(new: dlt.Pipeline, tables: Sequence[str]) -> _Kinds:
    """The columns of tables on their way."""
    with new.destination_client() as client:
        goal, known = client.capabilities, new.default_schema.tables
    return {table: kinds_of(known[table]["columns"], goal) for table in tables}


def _require_columns(there: dict[str, set[str]], kinds: _Kinds, *, files: bool) -> None:
    """See that tables have the columns of dlt's schema; any file may lack some, for it is not written anew when one is added.

    Raises:
        DatabridgeError: a place has other columns (DB543).
    """
    for table, columns in there.items():
        known = set(kinds[table].names)
        differing = columns - known if files else columns ^ known
        if differing:
            raise other_type(table, min(differing))


def _require_held(pipeline: dlt.Pipeline, tables: Sequence[str]) -> None:
    """See that dlt loads columns of these types there, from Parquet, as every later load will.

    Raises:
        DatabridgeError: it does not (DB545).
    """
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            return
        for table in tables:
            prepared = client.prepare_load_table(table)
            for name, column in prepared["columns"].items():
                try:
                    client.type_mapper.ensure_supported_type(column, prepared, "parquet")
                except TerminalValueError:
                    raise DatabridgeError.of(
                        "DB545",
                        f"column `{name}` of table `{table}` can't be held there: its type is {column.get('data_type')}",
                        detail="Nothing was copied.",
                        hint="Declare another type for it and load its table anew before the move: databridge reset",
                    ) from None


def _require_alike(table: str, before: Digester, after: Digester) -> None:
    if before.digest != after.digest:
        raise DatabridgeError.of(
            "DB544",
            f"table `{table}` does not hold the same rows in both places",
            detail="What was copied is removed again; the old place is as it was.",
            hint="See that nobody else writes to either of them, then apply again.",
        )
