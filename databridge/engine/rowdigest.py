"""Two tables hold the same rows, in whatever order, when their digests are equal: how many, how many NULLs, and the sum of a hash of each row.

The rows themselves are never together in memory. DuckDB hashes them, batch by batch; a moment is hashed as the number that it is.
"""

# ruff: noqa: S608 - the names in this statement are ours
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

_BATCH = "batch"


@dataclass(frozen=True, slots=True)
class RowDigest:
    """What is known of rows once all of them were seen."""

    rows: int
    nulls: tuple[int, ...]
    """Of each column."""
    hashes: int
    """The sum of all rows' hashes."""


class Digester:
    """Sees rows, batch by batch.

    Args:
        kinds: the columns that each batch has.
    """

    def __init__(self, kinds: pa.Schema) -> None:
        names = [f"c{n}" for n in range(len(kinds))]
        counts = ", ".join(f"count(*) - count({name})" for name in names)
        self._names = names
        self._query = f"SELECT count(*), coalesce(sum(hash({', '.join(names)})), 0), {counts} FROM {_BATCH}"
        self._rows, self._hashes, self._nulls = 0, 0, [0] * len(names)

    def passed(self, batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """The batches, each seen once it is asked for."""
        for batch in batches:
            self._see(batch)
            yield batch

    def all_of(self, batches: Iterable[pa.Table]) -> Digester:
        """This, once all batches were seen."""
        for batch in batches:
            self._see(batch)
        return self

    def _see(self, batch: pa.Table) -> None:
        with duckdb.connect() as connection:
            connection.register(_BATCH, pa.table([_plain(c) for c in batch.columns], names=self._names))
            found = connection.execute(self._query).fetchone() or ()
        rows, hashes, *nulls = map(int, found)
        self._rows, self._hashes = self._rows + rows, self._hashes + hashes
        self._nulls = [before + more for before, more in zip(self._nulls, nulls, strict=True)]

    @property
    def digest(self) -> RowDigest:
        """Of all that was seen."""
        return RowDigest(self._rows, tuple(self._nulls), self._hashes)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as DuckDB takes it without changing a value: it knows no nanoseconds with a zone."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        return column.cast(pa.int64())
    return column
