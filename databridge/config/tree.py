"""YAML text becomes plain values by the core schema of YAML 1.2: `no` stays text, a key stands once, and nothing is executed.

Built over libyaml's events. Marks are kept only when asked for: they matter for a file with a problem, and cost a third.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import yaml

from databridge.config.event import (
    ALIAS,
    COLLECTION_STARTS,
    MAPPING_END,
    MAPPING_START,
    SCALAR,
    SEQUENCE_END,
    STREAM_END,
    Event,
)
from databridge.config.malformed import (
    Malformed,
    bad_character,
    bad_key,
    not_well_formed,
    tagged,
    unknown_alias,
)

Value = str | int | float | bool | list["Value"] | dict[str, "Value"] | None
"""What a file can hold; dates and times stay text."""

Container = dict[str, Value] | list[Value]

_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NUMBER_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 40
"""Characters; no database has longer ones, and Python takes quadratic time over them."""
_DEEPEST = 40
_MOST_BY_ALIAS = 200_000
"""Values that aliases may add to a file; a few lines of nested aliases would otherwise stand for billions."""
_PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str")


@dataclass(slots=True)
class Mark:
    """Where a key or value is written: offsets into the text, counted in characters."""

    start: int
    end: int
    empty: bool = False
    """A value that was left out (`key:`)."""


Marks = dict[str | int, tuple[Mark | None, Mark]]
"""By key or index: the mark of the key (None in a list) and that of the value."""


@dataclass(slots=True)
class Template:
    """A text that holds `${`: `container[key]`."""

    container: Container
    key: str | int
    section: str
    """The top-level key below which it stands."""
    mark: Mark


@dataclass(slots=True)
class Tree:
    """The values of one file."""

    value: Value = None
    templates: list[Template] = field(default_factory=list)
    marks: dict[int, Marks] = field(default_factory=dict)
    """By `id` of a container."""


def grow(text: str, *, marked: bool = False) -> Tree:
    """Read one YAML document.

    Args:
        text: the whole file, without a byte order mark.
        marked: keep the marks of all keys and values.

    Raises:
        Malformed: the text is no YAML, or uses what is not accepted.
    """
    builder = _Builder(text, marked=marked)
    try:
        return builder.document()
    except yaml.reader.ReaderError:
        raise bad_character(text) from None
    except yaml.MarkedYAMLError as error:
        raise not_well_formed(text, error) from None
    finally:
        builder.parser.dispose()


def scalar(text: str) -> str | int | float | bool | None:
    """The value of a plain (unquoted) scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMBER_START and len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
    return text


def held(container: Container, key: str | int) -> Value:
    """What a container holds under a key or at an index."""
    return container[key]  # type: ignore[index]  # a key comes with a dict, an index with a list


def put(container: Container, key: str | int, value: Value) -> None:
    """Replace what a container holds."""
    container[key] = value  # type: ignore[index]  # as above


class _Builder:
    def __init__(self, text: str, *, marked: bool) -> None:
        self.parser = yaml.CSafeLoader(text)
        self.get = cast("Callable[[], Event]", self.parser.get_event)
        self.tree = Tree()
        self.marked = marked
        self.templated = "${" in text
        self.section = ""
        self.anchors: dict[str, Value] = {}
        self.weights: dict[int, int] = {}
        self.added = 0

    def document(self) -> Tree:
        self.get()
        if type(self.get()) is STREAM_END:
            return self.tree
        self.tree.value = self.node(self.get(), -1)
        self.get()
        if type(event := self.get()) is not STREAM_END:
            summary, hint = "A second document in one file", "Write one file per stack."
            raise Malformed("DB006", summary, event.start_mark.index, 3, hint=hint)
        return self.tree

    def node(self, event: Event, depth: int) -> Value:
        kind = type(event)
        if kind is SCALAR:
            return self.text(event)
        if kind is ALIAS:
            return self.alias(event)
        return self.collection(event, depth + 1)

    def collection(self, event: Event, depth: int) -> Container:
        if event.tag is not None:
            raise tagged(event)
        if depth == _DEEPEST:
            raise Malformed("DB007", f"More than {_DEEPEST} levels of nesting", event.start_mark.index)
        grown = self.mapping(depth) if type(event) is MAPPING_START else self.sequence(depth)
        if event.anchor:
            # What lies below is complete by now, so no alias can make a circle.
            self.anchors[event.anchor] = grown
            self.weights[id(grown)] = self.weigh(grown)
        return grown

    def mapping(self, depth: int) -> Container:
        get, templated, marked = self.get, self.templated, self.marked
        grown: dict[str, Value] = {}
        marks: Marks = {}
        while type(event := get()) is not MAPPING_END:
            key = self.key(event, grown)
            if not depth:
                self.section = key
            inner = get()
            if type(inner) is SCALAR and inner.tag is None and inner.anchor is None:
                # Nearly all values are such: they are read here, without a further call.
                text = inner.value
                plain = inner.implicit[0] and (text in _WORDS or text[0] in _NUMBER_START)
                grown[key] = scalar(text) if plain else text
            else:
                grown[key] = self.node(inner, depth)
            if templated:
                self.note(grown, key, inner)
            if marked:
                marks[key] = (_mark(event), _mark(inner))
        if marked:
            self.tree.marks[id(grown)] = marks
        return grown

    def sequence(self, depth: int) -> Container:
        grown: list[Value] = []
        marks: Marks = {}
        while type(event := self.get()) is not SEQUENCE_END:
            grown.append(self.node(event, depth))
            if self.templated:
                self.note(grown, len(grown) - 1, event)
            if self.marked:
                marks[len(grown) - 1] = (None, _mark(event))
        if self.marked:
            self.tree.marks[id(grown)] = marks
        return grown

    def text(self, event: Event) -> Value:
        if event.tag not in _PLAIN_TAGS:
            raise tagged(event)
        value = scalar(event.value) if event.implicit[0] and event.tag is None else event.value
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def key(self, event: Event, grown: dict[str, Value]) -> str:
        if type(event) is not SCALAR:
            raise Malformed("DB006", "A key must be text", event.start_mark.index)
        key = event.value
        if key in grown or event.tag is not None or key == "<<" or "${" in key:
            raise bad_key(event, twice=key in grown)
        if event.anchor:
            self.anchors[event.anchor] = key
        return key

    def alias(self, event: Event) -> Value:
        if event.anchor not in self.anchors:
            raise unknown_alias(event)
        value = self.anchors[event.anchor]
        self.added += self.weights.get(id(value), 0)
        if self.added > _MOST_BY_ALIAS:
            raise Malformed("DB007", "Aliases make this file too large", event.start_mark.index)
        return value

    def weigh(self, value: Value) -> int:
        """The number of values in a value, those behind aliases counted each time."""
        if id(value) in self.weights:
            return self.weights[id(value)]
        if isinstance(value, dict):
            return 1 + sum(map(self.weigh, value.values()))
        if isinstance(value, list):
            return 1 + sum(map(self.weigh, value))
        return 1

    def note(self, container: Container, key: str | int, event: Event) -> None:
        value = held(container, key)
        if type(value) is str and "${" in value:
            self.tree.templates.append(Template(container, key, self.section, _mark(event)))


def _mark(event: Event) -> Mark:
    start, end = event.start_mark.index, event.end_mark.index
    if type(event) in COLLECTION_STARTS:
        return Mark(start, start + 1)
    return Mark(start, end, empty=start == end)
