"""The markers for values are found where the driver finds them: each one it sends a value for, in this order.

Source: python-oracledb's `impl/thin/statement.pyx`: none in comments, texts and quoted names.
"""

from __future__ import annotations

import re

_PARTS = re.compile(
    r"""(?P<skip> --[^\n]* | /\*.*?\*/ | [nN]?[qQ]'\[.*?\]' | '(?:[^']|'')*' | "[^"]*" | :=? (?=[=\s]*=) )
      | :\s*(?P<bind> "[^"]+" | \d+ | [^\W\d][\w$\#]* )""",
    re.VERBOSE | re.DOTALL,
)
PREFIX = "B_"


def numbered(sql: str) -> tuple[str, int]:
    """The statement with its markers named `:B_0`, `:B_1`, … and how many there are."""
    count = 0

    def name(match: re.Match[str]) -> str:
        nonlocal count
        if match["skip"] is not None:
            return match[0]
        count += 1
        return f":{PREFIX}{count - 1}"

    return _PARTS.sub(name, sql), count
