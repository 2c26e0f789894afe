"""A connection is one source or destination block; no value of it is shown in an error, for it may be a credential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, Literal, TypeVar

from pydantic import TypeAdapter

from databridge.config.check import Subject, Told, check, keys_of
from databridge.config.credential import credentials_in, is_credential
from databridge.config.document import Document, Steps, kind_of
from databridge.config.problems import Problems
from databridge.config.suggestion import did_you_mean, one_of
from databridge.config.tree import Value
from databridge.config.unavailable import unavailable_key, unavailable_type
from databridge.config.url import part_of_url
from databridge.config.usable import unusable
from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.source import (
    FilesystemSource,
    MsSqlSource,
    MySqlSource,
    OracleSource,
    PostgresSource,
    Source,
    SqliteSource,
    SqlSource,
)

C = TypeVar("C", Source, Destination)


@dataclass(frozen=True)
class Kind(Generic[C]):
    """Sources, or destinations."""

    noun: Literal["source", "destination"]
    models: Mapping[str, type[C]]
    """By `type`."""

    @property
    def section(self) -> str:
        """The top-level key below which they stand."""
        return f"{self.noun}s"


SOURCES: Kind[Source] = Kind(
    "source",
    {
        "postgres": PostgresSource,
        "mysql": MySqlSource,
        "mssql": MsSqlSource,
        "oracle": OracleSource,
        "sqlite": SqliteSource,
        "sql": SqlSource,
        "filesystem": FilesystemSource,
    },
)
DESTINATIONS: Kind[Destination] = Kind(
    "destination",
    {
        "duckdb": DuckDbDestination,
        "filesystem": FilesystemDestination,
        "databricks": DatabricksDestination,
        "sql": SqlDestination,
    },
)


def read_connection(kind: Kind[C], name: str, raw: Value, document: Document, problems: Problems) -> C | None:
    """The source or destination of a name; None when it has a problem."""
    steps: Steps = (kind.section, name)
    if not isinstance(raw, dict):
        summary = f"A {kind.noun} can't be {kind_of(raw)}"
        problems.add("DB103", summary, document.at_value(steps), detail="expected a mapping (`type: …`)")
        return None
    below: Steps
    for below in credentials_in(raw):
        _refuse_credential((*steps, *below), document, problems)
    named = raw.get("type")
    if named is None:
        hint = f"Add `type:` with {one_of(kind.models)}."
        problems.add("DB102", f"`{name}` needs `type`", document.at_key(steps), hint=hint)
        return None
    model = kind.models.get(named) if isinstance(named, str) else None
    if model is None:
        _tell_type(kind, named, document, (*steps, "type"), problems)
        return None
    value = check(_adapter(model), raw, _subject(kind, model, name, document), problems)
    path: Steps
    for path, told in unusable(value):
        problems.add(told.code, told.summary, document.at_value((*steps, *path)), hint=told.hint)
    return value


@cache
def _adapter(model: type[C]) -> TypeAdapter[C]:
    return TypeAdapter(model)


def _subject(kind: Kind[C], model: type[C], name: str, document: Document) -> Subject:
    def special_key(path: Steps, key: str) -> Told | None:
        if path:
            return None
        if kind.models.get("sql") is model and (told := part_of_url("user" if is_credential(key) else key)):
            return Told(told.code, f"Unknown key `{key}`", told.hint)
        return unavailable_key(kind.noun, key)

    return Subject(
        document=document,
        steps=lambda path: (kind.section, name, *path),
        keys=lambda path: keys_of(model, path),
        name=lambda path: f"`{path[-1] if path else name}`",
        private=True,
        special_key=special_key,
    )


def _tell_type(kind: Kind[C], named: Value, document: Document, steps: Steps, problems: Problems) -> None:
    where = document.at_value(steps)
    if told := unavailable_type(kind.noun, named):
        problems.add(told.code, told.summary, where, hint=told.hint)
        return
    written = document.written(steps)
    shown = f"`{written if '${' in written else named}`" if isinstance(named, str) else kind_of(named)
    expected, hint = f"expected {one_of(kind.models)}", did_you_mean(str(named), kind.models)
    problems.add("DB103", f"Unknown {kind.noun} type {shown}", where, detail=expected, hint=hint)


def _refuse_credential(steps: Steps, document: Document, problems: Problems) -> None:
    key = next((step for step in reversed(steps) if isinstance(step, str)), "")
    problems.add(
        "DB032",
        f"A credential in plain text in `{key}`",
        document.at_value(steps),
        detail="It would end up in plans, logs and version control.",
        hint="Write `${secret.NAME}` in its place.",
    )
