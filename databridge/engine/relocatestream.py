"""Between kinds of destinations rows pass through here, batch by batch; the new place is read again to its end, and found equal, before it counts.

Load ids and dlt's other columns are columns as all others are, so each row stays that of the load which brought it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import dlt
import pyarrow as pa
from dlt.common.exceptions import TerminalValueError
from dlt.destinations.job_client_impl import SqlJobClientBase

from databridge.apply.engine import Place
from databridge.engine.rowdigest import Digester
from databridge.engine.shipment import shipment
from databridge.engine.tablerows import kinds_of, other_type, rows_in_database
from databridge.model.diagnostic import DatabridgeError

_LOADS = "_dlt_loads"

Seen = Callable[[str, int], None]
"""Told of a table, and how many of its rows were read so far."""


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
        kinds = _kinds(old, new, [*tables, _LOADS])
        with shipment(new) as goal:
            for table in tables:
                before, after = Digester(kinds[table]), Digester(kinds[table])
                rows = before.passed(rows_in_database(old, table, kinds[table]))
                goal.load(table, kinds[table], self._counted(table, rows))
                _require_alike(table, before, after.all_of(rows_in_database(new, table, kinds[table])))
                yield before.digest.rows
            mine = place.schema_name  # the record of loads is shared by all pipelines of a dataset
            before, after = Digester(kinds[_LOADS]), Digester(kinds[_LOADS])
            goal.load(
                _LOADS, kinds[_LOADS], before.passed(rows_in_database(old, _LOADS, kinds[_LOADS], mine))
            )
            _require_alike(_LOADS, before, after.all_of(rows_in_database(new, _LOADS, kinds[_LOADS], mine)))

    def _counted(self, table: str, batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
        rows = 0
        for batch in batches:
            rows += len(batch)
            yield batch
            self._seen(table, rows)


def _kinds(old: dlt.Pipeline, new: dlt.Pipeline, tables: Sequence[str]) -> dict[str, pa.Schema]:
    """The columns of tables on their way.

    Raises:
        DatabridgeError: one of the two places has other columns (DB543).
    """
    goal, known = new.destination.capabilities(), new.default_schema.tables
    _require_held(new, tables)
    kinds = {table: kinds_of(known[table]["columns"], goal) for table in tables}
    for pipeline in (old, new):
        with pipeline.destination_client() as client:
            if not isinstance(client, SqlJobClientBase):
                raise TypeError(f"{type(client).__name__} has no columns")
            for table, columns in client.get_storage_tables(tables):
                differing = columns.keys() ^ set(kinds[table].names)
                if differing:
                    raise other_type(table, min(differing))
    return kinds


def _require_held(pipeline: dlt.Pipeline, tables: Sequence[str]) -> None:
    """See that dlt loads columns of these types there, from Parquet, as every later load will."""
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
