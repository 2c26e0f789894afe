"""What the fake engine reads is what dlt would: rows past the cursor and not at its boundary, or new files, or all there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from pydantic import JsonValue

from databridge.apply.engine import Job
from databridge.apply.world import LandedFile, Row, SeenResource, World
from databridge.model.amendment import FILES_MODIFIED, CountFiles
from databridge.model.cursorvalue import CursorValue
from databridge.model.diagnostic import DatabridgeError
from databridge.model.naming import normalize_table
from databridge.model.recorded import CursorState, FileMark
from databridge.model.resource import FileResource, Mode, TableResource, WriteDisposition


@dataclass(frozen=True, slots=True)
class Batch:
    """What one job reads of one resource."""

    resource: TableResource | FileResource
    rows: tuple[Row, ...]
    seen: SeenResource
    """What is remembered of the resource once the rows are loaded."""
    more: int = 0
    """How many parts are left, where only a part was read."""

    @property
    def table(self) -> str:
        """Where the rows go."""
        return normalize_table(self.resource.name)

    @property
    def writes(self) -> bool:
        """Whether the table changes; a replaced one does even without a row."""
        return bool(self.rows) or self.resource.disposition is WriteDisposition.REPLACE


def read_resource(
    world: World, job: Job, resource: TableResource | FileResource, seen: SeenResource
) -> Batch:
    """Read what is new of a resource.

    Args:
        world: holds the source.
        job: names the source and the limit.
        resource: which rows.
        seen: what is remembered of it.

    Raises:
        DatabridgeError: the source has no such table, or a loaded file changed that must not.
    """
    if isinstance(resource, FileResource):
        return _read_files(world, job, resource, seen)
    return _read_table(world, job, resource, seen)


def table_rows(world: World, job: Job, resource: TableResource) -> list[Row]:
    """All rows of a source's table.

    Raises:
        DatabridgeError: the source has none of that name.
    """
    there = world.tables.get(job.source, {}) if job.source else {}
    if resource.name not in there:
        raise DatabridgeError.of("DB513", f"there is no table `{resource.name}`", hint="Correct its name.")
    return list(there[resource.name])


def _read_table(world: World, job: Job, resource: TableResource, seen: SeenResource) -> Batch:
    rows = table_rows(world, job, resource)
    if resource.cursor_field is None or resource.mode is Mode.SNAPSHOT:
        return Batch(resource, tuple(rows[: job.limit]), seen)
    field = resource.cursor_field
    if seen.placed:
        at = seen.cursor(field)
        stored = world.dataset(job.place).tables.get(normalize_table(resource.name), [])
        known = tuple(s.row for s in stored if at and as_cursor(s.row[field]) == at.last_value)
        seen = replace(seen, boundary=known, placed=False)
    split = resource.name in job.split and resource.disposition is not WriteDisposition.REPLACE
    return _past_cursor(resource, field, rows, seen, job.limit, split=split)


def divided(values: list[JsonValue], rows: int) -> list[JsonValue]:
    """The values, of these rising ones, before which a part ends."""
    starts = values[::rows]
    return [value for before, value in pairwise(starts) if value != before]


def _past_cursor(
    resource: TableResource,
    field: str,
    rows: list[Row],
    seen: SeenResource,
    limit: int | None,
    *,
    split: bool,
) -> Batch:
    cursor = seen.cursor(field) or CursorState(
        field, resource.cursor_initial_value, resource.cursor_initial_value
    )
    first = None if cursor.last_value is None else rank_of(cursor.last_value)
    new = [
        row for row in rows if (first is None or rank_of(row[field]) >= first) and row not in seen.boundary
    ]
    new = sorted(new, key=lambda row: rank_of(row[field]))[:limit]
    bounds = divided([row[field] for row in new], resource.rows_per_load) if split else []
    if bounds:
        new = [row for row in new if rank_of(row[field]) < rank_of(bounds[0])]
    last = as_cursor(new[-1][field]) if new else cursor.last_value
    boundary = tuple(row for row in (*seen.boundary, *new) if as_cursor(row[field]) == last)
    return Batch(
        resource,
        tuple(new),
        SeenResource(
            resource.name,
            (CursorState(field, last, cursor.initial_value),),
            filling=seen.filling,
            boundary=boundary,
        ),
        more=len(bounds),
    )


def _read_files(world: World, job: Job, resource: FileResource, seen: SeenResource) -> Batch:
    if job.source not in world.landing:
        raise DatabridgeError.of("DB523", "the landing folder can't be read", hint="Create it.")
    found = world.matching(job.source, resource.glob)
    if resource.mode is Mode.INCREMENTAL:
        changed = {key for key, file in found.items() if key in seen.files and seen.files[key] != file.mark}
        if changed and resource.on_change == "fail":
            raise DatabridgeError.of("DB524", f"{len(changed):,} files of `{resource.name}` changed")
        found = {key: file for key, file in found.items() if key not in seen.files or key in changed}
    taken = dict(_limited(found, job.limit))
    marks = {**seen.files, **{key: file.mark for key, file in taken.items()}}
    rows = tuple(row for file in taken.values() for row in file.rows)
    return Batch(resource, rows, SeenResource(resource.name, files=marks))


def marks_of_loaded(world: World, amendment: CountFiles, listing: SeenResource) -> dict[str, FileMark]:
    """The files that were written when dlt's own listing last looked, or before."""
    cursor = listing.cursor(FILES_MODIFIED)
    until = cursor.last_value if cursor else None
    if not isinstance(until, datetime):
        raise DatabridgeError.of("DB529", f"can't tell which files of `{amendment.resource.name}` are loaded")
    found = world.matching(amendment.source, amendment.resource.glob)
    last = FileMark.of(0, until).modified
    return {key: file.mark for key, file in found.items() if file.mark.modified <= last}


def _limited(files: dict[str, LandedFile], limit: int | None) -> Iterable[tuple[str, LandedFile]]:
    """Whole files until there are enough rows."""
    count = 0
    for key, file in files.items():
        if limit is not None and count >= limit:
            return
        count += len(file.rows)
        yield key, file


def rank_of(value: JsonValue | CursorValue) -> tuple[float, str]:
    """Numbers by size, everything else by its text."""
    return (float(value), "") if isinstance(value, int | float) else (0.0, str(value))


def as_cursor(value: JsonValue) -> CursorValue:
    """A row's value as one of a cursor."""
    return value if isinstance(value, str | int | float) else str(value)
