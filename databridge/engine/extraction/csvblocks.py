"""Lines of CSV are parsed in blocks of bounded size, each while the next one comes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

from databridge.engine.extraction.csvrows import CsvRows

_BLOCK = 4 << 20
"""Bytes of CSV that are parsed at a time; a longer row is a block by itself."""


def tables(lines: Iterable[bytes | bytearray | memoryview], rows: CsvRows) -> Iterator[pa.Table]:
    """The rows of lines, block by block.

    Args:
        lines: each is a whole row with its line's end.
        rows: how they are read.

    Raises:
        DatabridgeError: a value does not fit its column.
    """
    waiting: Future[pa.Table] | None = None
    with ThreadPoolExecutor(1) as parser:
        for block in _blocks(lines):
            ready, waiting = waiting, parser.submit(rows.parsed, block)
            if ready is not None:
                yield ready.result()
        if waiting is not None:
            yield waiting.result()


def _blocks(lines: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytearray]:
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= _BLOCK:
            yield block
            block = bytearray()
    if block:
        yield block
