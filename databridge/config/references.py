"""A reference is `${var.x}`, `${env.X}` or `${secret.x}`; the first two are filled in, the third stays as it is.

A text that is one reference and nothing else takes the type of what is referred to. `$${` stands for `${`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from databridge.config.suggestion import did_you_mean
from databridge.config.tree import Value
from databridge.model.secret import REFERENCE as SECRET

_REFERENCE = re.compile(r"\$(\$)?\{([^{}\n]*)(\}?)")
_NAMED = re.compile(r"(var|env|secrets?)\.([A-Za-z_][A-Za-z0-9_.-]*)")


class Unknown(Exception):  # noqa: N818 - named for what is referred to
    """What a reference names does not exist, or has no value; without a code the problem was told elsewhere."""

    def __init__(self, code: str = "", summary: str = "", hint: str = "") -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Failure:
    """A reference that could not be filled."""

    reference: str
    nth: int
    """How many of the same stand before it in the text."""
    code: str
    """Empty where the problem was told elsewhere."""
    summary: str
    hint: str


Lookup = Callable[[str, str], Value]
"""From `var` or `env` and a name to a value; raises Unknown."""


def fill(text: str, lookup: Lookup, *, secrets: bool) -> tuple[Value, list[Failure]]:
    """A text with its references filled in, and those that could not be.

    Args:
        text: as written.
        lookup: where values come from.
        secrets: whether references to secrets may stand here.
    """
    failures: list[Failure] = []
    pieces: list[str] = []
    whole: Value = None
    end = 0
    for found in _REFERENCE.finditer(text):
        pieces.append(text[end : found.start()])
        end = found.end()
        reference = found.group()
        try:
            whole = _value(reference, text, lookup, secrets=secrets)
            pieces.append(_as_text(whole))
        except Unknown as unknown:
            nth = text.count(reference, 0, found.start())
            failures.append(Failure(reference, nth, unknown.code, unknown.summary, unknown.hint))
    if _REFERENCE.fullmatch(text) and not failures:
        return whole, failures
    return "".join([*pieces, text[end:]]), failures


def named_variables(text: str) -> set[str]:
    """The variables that a text refers to."""
    inner = (_NAMED.fullmatch(found.group(2)) for found in _REFERENCE.finditer(text) if not found.group(1))
    return {named.group(2) for named in inner if named and named.group(1) == "var"}


def _value(reference: str, text: str, lookup: Lookup, *, secrets: bool) -> Value:
    if reference.startswith("$$"):
        if secrets and SECRET.fullmatch(reference[1:]):
            # What looks like a reference to a secret is one for whoever connects.
            raise Unknown("DB024", f"`{reference[1:]}` can't be plain text here", "Remove the first `$`.")
        return reference[1:]
    if not reference.endswith("}"):
        hint = "Write `}` at its end, or `$${` for a plain `${`."
        raise Unknown("DB024", f"The reference `{reference}` is not closed", hint)
    named = _NAMED.fullmatch(reference[2:-1])
    if named is None:
        raise Unknown("DB024", f"`{reference}` is no reference", _how_to_refer(reference[2:-1]))
    kind, name = named.groups()
    if kind in ("var", "env"):
        value = lookup(kind, name)
        if isinstance(value, list) and reference != text:
            summary = f"`{reference}` is a list, and can't stand within a text"
            raise Unknown("DB024", summary, "Let it be the whole value.")
        return value
    if not secrets:
        hint = "Refer to secrets in sources and destinations only."
        raise Unknown("DB031", f"The secret `{name}` can't be used here", hint)
    return reference


def _how_to_refer(inner: str) -> str:
    kind, _, name = inner.strip().partition(".")
    name = name.strip()
    if kind.strip() in ("var", "env", "secret", "secrets") and name:
        return f"Write `${{{kind.strip()}.{name}}}`."
    otherwise = "Write `${var.NAME}`, `${env.NAME}` or `${secret.NAME}`; `$${` stands for a plain `${`."
    return did_you_mean(kind, ("var", "env", "secret"), otherwise=otherwise)


def _as_text(piece: Value) -> str:
    if isinstance(piece, bool):
        return "true" if piece else "false"
    return "" if piece is None else str(piece)
