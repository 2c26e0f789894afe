"""Copies are a pipeline's states as they are stored, beside what they say: to put one back takes every byte of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from pydantic import JsonValue

from databridge.locations.decode import decode_state, dlt_state, parse_state
from databridge.model.marker import MARKER_KEY
from databridge.model.recorded import DltState, RecordedPipeline


@dataclass(frozen=True, slots=True)
class Copies:
    """One pipeline's state in every place."""

    recorded: RecordedPipeline
    """What they say."""
    local: str | None
    """The one in the working folder; None where there is none."""
    destination: str | None
    """The newest one at the destination; None where there is none, or where it can't be read."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What the text of a state says."""

    state: DltState
    readable: Mapping[str, JsonValue]
    """All of it for people, with times, decimals and their kind as plain text."""

    @property
    def content(self) -> Mapping[str, JsonValue]:
        """What loads go by: two states with the same content are the same to each load, whatever their versions."""
        sources = self.readable.get("sources")
        entries = sources if isinstance(sources, dict) else {}
        return {key: value for key, value in entries.items() if key != MARKER_KEY}


def unpack(text: str, schema_name: str) -> Unpacked:
    """Read a state as it is stored.

    Raises:
        UnreadableState: it can't be understood.
    """
    readable = {key: _plain(value) for key, value in decode_state(text).items() if key != "_local"}
    return Unpacked(dlt_state(parse_state(text), schema_name=schema_name), readable)


def _plain(value: object) -> JsonValue:
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case _:
            return str(value)
