"""No text that went through a redaction holds a known secret, as it is or as a driver would write it in a URL or in quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, quote_plus

_HIDDEN = "***"
_LONG = 4
"""Characters from which on a value is struck out inside of words too; a user `sa` does not hide in `message`."""
_LINE = 16
"""Characters from which on a single line of a secret, of a private key say, is a secret too."""


class Redaction:
    """Strikes secrets out of texts that come from elsewhere: the messages of drivers above all.

    Args:
        values: gives the secrets to strike out; asked each time, since more become known while things run.
    """

    def __init__(self, values: Callable[[], Iterable[str]]) -> None:
        self._values = values
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def __call__(self, text: str) -> str:
        """The text with `***` in place of each secret."""
        known = frozenset(self._values())
        if known != self._known:
            self._known, self._pattern = known, _pattern(known)
        return self._pattern.sub(_HIDDEN, text) if self._pattern else text


def _pattern(values: Iterable[str]) -> re.Pattern[str] | None:
    # Longest first: a secret that begins with another one must not leave its end behind.
    forms = sorted({form for value in values for form in _forms(value)}, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(_alternative, forms))) if forms else None


def _alternative(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= _LONG else rf"(?<!\w){escaped}(?!\w)"


def _forms(value: str) -> Iterator[str]:
    lines = [line for line in value.splitlines() if len(line) >= _LINE]
    for text in {value, value.strip(), *lines} - {""}:
        yield text
        for quoted in (quote(text, safe=""), quote(text), quote(text, safe=" +"), quote_plus(text)):
            yield quoted
            yield re.sub("%..", lambda match: match[0].lower(), quoted)
        for literal in (repr(text), json.dumps(text), json.dumps(text, ensure_ascii=False)):
            yield literal[1:-1]
