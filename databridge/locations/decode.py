"""A state that this module can't read in full is refused; it is never half understood.

dlt's state is JSON in which a string may begin with a private-use character that tells its type; at destinations it is
compressed (`base64(zlib(json))`). Forms as in dlt 1.31: `dlt/common/json/__init__.py`, `dlt/common/versioned_state.py`.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast
from uuid import UUID

from pydantic import ValidationError

from databridge.model.cursorvalue import CursorValue
from databridge.model.marker import COUNTED_KEY, FILLING_KEY, MARKER_KEY, REMOVED_KEY, RESET_KEY, Marker
from databridge.model.recorded import CursorState, DltState, FileMark, ResourceState
from databridge.model.window import Window

JsonObject = Mapping[str, object]
"""A JSON object as the standard library reads it."""

ENGINE_VERSION = 4
"""The only version of dlt's state format that is understood."""
MARKER_VERSION = 1
"""The newest format of the marker that is understood."""
FILES_KEY = "databridge_files"
"""Where the engine keeps file marks, in the state of a resource: `{key: [bytes, modified]}`."""
_INCREMENTAL, _OURS = "incremental", "databridge_"
"""In the state of a resource: dlt's cursors, and what our own keys begin with."""
TYPE_BASE_VARIABLE = "DLT_JSON_TYPED_PUA_START"
"""dlt's environment variable that moves the type characters; read here too, hexadecimal as there."""
_TYPE_BASE = int(os.environ.get(TYPE_BASE_VARIABLE, "0xf026"), 16)
_DECODERS: tuple[Callable[[str], object], ...] = (
    Decimal,
    datetime.fromisoformat,
    date.fromisoformat,
    UUID,
    lambda text: bytes.fromhex(text.removeprefix("0x")),
    base64.b64decode,
    Decimal,  # dlt's Wei, a decimal of its own
    time.fromisoformat,
)


class UnreadableState(Exception):  # noqa: N818 - named for what was found; nobody but a reader sees it
    """A state, a schema or a marker that can't be understood; the message says why, in words for users."""


def decode_state(text: str) -> dict[str, object]:
    """A whole state document with every value typed, as dlt itself reads it.

    Raises:
        UnreadableState: the text is neither JSON nor compressed JSON.
    """
    return {key: _decode_nested(value) for key, value in parse_state(text).items()}


def parse_state(text: str | bytes) -> dict[str, object]:
    """A state or schema document, its values still carrying their type characters.

    Raises:
        UnreadableState: the text is neither a JSON object nor a compressed one.
    """
    try:
        document = json.loads(_inflate(text))
    except (ValueError, zlib.error, RecursionError) as error:
        raise UnreadableState("it is neither JSON nor compressed JSON") from error
    if not isinstance(document, dict):
        raise UnreadableState("it is JSON, but not an object")
    return document


def dlt_state(document: JsonObject, *, schema_name: str, load_id: str | None = None) -> DltState:
    """What a state document says of one pipeline; only what is asked for is decoded.

    Args:
        document: what `parse_state` or `decode_state` gave.
        schema_name: the key below `sources` whose resources are read.
        load_id: the load that wrote this copy.

    Raises:
        UnreadableState: the state or the marker in it has a format that is not known here.
    """
    engine = document.get("_state_engine_version")
    if engine != ENGINE_VERSION:
        raise UnreadableState(f"its engine version is {engine}, and only {ENGINE_VERSION} is known here")
    sources = as_object(document.get("sources", {}), "sources")
    source = as_object(sources.get(schema_name, {}), f"sources.{schema_name}")
    resources = as_object(source.get("resources", {}), f"sources.{schema_name}.resources")
    dataset = document.get("dataset_name")
    version = document.get("_state_version")
    if not isinstance(version, int):
        raise UnreadableState("it has no `_state_version`")
    return DltState(
        pipeline_name=str(document.get("pipeline_name", "")),
        version=version,
        version_hash=str(document.get("_version_hash", "")),
        engine_version=ENGINE_VERSION,
        dataset=None if dataset is None else str(dataset),
        marker=_marker(sources.get(MARKER_KEY)),
        resources={name: _resource(name, as_object(value, name)) for name, value in resources.items()},
        load_id=load_id,
    )


def as_object(value: object, name: str) -> JsonObject:
    """The value, if it is a JSON object.

    Raises:
        UnreadableState: it is something else; `name` is how the message calls it.
    """
    if isinstance(value, dict):
        return value
    raise UnreadableState(f"`{name}` is not an object")


def _inflate(text: str | bytes) -> str | bytes:
    try:
        packed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # legacy rows are plain JSON; ValueError: not even ASCII
        return text
    return zlib.decompress(packed)


def _resource(name: str, value: JsonObject) -> ResourceState:
    return ResourceState(
        name=name,
        cursors=tuple(_cursors(as_object(value.get(_INCREMENTAL, {}), f"{name}.{_INCREMENTAL}"))),
        files=_files(as_object(value.get(FILES_KEY, {}), f"{name}.{FILES_KEY}")),
        removed=REMOVED_KEY in value,
        reset_begun=RESET_KEY in value,
        counted=COUNTED_KEY in value,
        filling=_filling(value.get(FILLING_KEY)),
        own=tuple(key for key in value if key != _INCREMENTAL and not key.startswith(_OURS)),
    )


def _cursors(incremental: JsonObject) -> Iterator[CursorState]:
    for path, value in incremental.items():
        cursor = as_object(value, path)
        hashes = cursor.get("unique_hashes")
        yield CursorState(
            path,
            _cursor_value(cursor.get("last_value")),
            _cursor_value(cursor.get("initial_value")),
            len(hashes) if isinstance(hashes, list) else 0,
        )


def _cursor_value(value: object) -> CursorValue:
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return cast(CursorValue, _decode(value))


def _files(marks: JsonObject) -> dict[str, FileMark]:
    try:
        return {
            key: FileMark(size, modified)
            for key, (size, modified) in cast(dict[str, tuple[int, str]], marks).items()
        }
    except (TypeError, ValueError) as error:
        raise UnreadableState(f"`{FILES_KEY}` is not of the form {{file: [bytes, modified]}}") from error


def _marker(value: object) -> Marker | None:
    if value is None:
        return None
    version = as_object(value, MARKER_KEY).get("format_version", MARKER_VERSION)
    if not isinstance(version, int) or version > MARKER_VERSION:
        raise UnreadableState(f"databridge's own entry has format {version}, written by a newer databridge")
    try:
        return Marker.model_validate(value)
    except ValidationError as error:
        raise UnreadableState(f"databridge's own entry in it is damaged: {_first(error)}") from error


def _filling(value: object) -> Window | None:
    try:
        return None if value is None else Window.model_validate(value)
    except ValidationError as error:
        raise UnreadableState(f"`{FILLING_KEY}` is damaged: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"`{'.'.join(str(part) for part in first['loc'])}`: {first['msg']}"


def _decode_nested(value: object) -> object:
    if isinstance(value, dict):
        return {key: _decode_nested(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode_nested(item) for item in value]
    return _decode(value)


def _decode(value: object) -> object:
    if not isinstance(value, str) or len(value) < 2:
        return value
    kind = ord(value[0]) - _TYPE_BASE
    if not 0 <= kind < len(_DECODERS):
        return value
    try:
        return _DECODERS[kind](value[1:])
    except (ValueError, ArithmeticError):  # as dlt does: what only looks typed is text
        return value
