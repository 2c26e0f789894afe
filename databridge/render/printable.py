"""Text from outside (names, cursor values, error messages) is made safe to print: one line, and nothing that commands a terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator

from pydantic import JsonValue

_NARROW = re.compile(r"[ -\u02ff\u2190-\u22ff]*")
"""Texts, arrows among them, of which each character takes one cell."""
GLUE = "\u00a0"
"""A blank that holds a phrase together; `printable` leaves none that comes from outside."""
_PLAIN = re.compile(r"[\w./:@+$-]+(?: [\w./:@+$-]+)*")


def printable(text: str) -> str:
    """The text with every control, format and unassigned character written as a Python escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def value_words(value: JsonValue) -> str:
    """A value of a definition: `(none)`, `true`, `[ID, DAY]`; a text is quoted where it would not be seen otherwise."""
    match value:
        case None:
            return "(none)"
        case bool():
            return "true" if value else "false"
        case str():
            return value if _PLAIN.fullmatch(value) else _json(value)
        case list():
            return f"[{', '.join(value_words(item) for item in value)}]"
        case _:
            return _json(value)


def _json(value: JsonValue) -> str:
    return printable(json.dumps(value, ensure_ascii=False))


def transition(before: JsonValue, after: JsonValue) -> str:
    """`BEFORE → AFTER`, never the same text on both sides of the arrow unless the values are equal."""
    old, new = value_words(before), value_words(after)
    if old == new and before != after:
        old, new = _json(before), _json(after)
    return f"{old} →{GLUE}{new}"


def cells(text: str) -> int:
    """How many cells of a terminal a printable text takes (Unicode TR11: wide characters take two)."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def glued(text: str) -> str:
    """The text with blanks at which `folded` does not break it."""
    return text.replace(" ", GLUE)


def unglued(text: str) -> str:
    """The text with blanks for `glued` ones."""
    return text.replace(GLUE, " ")


def padded(text: str, width: int) -> str:
    """The text followed by blanks up to a width in cells; never shortened."""
    return text + " " * (width - cells(text))


def folded(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most `width` cells, broken at blanks only: a word that is longer stays whole."""
    if cells(text) <= width:
        yield unglued(text)
        return
    line, used = "", 0
    for word in text.split(" "):
        length = cells(word)
        if line and used + 1 + length > width:
            yield unglued(line)
            line, used = word, length
        elif line:
            line, used = f"{line} {word}", used + 1 + length
        else:
            line, used = word, length
    yield unglued(line)
