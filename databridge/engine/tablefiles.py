"""Rows in files are read file by file, and written to files that bear the load's id in their names, as each load's own do."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient

from databridge.engine.purgefiles import Folders
from databridge.engine.tablerows import BATCH_ROWS, LOADS, fitted
from databridge.model.diagnostic import DatabridgeError

_PARQUET = ".parquet"
_AT = "inserted_at"


class FileTables:
    """Tables that are folders of files.

    Args:
        client: of the dataset that they are in.
    """

    def __init__(self, client: FilesystemClient) -> None:
        self._client, self._folders = client, Folders(client)

    def columns(self, tables: Sequence[str]) -> dict[str, set[str]]:
        """The columns that files of tables have; any file may lack some.

        Raises:
            DatabridgeError: a file is no Parquet file (DB545).
        """
        found: dict[str, set[str]] = {}
        for table in tables:
            found[table] = set()
            for file in self._files(table) if table != LOADS else ():
                with self._client.fs_client.open(file, "rb") as opened:
                    found[table] |= set(pq.read_schema(opened).names)
        return found

    def rows(self, table: str, kinds: pa.Schema) -> Iterator[pa.Table]:
        """The rows of a table; what a file lacks is NULL.

        Raises:
            DatabridgeError: a column has another type, or a value that the type does not hold (DB543).
        """
        for file in self._files(table):
            with self._client.fs_client.open(file, "rb") as opened, pq.ParquetFile(opened) as parquet:
                for batch in parquet.iter_batches(BATCH_ROWS):
                    yield fitted(_completed(pa.Table.from_batches([batch]), kinds), kinds, table)

    def loads(self, kinds: pa.Schema, schema_name: str) -> Iterator[pa.Table]:
        """What is recorded of the loads of a schema."""
        for name in self._folders.names(LOADS):
            if name.removesuffix(".jsonl").rpartition("__")[0] == schema_name:
                path = posixpath.join(self._client.dataset_path, LOADS, name)
                known = json.loads(self._client.fs_client.read_text(path, encoding="utf-8"))
                row = {**known, _AT: datetime.fromisoformat(known[_AT])}
                yield pa.Table.from_pylist([{name: row.get(name) for name in kinds.names}], schema=kinds)

    def keep_loads(self, rows: Iterable[pa.Table]) -> None:
        """Record loads, as dlt does."""
        for row in (row for batch in rows for row in batch.to_pylist()):
            name = f"{row['schema_name']}__{row['load_id']}.jsonl"
            path = posixpath.join(self._client.dataset_path, LOADS, name)
            text = json.dumps({**row, _AT: row[_AT].isoformat()})
            self._client.fs_client.write_text(path, text, encoding="utf-8")

    def _files(self, table: str) -> list[str]:
        names = sorted(self._folders.names(table))
        others = [name for name in names if not name.endswith(_PARQUET)]
        if others:
            raise DatabridgeError.of(
                "DB545",
                f"table `{table}` can't be read: {others[0]} is no Parquet file",
                detail="Nothing was copied.",
                hint="Load the table anew before the move: databridge reset",
            )
        return [posixpath.join(self._client.dataset_path, table, name) for name in names]


def _completed(rows: pa.Table, kinds: pa.Schema) -> pa.Table:
    there = set(rows.column_names)
    return pa.table(
        {
            field.name: rows[field.name] if field.name in there else pa.nulls(len(rows), field.type)
            for field in kinds
        }
    )
