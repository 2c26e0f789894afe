"""A DuckDB file is opened once, read-only and briefly, for all pipelines in it: while a reader has it open, no writer can start.

Read rule of dlt 1.31 (`WithStateSync.get_stored_state`): the state with the greatest load id that `_dlt_loads` calls complete.
"""

# ruff: noqa: S608 - names are quoted, and nothing else in a query comes from outside
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from databridge.locations.counting import Counting, inventories
from databridge.locations.duckdbfile import opened, said
from databridge.locations.inventory import Inventory
from databridge.locations.stored import (
    PlaceUnreadable,
    StoredDataset,
    StoredSchema,
    StoredState,
    data_tables,
    staging_of,
)
from databridge.locations.tally import Tally, Tallying
from databridge.model.recorded import LocationStatus

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
_TOGETHER = 10  # datasets, or tables, that one statement reads; its memory grows with them
_CACHE = "64MB"  # of what was read; DuckDB would keep all of it, and so grow with the number of datasets
_Row = tuple[str, str, str, str]


def read_datasets(
    file: Path, datasets: Collection[str], *, with_schemas: bool = False, closely: Collection[str] = ()
) -> dict[str, StoredDataset]:
    """The newest states and schemas in datasets of a file; datasets that are not there are not in the answer.

    Args:
        file: the DuckDB file.
        datasets: their names, compared as DuckDB does, without regard to case.
        with_schemas: read the text of the schemas too, not only their hashes.
        closely: datasets to make an inventory of, and of what is staged for them; it takes the schemas' text.

    Raises:
        PlaceUnreadable: the file is being written, or is none that DuckDB can read.
    """
    if not file.exists():
        return {}
    import duckdb

    if not closely:  # what is counted may take more
        with suppress(duckdb.OutOfMemoryException):
            return _read(file, datasets, with_schemas=with_schemas, closely=closely, cache=_CACHE)
    return _read(file, datasets, with_schemas=with_schemas, closely=closely, cache=None)


def _read(
    file: Path, datasets: Collection[str], *, with_schemas: bool, closely: Collection[str], cache: str | None
) -> dict[str, StoredDataset]:
    states: dict[str, dict[str, StoredState]] = defaultdict(dict)
    schemas: dict[str, dict[str, StoredSchema]] = defaultdict(dict)
    loads: dict[str, dict[str, str]] = defaultdict(dict)
    with opened(file, cache) as connection:
        tables = _tables(connection, [*datasets, *map(staging_of, closely)])
        for some in _batches([dataset for dataset, found in tables.items() if _LOADS in found]):
            for dataset, name, load_id in _newest_loads(connection, some):
                loads[dataset][name] = load_id
        for some in _batches(
            [dataset for dataset, found in tables.items() if {_STATE, _LOADS} <= found.keys()]
        ):
            for dataset, name, text, load_id in _newest_states(connection, some):
                states[dataset][name] = StoredState(text, load_id)
        for some in _batches([dataset for dataset, found in tables.items() if _VERSION in found]):
            for dataset, name, version_hash, text in _newest_schemas(
                connection, some, with_text=with_schemas
            ):
                schemas[dataset][name] = StoredSchema(version_hash, text)
        looked_at = {d: schemas[d] for each in closely for d in (each, staging_of(each)) if d in tables}
        taken = _inventories(connection, looked_at) if looked_at else {}
    return {
        dataset: StoredDataset(
            states[dataset],
            schemas[dataset],
            loads[dataset],
            _filled(found),
            data_tables(found),
            taken.get(dataset),
        )
        for dataset, found in tables.items()
    }


def datasets_in(file: Path) -> list[str]:
    """The names of the datasets of a file that hold states of dlt pipelines, sorted.

    Raises:
        PlaceUnreadable: as for `read_datasets`.
    """
    if not file.exists():
        return []
    with opened(file) as connection:
        found = connection.execute(
            "SELECT DISTINCT schema_name FROM duckdb_tables()"
            f" WHERE database_name = current_database() AND lower(table_name) = '{_STATE}' ORDER BY ALL"
        ).fetchall()
    return [name for (name,) in found]


def completed_in(file: Path, dataset: str, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
    """Those of the load ids that the dataset calls complete.

    Raises:
        PlaceUnreadable: as for `read_datasets`.
    """
    if not file.exists():
        return frozenset()
    with opened(file) as connection:
        if _LOADS not in _tables(connection, [dataset]).get(dataset, ()):
            return frozenset()
        rows = connection.execute(
            f"SELECT load_id FROM {_quoted(dataset)}.{_LOADS}"
            " WHERE status = 0 AND schema_name = ? AND list_contains(?, load_id)",
            [schema_name, list(load_ids)],
        ).fetchall()
    return frozenset(load_id for (load_id,) in rows)


def schemas_in(file: Path, datasets: Collection[str]) -> dict[str, dict[str, StoredSchema]]:
    """The newest schemas in datasets of a file, each with its text, by dataset and name.

    Raises:
        PlaceUnreadable: as for `read_datasets`.
    """
    found: dict[str, dict[str, StoredSchema]] = defaultdict(dict)
    with opened(file) as connection:
        tables = _tables(connection, datasets)
        for some in _batches([dataset for dataset in tables if _VERSION in tables[dataset]]):
            for dataset, name, version_hash, text in _newest_schemas(connection, some, with_text=True):
                found[dataset][name] = StoredSchema(version_hash, text)
    return found


def tally(file: Path, tallies: Sequence[Tally], *, seconds: float) -> dict[Tally, int]:
    """The numbers that are asked, as far as they can be told in time: while they are counted, no writer can start.

    Raises:
        PlaceUnreadable: as for `read_datasets`.
    """
    import duckdb

    def ask(statement: str) -> list[tuple[int, int]]:
        try:
            return connection.execute(statement).fetchall()
        except duckdb.Error as error:
            raise PlaceUnreadable(LocationStatus.UNKNOWN, said(error, file)) from None

    if not tallies:
        return {}
    with opened(file) as connection:
        return _TALLYING.answers(tallies, ask, seconds=seconds, stop=connection.interrupt)


def _tables(connection: DuckDBPyConnection, datasets: Collection[str]) -> dict[str, dict[str, int]]:
    """Tables by dataset, under the names that were asked for, each with about how many rows it holds.

    The number is 0 for none but an empty one; rows deleted since the last checkpoint are still counted.
    """
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for dataset, table, rows in connection.execute(
        "SELECT lower(schema_name), lower(table_name), estimated_size FROM duckdb_tables()"
        " WHERE database_name = current_database()"
    ).fetchall():
        found[dataset][table] = rows
    return {dataset: found[dataset.lower()] for dataset in datasets if dataset.lower() in found}


def _inventories(
    connection: DuckDBPyConnection, datasets: Mapping[str, Mapping[str, StoredSchema]]
) -> dict[str, Inventory]:
    """What the datasets hold, each given with its schemas."""
    asked = {dataset.lower(): dataset for dataset in datasets}
    tables: dict[str, dict[str, dict[str, str]]] = {dataset: {} for dataset in datasets}
    for dataset, table, column, kind in connection.execute(
        "SELECT lower(t.schema_name), lower(t.table_name), column_name, data_type"
        " FROM duckdb_tables() AS t JOIN duckdb_columns() AS c USING (table_oid, schema_oid, database_oid)"
        " WHERE t.database_name = current_database()"
    ).fetchall():
        if dataset in asked:
            tables[asked[dataset]].setdefault(table, {})[column] = kind
    selects = [
        select
        for dataset, found in tables.items()
        for select in _COUNTING.selects(dataset, found, datasets[dataset].values())
    ]
    counted = (
        row for some in _batches(selects) for row in connection.execute(" UNION ALL ".join(some)).fetchall()
    )
    return inventories(tables, counted)


def _filled(tables: Mapping[str, int]) -> frozenset[str]:
    return frozenset(name for name, rows in tables.items() if rows and not name.startswith("_dlt"))


def _batches(datasets: list[str]) -> Iterator[list[str]]:
    return (datasets[start : start + _TOGETHER] for start in range(0, len(datasets), _TOGETHER))


def _newest_states(connection: DuckDBPyConnection, datasets: list[str]) -> list[_Row]:
    """Dataset, pipeline, state and load id; the states, of which dlt deletes none, are read only where they count."""
    states = _union(
        f"SELECT {{name}} AS dataset, pipeline_name, _dlt_load_id AS load_id FROM {{dataset}}.{_STATE}",
        datasets,
    )
    loads = _union(
        f"SELECT {{name}} AS dataset, load_id FROM {{dataset}}.{_LOADS} WHERE status = 0", datasets
    )
    newest = connection.execute(
        f"SELECT dataset, pipeline_name, max(load_id) FROM ({states}) SEMI JOIN ({loads}) USING (dataset, load_id) GROUP BY ALL"
    ).fetchall()
    if not newest:
        return []
    return connection.execute(
        " UNION ALL ".join(
            f"SELECT {_literal(dataset)}, pipeline_name, state, _dlt_load_id FROM {_quoted(dataset)}.{_STATE}"
            f" WHERE pipeline_name = {_literal(name)} AND _dlt_load_id = {_literal(load_id)}"
            for dataset, name, load_id in newest
        )
    ).fetchall()


def _newest_loads(connection: DuckDBPyConnection, datasets: list[str]) -> list[tuple[str, str, str]]:
    """Dataset, schema, and its newest complete load."""
    loads = "SELECT {name}, schema_name, max(load_id) FROM {dataset}._dlt_loads WHERE status = 0 GROUP BY ALL"
    return connection.execute(_union(loads, datasets)).fetchall()


def _newest_schemas(connection: DuckDBPyConnection, datasets: list[str], *, with_text: bool) -> list[_Row]:
    """Dataset, schema, version hash, and the text or None."""
    text = "schema" if with_text else "NULL"
    columns = f"schema_name, version_hash, {text} AS text, inserted_at"
    versions = _union(f"SELECT {{name}} AS dataset, {columns} FROM {{dataset}}.{_VERSION}", datasets)
    return connection.execute(
        f"SELECT dataset, schema_name, version_hash, text FROM ({versions})"
        " QUALIFY row_number() OVER (PARTITION BY dataset, schema_name ORDER BY inserted_at DESC) = 1"
    ).fetchall()


def _union(query: str, datasets: list[str]) -> str:
    """One query over many datasets: a statement of its own for each would take twice as long."""
    return " UNION ALL ".join(query.format(name=_literal(each), dataset=_quoted(each)) for each in datasets)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(dataset: str, table: str) -> str:
    return f"{_quoted(dataset)}.{_quoted(table)}"


_COUNTING = Counting(_name, _literal)
_TALLYING = Tallying(_name, _quoted)
