"""An event of libyaml, as far as it is read here; what its kind lacks is None or absent, so the kind is asked first."""

from __future__ import annotations

from typing import Protocol

from yaml import events

SCALAR: type[object] = events.ScalarEvent
ALIAS: type[object] = events.AliasEvent
MAPPING_START: type[object] = events.MappingStartEvent
MAPPING_END: type[object] = events.MappingEndEvent
SEQUENCE_END: type[object] = events.SequenceEndEvent
STREAM_END: type[object] = events.StreamEndEvent
COLLECTION_STARTS: tuple[type[object], ...] = (events.MappingStartEvent, events.SequenceStartEvent)


class Position(Protocol):
    """A place in the text."""

    index: int
    """Counted in characters, from 0."""


class Event(Protocol):
    """One step through a text."""

    start_mark: Position
    end_mark: Position
    anchor: str | None
    tag: str | None
    value: str
    implicit: tuple[bool, bool]
    """First: whether it is plain, without quotes and tag."""
