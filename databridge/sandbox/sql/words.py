"""The words of a statement, read one after the other; comments are no words, and names come without their backticks.

Source: https://docs.databricks.com/en/sql/language-manual/sql-ref-identifiers.html and
https://docs.databricks.com/en/sql/language-manual/data-types/string-type.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from databridge.sandbox.failure import SqlError, parse_error

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a", "%": "\\%", "_": "\\_"}


class Kind(Enum):
    """What a word is."""

    BARE = "bare"
    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    MARK = "mark"


_SPACE = re.compile(r"(?:\s+|--[^\n]*|/\*.*?\*/)+", re.DOTALL)
_FORMS = (
    (Kind.NAME, re.compile(r"`(?:[^`]|``)*`")),
    (Kind.TEXT, re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)),
    (Kind.NUMBER, re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b")),
    (Kind.BARE, re.compile(r"\w+")),
    (Kind.MARK, re.compile(r"==|<=>|<=|>=|<>|!=|\|\||::|=>|.", re.DOTALL)),
)


@dataclass(frozen=True, slots=True)
class Word:
    kind: Kind
    value: str
    start: int
    end: int


class Words:
    """A statement and how far it has been read."""

    def __init__(self, sql: str) -> None:
        self.sql = sql.strip().removesuffix(";").rstrip()
        self._words = _split(self.sql)
        self._next = 0

    @property
    def done(self) -> bool:
        return self._next >= len(self._words)

    @property
    def rest(self) -> str:
        """What has not been read."""
        return "" if self.done else self.sql[self._words[self._next].start :]

    def peek(self, ahead: int = 0) -> str:
        """A bare word or mark in capitals; empty where there is none, or it is quoted."""
        place = self._next + ahead
        if place >= len(self._words) or self._words[place].kind not in {Kind.BARE, Kind.MARK}:
            return ""
        return self._words[place].value.upper()

    def accept(self, *phrase: str) -> bool:
        """Read these words, or nothing where the statement goes on otherwise."""
        if all(self.peek(ahead) == word for ahead, word in enumerate(phrase)):
            self._next += len(phrase)
            return True
        return False

    def accept_any(self, *alternatives: str) -> str:
        """Read one of these words and return it; empty where the statement goes on otherwise."""
        word = self.peek()
        if word and word in alternatives:
            self._next += 1
            return word
        return ""

    def expect(self, *phrase: str) -> None:
        """Read these words.

        Raises:
            SqlError: the statement goes on otherwise.
        """
        for word in phrase:
            if not self.accept(word):
                raise self.error()

    def end(self) -> None:
        """Nothing may be left."""
        if not self.done:
            raise self.error()

    def name(self) -> str:
        """An identifier."""
        if self._kind not in {Kind.NAME, Kind.BARE, Kind.NUMBER}:
            raise self.error()
        return self._take().value

    def names(self) -> tuple[str, ...]:
        """An identifier of one or more parts."""
        parts = [self.name()]
        while self.accept("."):
            parts.append(self.name())
        return tuple(parts)

    def text(self) -> str:
        """A string; strings that touch are one."""
        parts = []
        while self._kind is Kind.TEXT:
            parts.append(self._take().value)
        if not parts:
            raise self.error()
        return "".join(parts)

    def optional_text(self) -> str | None:
        """A string, if one comes next."""
        return self.text() if self._kind is Kind.TEXT else None

    def scalar(self) -> str:
        """A string, number or bare word, as text."""
        if self._kind is Kind.TEXT:
            return self.text()
        sign = "-" if self.accept("-") else ""
        if self._kind not in {Kind.BARE, Kind.NUMBER}:
            raise self.error()
        return sign + self._take().value

    def column_list(self) -> tuple[str, ...]:
        """Identifiers in parentheses."""
        self.expect("(")
        columns = [self.name()]
        while self.accept(","):
            columns.append(self.name())
        self.expect(")")
        return tuple(columns)

    def balanced(self) -> str:
        """What stands between the parenthesis that comes next and its counterpart, as it is written."""
        self.expect("(")
        first = self._next
        depth = 1
        while not self.done:
            depth += {"(": 1, ")": -1}.get(self.peek(), 0)
            self._next += 1
            if depth == 0:
                return self.sql[self._words[first].start : self._words[self._next - 1].start].strip()
        raise self.error()

    def until(self, phrase: str) -> str:
        """What stands before this word outside of parentheses, as it is written; the word is read too."""
        first = self._next
        depth = 0
        while not self.done:
            if depth == 0 and self.peek() == phrase:
                self._next += 1
                return self.sql[self._words[first].start : self._words[self._next - 1].start].strip()
            depth += {"(": 1, ")": -1}.get(self.peek(), 0)
            self._next += 1
        raise self.error()

    def rest_of_it(self) -> str:
        """Everything that is left, as it is written."""
        if self.done:
            raise self.error()
        left = self.rest
        self._next = len(self._words)
        return left

    def pairs(self) -> dict[str, str]:
        """`('a' = 'b', c = 1)`; what stands alone has no value. Names of several parts keep their dots."""
        self.expect("(")
        found: dict[str, str] = {}
        while not self.accept(")"):
            quoted = self.optional_text()
            key = quoted if quoted is not None else ".".join(self.names())
            found[key] = self.scalar() if self.accept("=") else ""
            if self.peek() != ")":
                self.expect(",")
        return found

    def error(self) -> SqlError:
        """That the statement should go on otherwise."""
        return parse_error("" if self.done else self._words[self._next].value, self.sql)

    @property
    def _kind(self) -> Kind | None:
        """Of the word that comes next."""
        return None if self.done else self._words[self._next].kind

    def _take(self) -> Word:
        word = self._words[self._next]
        self._next += 1
        return word


def _split(sql: str) -> list[Word]:
    words: list[Word] = []
    place = 0
    while True:
        if space := _SPACE.match(sql, place):
            place = space.end()
        if place >= len(sql):
            return words
        for kind, form in _FORMS:
            if found := form.match(sql, place):
                words.append(Word(kind, _value(kind, found[0]), place, found.end()))
                place = found.end()
                break


def _value(kind: Kind, written: str) -> str:
    if kind is Kind.NAME:
        return written[1:-1].replace("``", "`")
    if kind is Kind.TEXT:
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), written[1:-1], flags=re.DOTALL)
    return written
