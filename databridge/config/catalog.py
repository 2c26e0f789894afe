"""A catalog knows sources and destinations by name: those of a stack first, then those that all stacks share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, Literal, TypeVar

from pydantic import TypeAdapter

from databridge.config.check import Subject, Told, check, keys_of
from databridge.config.credential import credentials_in, is_credential
from databridge.config.document import Document, Steps, kind_of
from databridge.config.naming import check_name
from databridge.config.problems import Problems
from databridge.config.suggestion import did_you_mean, one_of
from databridge.config.tree import Value
from databridge.config.unavailable import unavailable_key, unavailable_type
from databridge.model.destination import Destination, DuckDbDestination, FilesystemDestination
from databridge.model.source import FilesystemSource, Source, SqliteSource, SqlSource

SOURCE_MODELS: dict[str, type[SqliteSource | SqlSource | FilesystemSource]] = {
    "sqlite": SqliteSource,
    "sql": SqlSource,
    "filesystem": FilesystemSource,
}
DESTINATION_MODELS: dict[str, type[DuckDbDestination | FilesystemDestination]] = {
    "duckdb": DuckDbDestination,
    "filesystem": FilesystemDestination,
}
_MODELS: dict[str, Mapping[str, type[Source | Destination]]] = {
    "source": SOURCE_MODELS,
    "destination": DESTINATION_MODELS,
}

E = TypeVar("E", Source, Destination)
Noun = Literal["source", "destination"]


@dataclass(slots=True)
class Entry(Generic[E]):
    """A source or destination under its name."""

    value: E | None
    """None when it has a problem."""
    type: str
    """As written; empty when that is no text."""
    document: Document
    steps: Steps
    used: bool = False


@dataclass(slots=True)
class Catalog:
    """What pipelines may name."""

    sources: dict[str, Entry[Source]] = field(default_factory=dict)
    destinations: dict[str, Entry[Destination]] = field(default_factory=dict)

    def read(self, document: Document, problems: Problems, *, shared: Catalog | None = None) -> None:
        """Add what one file defines; a name that this catalog or the shared one has already is a problem."""
        below = shared or self
        _read_section("source", document, self.sources, below.sources, problems)
        _read_section("destination", document, self.destinations, below.destinations, problems)


def find(noun: Noun, name: str, own: dict[str, Entry[E]], shared: dict[str, Entry[E]]) -> Entry[E] | str:
    """The entry of a name, or a hint when there is none."""
    entry = own.get(name) or shared.get(name)
    if entry:
        entry.used = True
        return entry
    known = [*own, *shared]
    names = ", ".join(f"`{each}`" for each in sorted(known)[:8])
    otherwise = f"Define it under `{noun}s:`" + (f", or use one of {names}." if known else ".")
    return did_you_mean(name, known, otherwise=otherwise)


def _read_section(
    noun: Noun, document: Document, into: dict[str, Entry[E]], taken: dict[str, Entry[E]], problems: Problems
) -> None:
    section = document.value.get(f"{noun}s")
    if not isinstance(section, dict):
        return
    for name, raw in section.items():
        steps = (f"{noun}s", name)
        check_name(noun, name, document, steps, problems)
        value: E | None = _read(noun, name, raw, document, problems)
        if other := into.get(name) or taken.get(name):
            problems.add(
                "DB112",
                f"The {noun} `{name}` is defined twice",
                document.at_key(steps),
                detail=f"It is also defined at {other.document.at_key(other.steps)}.",
                hint="Remove or rename one of the two.",
            )
            continue
        kind = raw.get("type") if isinstance(raw, dict) else ""
        into[name] = Entry(value, kind if isinstance(kind, str) else "", document, steps)


def _read(noun: Noun, name: str, raw: Value, document: Document, problems: Problems) -> E | None:
    steps = (f"{noun}s", name)
    if not isinstance(raw, dict):
        where = document.at_value(steps).model_copy(update={"private": True})
        problems.add(
            "DB103", f"A {noun} can't be {kind_of(raw)}", where, detail="expected a mapping (`type: …`)"
        )
        return None
    _refuse_credentials(raw, document, steps, problems)
    models = _MODELS[noun]
    kind = raw.get("type")
    if kind is None:
        problems.add(
            "DB102",
            f"`{name}` needs `type`",
            document.at_key(steps),
            hint=f"Add `type:` with {one_of(models)}.",
        )
        return None
    model = models.get(kind) if isinstance(kind, str) else None
    if model is None:
        _tell_type(noun, kind, document, (*steps, "type"), problems)
        return None
    subject = Subject(
        document=document,
        steps=lambda path: (*steps, *path),
        keys=lambda _path: keys_of(model),
        name=lambda _path: f"`{name}`",
        private=True,
        special_key=lambda _path, key: _into_url(model, key) or unavailable_key(noun, key),
    )
    value = check(_adapter(model), raw, subject, problems)
    if isinstance(value, SqlSource):
        _check_url(value.url, document, (*steps, "url"), problems)
    return value  # type: ignore[return-value]  # the models of a noun are its own


@cache
def _adapter(model: type[Source | Destination]) -> TypeAdapter[Source | Destination]:
    return TypeAdapter(model)


def _tell_type(noun: Noun, kind: Value, document: Document, steps: Steps, problems: Problems) -> None:
    where = document.at_value(steps)
    if told := unavailable_type(noun, kind):
        problems.add(told.code, told.summary, where, hint=told.hint)
        return
    written = document.written(steps)
    shown = (
        f"`{written if '${' in written else kind}`"
        if isinstance(kind, str) and kind.isprintable()
        else kind_of(kind)
    )
    known = _MODELS[noun]
    problems.add(
        "DB103",
        f"Unknown {noun} type {shown}",
        where,
        detail=f"expected {one_of(known)}",
        hint=did_you_mean(str(kind), known),
    )


def _refuse_credentials(raw: dict[str, Value], document: Document, steps: Steps, problems: Problems) -> None:
    for path in credentials_in(raw):
        where = document.at_value((*steps, *path)).model_copy(update={"private": True})
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        problems.add(
            "DB032",
            f"A credential in plain text in `{key}`",
            where,
            detail="It would end up in plans, logs and version control.",
            hint="Write `${secret.NAME}` in its place.",
        )


def _into_url(model: type[Source | Destination], key: str) -> Told | None:
    if model is not SqlSource or not (is_credential(key) or key in _PARTS_OF_A_URL):
        return None
    return Told(
        "DB101",
        f"Unknown key `{key}`",
        "Write it into `url`: `DIALECT+DRIVER://user:${secret.NAME}@host:port/database`.",
    )


_PARTS_OF_A_URL = (
    "host",
    "hostname",
    "server",
    "port",
    "user",
    "username",
    "database",
    "dbname",
    "service_name",
)
_DIALECT = re.compile(r"([a-z0-9_]+)(\+[a-z0-9_]+)?://", re.IGNORECASE)
_DRIVERS = {
    "postgresql": "postgresql+psycopg2",
    "postgres": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
}
_ONE_DRIVER = ("sqlite", "duckdb", "databricks")


def _check_url(url: str, document: Document, steps: Steps, problems: Problems) -> None:
    if url.startswith("${secret"):
        return
    found = _DIALECT.match(url)
    if not found:
        where = document.at_value(steps).model_copy(update={"private": True})
        hint = "Write `DIALECT+DRIVER://user:${secret.NAME}@host/database`."
        problems.add("DB130", "This is no SQLAlchemy URL", where, hint=hint)
    elif not found[2] and found[1].lower() not in _ONE_DRIVER:
        dialect = found[1].lower()
        problems.add(
            "DB130",
            f"The URL names no driver for `{dialect}`",
            document.at_value(steps),
            detail="Which driver is the default depends on the version of SQLAlchemy.",
            hint=f"Begin it with `{_DRIVERS.get(dialect, dialect + '+DRIVER')}://`.",
        )
