"""How the fake engine loads a range of a cursor: what it reads, where it can be divided, and what goes first."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import JsonValue

from databridge.apply.engine import Fill, Job
from databridge.apply.fakeread import Batch, as_cursor, divided, rank_of, table_rows
from databridge.apply.world import SeenResource, World
from databridge.model.cursorvalue import TypedCursor, typed
from databridge.model.diagnostic import DatabridgeError
from databridge.model.naming import normalize_table
from databridge.model.resource import WriteDisposition
from databridge.model.window import Window


def read_range(world: World, job: Job, fill: Fill, seen: SeenResource) -> Batch:
    """Read a range of a table's cursor; of what is merged, only the newest version of each key.

    Args:
        world: holds the source.
        job: names the source.
        fill: which range of which table.
        seen: what is remembered of it, and stays.

    Raises:
        DatabridgeError: the source has no such table, or rows would be appended where there are some.
    """
    resource, field = fill.resource, fill.resource.cursor_field or ""
    rows = table_rows(world, job, resource)
    stored = world.dataset(job.place).tables.get(normalize_table(resource.name), [])
    appends = resource.disposition is WriteDisposition.APPEND
    if appends and not fill.again and any(_is_in(fill.window, each.row[field]) for each in stored):
        raise DatabridgeError.of("DB530", f"`{resource.name}` has rows in that range already")
    if not appends:
        oldest_first = sorted(rows, key=lambda row: rank_of(row[field]))
        rows = list(
            {tuple(repr(r[column]) for column in resource.primary_key): r for r in oldest_first}.values()
        )
    return Batch(resource, tuple(row for row in rows if _is_in(fill.window, row[field])), seen)


def _values_in(world: World, job: Job, fill: Fill) -> list[JsonValue]:
    """The values of the cursor in a window, one a row, rising."""
    values = [row[fill.resource.cursor_field or ""] for row in table_rows(world, job, fill.resource)]
    return sorted((value for value in values if _is_in(fill.window, value)), key=rank_of)


def _is_in(window: Window, value: JsonValue) -> bool:
    """Whether a row with this value of its cursor is in a window."""
    at = rank_of(value)
    return (window.start is None or rank_of(window.first) <= at) and at < rank_of(window.end.value)


def bounds_of(world: World, job: Job) -> tuple[TypedCursor, ...]:
    """Where the range of a job can be divided."""
    if job.fill is None:
        return ()
    values = _values_in(world, job, job.fill)
    return tuple(typed(as_cursor(value)) for value in divided(values, job.fill.resource.rows_per_load))


def clear(world: World, job: Job, effect: Callable[[str], None]) -> None:
    """Delete the rows of a window that is loaded anew."""
    fill = job.fill
    if fill is None or fill.again is None:
        return
    tables, name = world.dataset(job.place).tables, normalize_table(fill.resource.name)
    field = fill.resource.cursor_field or ""
    effect(f"delete a range of {name}")
    tables[name] = [s for s in tables.get(name, []) if not _is_in(fill.window, s.row[field])]
