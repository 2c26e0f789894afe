"""A source is well when each table that a stack loads can be read with the columns that the stack names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from databridge.engine.doctor.examination import Examination
from databridge.engine.doctor.server import server_checks
from databridge.engine.extraction.connection import engine_of
from databridge.locations.landing import landing_files
from databridge.model.checkup import Outcome
from databridge.model.paths import local_folder
from databridge.model.quantity import counted
from databridge.model.reading import reading_of
from databridge.model.resource import FileResource, Resource, TableResource
from databridge.model.secret import Secrets
from databridge.model.source import FilesystemSource, Source
from databridge.warehouse.sql import told


def source_checks(
    examination: Examination,
    source: Source,
    resources: Sequence[Resource],
    *,
    root: Path,
    secrets: Secrets,
    now: Callable[[], datetime],
) -> None:
    """Check a source.

    Args:
        examination: takes what is found.
        source: the source.
        resources: what stacks load from it.
        root: the project's folder.
        secrets: for its credentials.
        now: the time here, in UTC.

    Raises:
        Over: it can't be used.
    """
    if isinstance(source, FilesystemSource):
        _folder(examination, source, resources, root)
        return
    with server_checks(examination, lambda: engine_of(source, root, secrets), now) as engine:
        if reading := reading_of(source):
            examination.note("reader", Outcome.OK, f"{reading.reader}: {reading.reason}")
        _tables(examination, engine, [each for each in resources if isinstance(each, TableResource)])


def _folder(
    examination: Examination, source: FilesystemSource, resources: Sequence[Resource], root: Path
) -> None:
    folder = local_folder(str(root), source.bucket_url)
    examination.see(
        "listing",
        lambda: (None, counted(len(list(Path(folder).iterdir())), "entry")),
        remedy=f"Create the folder of `{source.bucket_url}`, correct `bucket_url`, or let this user read it.",
    )
    for each in resources:
        if not isinstance(each, FileResource):
            continue
        try:
            found = sum(1 for _ in landing_files(folder, each.glob))
        except OSError as error:
            remedy = f"Create the folder, or correct the glob `{each.glob}`."
            examination.note(each.name, Outcome.FAILED, error.strerror or "it can't be listed", remedy)
            continue
        if found:
            examination.note(each.name, Outcome.OK, f"{counted(found, 'file')} for {each.glob}")
        else:
            examination.note(
                each.name, Outcome.WARNING, f"no file for {each.glob}", "Correct its glob, or wait for files."
            )


def _tables(examination: Examination, engine: sa.Engine, resources: Sequence[TableResource]) -> None:
    if not resources:
        examination.try_to(
            "tables", lambda: _visible(engine), remedy="Let the user see the tables of its schema."
        )
        return
    unread = 0
    for each in resources:
        name = f"{each.schema_name}.{each.name}" if each.schema_name else each.name
        examination.at = name
        if why := _unreadable(engine, each):
            unread += 1
            user = engine.url.username
            grant = f"grant {user} SELECT on it" if user else "let this user read it"
            examination.note(
                name, Outcome.FAILED, why, f"See that it has that name and those columns, and {grant}."
            )
    if not unread:
        examination.note("tables", Outcome.OK, f"{counted(len(resources), 'table')} can be read")


def _visible(engine: sa.Engine) -> str:
    inspector = sa.inspect(engine)
    return f"{counted(len(inspector.get_table_names()), 'table')}, {counted(len(inspector.get_view_names()), 'view')}"


def _unreadable(engine: sa.Engine, resource: TableResource) -> str:
    """Why no row can be read with the columns that the stack names; empty where one can."""
    cursor = (resource.cursor_field,) if resource.cursor_field else ()
    named = dict.fromkeys((*resource.include_columns, *resource.primary_key, *cursor))
    table = sa.table(resource.name, *map(sa.column, named), schema=resource.schema_name)
    columns: list[sa.ColumnElement[Any]] = [*table.columns] or [sa.literal(1)]
    try:
        # A connection each: after a refusal some databases answer nothing more in the same transaction.
        with engine.connect() as connection:
            connection.execute(sa.select(*columns).select_from(table).where(sa.false())).all()
    except sa.exc.SQLAlchemyError as error:
        return str(told(error))
    return ""
