"""A file of JSON lines is read as a stream of rows with bounded memory; no digit, no key and no value in it gets lost.

Python's own reader keeps the last of two equal keys, rounds, and takes NaN, which is no JSON.
"""

from __future__ import annotations

import io
import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from databridge.engine.digits import written
from databridge.engine.jsonfit import JsonFitter, JsonRow, Unfitting
from databridge.engine.unreadable import unreadable
from databridge.locations.landing import file_key

_ROWS = 5_000
_MARKS = tuple(chr(mark) for mark in range(0xF026, 0xF02E))
"""With these before a text, dlt hands decimals and moments on to itself."""


def _once(pairs: list[tuple[str, object]]) -> JsonRow:
    row = dict(pairs)
    if len(row) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key `{next(key for key in keys if keys.count(key) > 1)}` occurs twice")
    return row


def _no_json(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_float=written, parse_constant=_no_json)
_scan: Callable[[str, int], tuple[object, int]] = _DECODER.scan_once  # type: ignore[attr-defined]  # not in typeshed


def _parsed(line: bytes) -> JsonRow:
    """The object of a line; `decode` does the same with a search for blanks that takes a quarter of the time."""
    text = line.decode().strip(" \t\r\n")
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):
        value = _DECODER.decode(text)
    if not isinstance(value, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - what is wrong is the file
    if b"\\u" in line or b"\xef\x80" in line:
        _check_texts(value)
    return value


def read_jsonl(path: Path, fitter: JsonFitter) -> Iterator[list[JsonRow]]:
    """The rows of a file with one JSON object a line; empty lines are passed over.

    Args:
        path: the file.
        fitter: fits them to their columns.

    Raises:
        DatabridgeError: a line is no JSON object, or a value does not fit; the error names the line.
    """
    with path.open("rb") as file:
        rows = _rows(path, file, fitter.fit)
        while chunk := list(islice(rows, _ROWS)):
            yield chunk


def _rows(path: Path, file: io.BufferedReader, fits: Callable[[JsonRow], bool]) -> Iterator[JsonRow]:
    for number, line in enumerate(file, start=1):
        if number == 1:
            line = line.removeprefix(BOM_UTF8)  # noqa: PLW2901 - it is no part of it
        try:
            row = _parsed(line)
            if fits(row):
                yield row
        except Unfitting as unfitting:
            raise unfitting.at(f"{file_key(path.name)}, line {number:,}") from None
        except (ValueError, RecursionError) as error:
            if line.strip():
                raise unreadable(path, f"line {number:,}: {error}") from None


def _check_texts(value: object) -> None:
    """Refuse texts that dlt can't carry, or would take for something else."""
    if isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, str):
        if value.startswith(_MARKS):
            raise ValueError(f"a text begins with U+{ord(value[0]):X}, which dlt keeps for itself")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("half a surrogate pair is no text") from None
