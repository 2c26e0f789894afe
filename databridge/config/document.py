"""A document is one YAML file that could be read; it knows where each of its keys and values is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from databridge.config.lines import Lines, split_lines
from databridge.config.malformed import Malformed
from databridge.config.tree import Container, Mark, Template, Tree, Value, grow, held
from databridge.model.diagnostic import DatabridgeError, Diagnostic, SourceRange

Steps = tuple[str | int, ...]
"""Keys and indexes from the top of a document down to a value."""

CONNECTIONS = ("sources", "destinations")
"""The top-level keys below which credentials may stand."""


@dataclass
class Document:
    """A file's values; references (`${…}`) in them are filled in place, the text stays as written."""

    file: str
    """Relative to the project's folder."""
    text: str
    value: dict[str, Value]
    templates: list[Template]

    def at_value(self, path: Steps) -> SourceRange:
        """Where a value is written; a missing one: its nearest parent."""
        key, value = self._marks(path)
        return self.at(key if key and value.empty else value)

    def at_key(self, path: Steps) -> SourceRange:
        """Where a key is written; for an entry of a list: where the entry begins."""
        key, value = self._marks(path)
        return self.at(key or value)

    def at(self, mark: Mark) -> SourceRange:
        """The place of a mark; private where credentials may stand."""
        found = self._lines.place(mark.start, mark.end - mark.start)
        private = any(start < mark.start < end for start, end in self._private)
        return found.model_copy(update={"private": True}) if private else found

    def mark_of(self, path: Steps) -> Mark:
        """The mark of a value."""
        return self._marks(path)[1]

    def at_reference(self, mark: Mark, reference: str, nth: int) -> SourceRange:
        """Where the text at a mark holds a reference for the nth time, counted from 0."""
        written = self.text[mark.start : mark.end]
        at = -1
        for _ in range(nth + 1):
            at = written.find(reference, at + 1)
        if at < 0:  # an escape sequence or a line break inside the reference
            return self.at(mark)
        return self.at(Mark(mark.start + at, mark.start + at + len(reference)))

    def written(self, path: Steps) -> str:
        """A value as it is written, with its quotes."""
        mark = self._marks(path)[1]
        return self.text[mark.start : mark.end]

    def _marks(self, path: Steps) -> tuple[Mark | None, Mark]:
        current = self._tree.value
        found: tuple[Mark | None, Mark] = (None, Mark(0, 1))
        if not path and isinstance(current, dict) and current:
            path = (next(iter(current)),)
        for step in path:
            marks = self._tree.marks.get(id(current), {})
            if step not in marks:
                break
            found = marks[step]
            current = held(cast("Container", current), step)  # what has marks is a container
        return found

    @cached_property
    def _tree(self) -> Tree:
        return grow(self.text, marked=True)

    @cached_property
    def _private(self) -> list[tuple[int, int]]:
        """The extents of the sections of sources and destinations, and of what says how to reach a store, as offsets."""
        stores = [self.mark_of(path) for path in _stores(self.value)]
        return [*self._connections(), *((mark.start, mark.end) for mark in stores)]

    def _connections(self) -> list[tuple[int, int]]:
        keys = [(name, key.start) for name, (key, _) in self._tree.marks[id(self._tree.value)].items() if key]
        ends = [*(start for _, start in keys[1:]), len(self.text)]
        return [(start, end) for (name, start), end in zip(keys, ends, strict=True) if name in CONNECTIONS]

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.file, self.text)


def _stores(value: dict[str, Value]) -> Iterator[Steps]:
    """The paths of the stores that are more than a folder or a URL."""
    targets = value.get("targets")
    blocks = targets.items() if isinstance(targets, dict) else ()
    for path, each in (((), value), *((("targets", name), block) for name, block in blocks)):
        if isinstance(each, dict) and isinstance(each.get("store"), dict):
            yield (*path, "store")


def read_document(root: Path, path: Path) -> Document:
    """Read one YAML file.

    Raises:
        DatabridgeError: it can't be read, is no acceptable YAML, or is no mapping.
    """
    file = path.relative_to(root).as_posix()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DatabridgeError.of("DB002", f"Can't read {file}", detail=f"{error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise DatabridgeError(_not_utf8(file, error)) from None
    return parse_document(file, text)


def parse_document(file: str, text: str) -> Document:
    """Read the text of one YAML file.

    Raises:
        DatabridgeError: it is no acceptable YAML, or no mapping.
    """
    try:
        tree = grow(text)
    except Malformed as malformed:
        where = Lines(file, text).place(malformed.index, malformed.length)
        private = _section_before(text, malformed.index) in CONNECTIONS
        where = where.model_copy(update={"private": private})
        raise DatabridgeError(
            Diagnostic(code=malformed.code, summary=malformed.summary, hint=malformed.hint, where=where)
        ) from None
    if isinstance(tree.value, dict) and tree.value:
        return Document(file, text, tree.value, tree.templates)
    raise DatabridgeError(_no_mapping(file, tree.value))


_SECTION = re.compile(r"""^["']?(\w+)["']?\s*:""", re.MULTILINE)


def _section_before(text: str, index: int) -> str:
    """The top-level key that an offset lies below, as far as a text that is no YAML tells."""
    found = [*_SECTION.finditer(text, 0, index)]
    return found[-1][1] if found else ""


def _not_utf8(file: str, error: UnicodeDecodeError) -> Diagnostic:
    before = split_lines(error.object[: error.start].decode("utf-8-sig", "replace"))
    return Diagnostic(
        code="DB003",
        summary="The file is not UTF-8 text",
        hint="Save it in the encoding UTF-8.",
        where=SourceRange(file=file, line=len(before), column=len(before[-1]) + 1),
    )


def _no_mapping(file: str, value: Value) -> Diagnostic:
    empty = value is None or value == {}
    return Diagnostic(
        code="DB008",
        summary="The file is empty" if empty else f"Expected keys and values, got {kind_of(value)}",
        hint="Begin it with `project: NAME`."
        if file == "databridge.yaml"
        else "Begin it with `stack: NAME`, or delete it.",
        where=SourceRange(file=file, line=1, column=1),
    )


def kind_of(value: object) -> str:
    """What a value is, in words and without showing it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "`true` or `false`"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "a mapping"
