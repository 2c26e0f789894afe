"""A statement is read word by word, as Oracle cuts it; what is not quoted is in capitals."""

from __future__ import annotations

import re

from tests.servers.oracle.failure import OracleError, not_understood

_WORD = re.compile(
    r"""\s*(?:--[^\n]*\n|/\*.*?\*/|\s)*
    (?: (?P<text>[nN]?'(?:[^']|'')*') | (?P<quoted>"(?:[^"]|"")+") | (?P<number>\d+(?:\.\d+)?)
      | (?P<word>[^\W\d][\w$\#]*) | (?P<sign>\|\||<=|>=|<>|!=|.) )""",
    re.VERBOSE | re.DOTALL,
)


class Words:
    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._found: list[tuple[str, str, int]] = []
        position = 0
        text = sql.rstrip().removesuffix(";").rstrip()
        while position < len(text) and (match := _WORD.match(text, position)):
            kind = match.lastgroup or "sign"
            self._found.append((kind, match[kind], match.start(kind)))
            position = match.end()
        self._end = len(text)
        self._place = 0

    @property
    def done(self) -> bool:
        return self._place >= len(self._found)

    @property
    def next(self) -> str:
        """The next word in capitals, or sign; empty at the end."""
        if self.done:
            return ""
        kind, text, _ = self._found[self._place]
        return text.upper() if kind == "word" else text

    @property
    def rest(self) -> str:
        """The text from here on."""
        return "" if self.done else self.sql[self._found[self._place][2] : self._end]

    def accept(self, *words: str) -> bool:
        """Pass these words if they come next."""
        for offset, word in enumerate(words):
            place = self._place + offset
            if place >= len(self._found) or self._found[place][0] in {"quoted", "text"}:
                return False
            if self._found[place][1].upper() != word:
                return False
        self._place += len(words)
        return True

    def expect(self, *words: str) -> None:
        if not self.accept(*words):
            raise OracleError(900, f"invalid SQL statement, expected {' '.join(words)} at {self.rest[:40]!r}")

    def name(self) -> str:
        """An identifier, as Oracle keeps it."""
        kind, text, _ = self._take()
        if kind == "quoted":
            return text[1:-1].replace('""', '"')
        if kind != "word":
            raise OracleError(903, "invalid table name")
        return text.upper()

    def names(self) -> tuple[str, ...]:
        """Identifiers in parentheses."""
        self.expect("(")
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        self.expect(")")
        return tuple(found)

    def dotted(self) -> tuple[str, ...]:
        found = [self.name()]
        while self.accept("."):
            found.append(self.name())
        return tuple(found)

    def whole(self) -> int:
        sign = -1 if self.accept("-") else 1
        kind, text, _ = self._take()
        if kind != "number":
            raise OracleError(2017, "integer value required")
        return sign * int(text)

    def text(self) -> str:
        """What a literal text says."""
        kind, text, _ = self._take()
        if kind != "text":
            raise OracleError(1780, "string literal required")
        return text[text.index("'") + 1 : -1].replace("''", "'")

    def until(self, *ends: str) -> str:
        """The text up to one of these words, outside of parentheses, or to the end."""
        start = self._found[self._place][2] if not self.done else self._end
        depth = 0
        while not self.done:
            word = self.next
            if depth == 0 and word in ends:
                break
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth < 0:
                break
            self._place += 1
        end = self._end if self.done else self._found[self._place][2]
        return self.sql[start:end].strip()

    def end(self) -> None:
        """Nothing follows.

        Raises:
            OracleError: something does that is not understood.
        """
        if not self.done:
            raise not_understood(repr(self.rest[:60]))

    def _take(self) -> tuple[str, str, int]:
        if self.done:
            raise OracleError(900, "invalid SQL statement: it ends too early")
        self._place += 1
        return self._found[self._place - 1]
