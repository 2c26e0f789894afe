"""A credential is never written in plain text where a file, a variable or the environment can spill it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from databridge.config.tree import Value

_NAME = re.compile(
    r".*(?:passw(?:or)?d|passphrase|secret|token|(?:api|access|account|private|shared)[_-]?key|credentials?)"
    r"|(?:.*[_-])?(?:pwd|pw|sas)",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"://[^:/@\s]*:(?P<password>[^@\s]*)@")
_IN_QUERY = re.compile(r"[?&;](?P<key>[^=&;\s]*)=(?P<value>[^&;\s]*)")
_SIGNATURES = ("sig", "key", "signature")
_IN_ODBC = re.compile(r"(?:pwd|password|accountkey)(?:=|%3d)(?!%24|\$)", re.IGNORECASE)
_BY_REFERENCE = re.compile(r"(?:\$\{secrets?\.[^}]*\})+")


def is_credential(key: str) -> bool:
    """Whether the values of a key are credentials; those of `token_url` and `password_file` are none."""
    return _NAME.fullmatch(key) is not None


def holds_credential(key: str, text: str) -> bool:
    """Whether the value of a key holds a password or token by itself, not by reference."""
    if is_credential(key):
        return not _harmless(text)
    if "://" not in text:
        return False
    return any(not _harmless(secret) for secret in _secrets_in(text))


def _secrets_in(url: str) -> Iterator[str]:
    for found in _IN_URL.finditer(url):
        yield found["password"]
    for found in _IN_QUERY.finditer(url):
        if (
            is_credential(found["key"])
            or found["key"].lower() in _SIGNATURES
            or _IN_ODBC.search(found["value"])
        ):
            yield found["value"]


def _harmless(text: str) -> bool:
    return not text or _BY_REFERENCE.fullmatch(text) is not None


def credentials_in(value: Value, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all values that hold a credential in plain text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from credentials_in(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from credentials_in(inner, (*path, index))
    elif value is not None and not isinstance(value, bool):
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        if holds_credential(key, str(value)):
            yield path
