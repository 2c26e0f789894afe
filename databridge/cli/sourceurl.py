"""A source that is given by its URL alone becomes the block that a stack would have, and is judged as that."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from databridge.config.catalog import Written
from databridge.config.connection import SOURCES, read_connection
from databridge.config.document import parse_document
from databridge.config.problems import Problems
from databridge.model.diagnostic import DatabridgeError
from databridge.model.source import Source
from databridge.model.sqlurl import NO_URL, SqlUrl
from databridge.plan.identity import name_in_stack

_WHERE = "--url"


def source_at(url: str) -> tuple[str, Written[Source]]:
    """The name and the block of a source.

    Args:
        url: a SQLAlchemy URL, its password by reference.

    Raises:
        DatabridgeError: it is none that a stack could hold; a password in it would be written down.
    """
    parts = SqlUrl.parse(url) or NO_URL
    fields = {"type": "sql", "url": url}
    if parts.dialect == "sqlite" and parts.database and not parts.query:
        fields = {"type": "sqlite", "path": parts.database}
    name = name_in_stack(PurePosixPath(parts.database).stem) if parts.database else "source"
    lines = [f"    {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in fields.items()]
    document = parse_document(_WHERE, f"sources:\n  {name}:\n{''.join(lines)}")
    problems = Problems()
    value = read_connection(SOURCES, name, dict(fields), document, problems)
    if value is None or problems.failed:
        raise DatabridgeError(*(each.model_copy(update={"where": None}) for each in problems.sorted()))
    return name, Written(value, document, shared=False)
