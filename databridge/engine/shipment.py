"""Rows go into a table by the load job that the destination has for every load, one Parquet file after the other, so memory and disk stay bounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
from dlt.common.destination.client import JobClientBase, RunnableLoadJob
from dlt.common.storages.load_package import ParsedLoadJobFileName

_NO_LOAD = "0"
"""Databases don't ask a job for its load id: it is in the rows."""
_FILE_BYTES = 256 << 20  # of rows in memory; Parquet takes less of the disk


class Shipment:
    """What puts rows into the tables of a pipeline.

    Args:
        pipeline: opened, with its tables made.
        folder: where a file waits until it is loaded.
    """

    def __init__(self, pipeline: dlt.Pipeline, folder: Path) -> None:
        self._pipeline, self._folder = pipeline, folder

    def load(self, table: str, kinds: pa.Schema, rows: Iterable[pa.Table], load_id: str = _NO_LOAD) -> None:
        """Put rows into a table.

        Args:
            table: its name there.
            kinds: its columns.
            rows: in batches of these columns.
            load_id: the load that they came with; where rows are files, it is in the files' names.

        Raises:
            Exception: the destination does not take them; as its load jobs raise it.
        """
        left = iter(rows)
        for first in left:  # a file's first batch; the rest of the file is taken within
            name = ParsedLoadJobFileName(table, ParsedLoadJobFileName.new_file_id(), 0, "parquet")
            file = self._folder / name.file_name()
            with closing(pq.ParquetWriter(file, kinds)) as writer:
                for batch in _up_to(_FILE_BYTES, first, left):
                    writer.write_table(batch)
            self._hand_over(table, file, load_id)
            file.unlink()

    def _hand_over(self, table: str, file: Path, load_id: str) -> None:
        client: JobClientBase = self._pipeline.destination_client()
        prepared = client.prepare_load_table(table)
        job = client.create_load_job(prepared, str(file), load_id)
        if not isinstance(job, RunnableLoadJob):
            raise TypeError(f"{type(job).__name__} can't be run here")
        job.set_run_vars(load_id, client.schema, prepared)
        job.run_managed(client, BoundedSemaphore())
        if job.state() != "completed":
            raise job.exception()


@contextmanager
def shipment(pipeline: dlt.Pipeline) -> Iterator[Shipment]:
    """What puts rows into the tables of a pipeline; its files wait in the working folder, and go with that after a kill."""
    with TemporaryDirectory(dir=pipeline.working_dir) as folder:
        yield Shipment(pipeline, Path(folder))


def _up_to(limit: int, first: pa.Table, more: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Batches until there are so many bytes of them."""
    size = first.nbytes
    yield first
    while size < limit and (batch := next(more, None)) is not None:
        size += batch.nbytes
        yield batch
