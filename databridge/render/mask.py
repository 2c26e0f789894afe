"""No credential is shown with the line that it stands in: what may be one becomes `***`, for the rest of the line too if in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator

from databridge.config.credential import holds_credential

MASK = "***"

_KEY = re.compile(r"""(?<![\w.<-])(?P<key>[\w.<-]+)["']?\s*:\s+""")
_COMMENT = re.compile(r"\s#.*$")
_BARE = re.compile(r"\s*(?:-\s+)*")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
_IN_FLOW = re.compile(r"(?:\$\{[^}]*\}|[^,}\]])*")
_OPENERS = re.compile(r"(?<!\$)[{\[]")
_REFERENCES = re.compile(r"""["']?(?:[^${}]*\$\{(?:secrets?|var|env)\.[^}]*\})+["']?\s*""")
_FILLED_LATER = re.compile(r"\$\{(?:var|env)\.")
_ALIAS = re.compile(r"\*[\w-]+")
_NOTHING_TO_HIDE = ("type", "path", "description")
_URLS = ("url", "bucket_url")


def secret_spans(line: str, *, private: bool) -> list[tuple[int, int]]:
    """Where a line of YAML holds what may be a credential: offsets, from left to right and without overlaps.

    Args:
        line: without its line break.
        private: it stands where credentials may; then only values that are known to be none stay.
    """
    spans: list[tuple[int, int]] = []
    for first, last in sorted(_found(line, private=private)):
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        elif first < last:
            spans.append((first, last))
    return spans


def _found(line: str, *, private: bool) -> Iterator[tuple[int, int]]:
    keys = list(_KEY.finditer(line))
    for key in keys:
        end = _end(line, key.start(), key.end())
        if _is_secret(key["key"], line[key.end() : end].strip(), private=private):
            yield key.end(), end
    if not keys:
        start = _BARE.match(line).end()  # type: ignore[union-attr]  # it matches nothing, too
        if _is_secret("", line[start:].strip(), private=private and not line.rstrip().endswith(":")):
            yield start, len(line)
    if private and (comment := _COMMENT.search(line)):
        yield comment.start() + 1, comment.end()


def _end(line: str, key: int, start: int) -> int:
    """Where the value that starts at an offset ends at the latest."""
    if line[start : start + 1] in ("{", "|", ">"):
        return start  # what it holds has keys of its own, or stands on other lines
    if quoted := _QUOTED.match(line, start):
        return quoted.end()
    if line[start : start + 1] not in ("'", '"', "[") and _OPENERS.search(line, 0, key):
        return _IN_FLOW.match(line, start).end()  # type: ignore[union-attr]  # as above
    return len(line)


def _is_secret(key: str, value: str, *, private: bool) -> bool:
    bare = value.strip("\"' ")
    if not bare:
        return False
    if holds_credential(key, _FILLED_LATER.sub("${secret.", bare)):
        return True
    if not private or key in _NOTHING_TO_HIDE or _REFERENCES.fullmatch(value) or _ALIAS.fullmatch(value):
        return False
    return not (key in _URLS and "://" in bare)
