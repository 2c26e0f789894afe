"""A name here becomes exactly the name that dlt's default naming convention (`snake_case`) gives it at the destination.

Planning must know table names without importing dlt. A property test holds both functions equal to dlt's.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SUBSTITUTES = str.maketrans("+-*@|", "x_xal")
_OTHER = re.compile(r"[^a-zA-Z\d_]+")
_CAPITALISED_WORD = re.compile(r"([^_])([A-Z][a-z]+)")
_CAPITAL_AFTER_SMALL = re.compile(r"([a-z0-9])([A-Z])")
_LEADING_DIGIT = re.compile(r"\d")
_SEVERAL_UNDERSCORES = re.compile(r"__+")

PATH_SEPARATOR = "__"
"""Stands between the names of a table and of a table nested in it."""


@lru_cache(maxsize=65536)
def snake_case(name: str) -> str:
    """The identifier that dlt makes of a name, of any length.

    Raises:
        ValueError: the name is blank.
    """
    name = name.strip()
    if not name:
        raise ValueError("a blank name has no identifier")
    text = _OTHER.sub("_", name.translate(_SUBSTITUTES))
    text = _CAPITALISED_WORD.sub(r"\1_\2", text)
    text = _CAPITAL_AFTER_SMALL.sub(r"\1_\2", text).lower()
    if _LEADING_DIGIT.match(text):
        text = "_" + text
    bare = text.rstrip("_")
    return _SEVERAL_UNDERSCORES.sub("_", bare + "x" * (len(text) - len(bare)))


def normalize_table(name: str) -> str:
    """The table that dlt makes of a resource's name; `__` in it separates parts that are named one by one.

    Empty when the name consists of separators only.
    """
    return PATH_SEPARATOR.join(snake_case(part) for part in name.split(PATH_SEPARATOR) if part.strip())
