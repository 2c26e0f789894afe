"""A query goes to the driver with its values as parameters: a value is never pasted into SQL, and no `%` in one is doubled.

Seen with dlt 1.31: `compile_query` writes values into the text, and doubles each `%` in them for drivers of the
`pyformat` style, so that a load from the cursor `50%` took the row `50%%`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler


def bound(query: sa.Select[Any], dialect: sa.Dialect) -> tuple[str, dict[str, object]]:
    """The query's text with place holders in the driver's style, and their values as the driver takes them.

    Args:
        query: any.
        dialect: of the engine that it is meant for.
    """
    compiled = _compiled(query, dialect)
    return str(compiled), _values(compiled, dialect)


def bound_in_order(query: sa.Select[Any], dialect: sa.Dialect) -> tuple[str, list[object]]:
    """The same for a driver whose place holders have no names.

    Args:
        query: any.
        dialect: of the engine that it is meant for.
    """
    compiled = _compiled(query, dialect)
    values = _values(compiled, dialect)
    return str(compiled), [values[name] for name in compiled.positiontup or ()]


def _compiled(query: sa.Select[Any], dialect: sa.Dialect) -> SQLCompiler:
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    return compiled


def _values(compiled: SQLCompiler, dialect: sa.Dialect) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, value in compiled.construct_params().items():
        kind = compiled.binds[name].type if name in compiled.binds else None
        process = kind.dialect_impl(dialect).bind_processor(dialect) if kind is not None else None
        values[name] = process(value) if process else value
    return values
