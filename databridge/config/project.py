"""A project is loaded whole or not at all, and an error tells every problem of all its files at once."""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from databridge.config.catalog import Catalog, Shelf, Written
from databridge.config.check import Subject, check, keys_of
from databridge.config.collisions import find_collisions
from databridge.config.connection import C
from databridge.config.document import Document, Steps, read_document
from databridge.config.naming import check_project_name
from databridge.config.problems import Problems
from databridge.config.projectfile import ProjectFile
from databridge.config.scope import Scope, definitions, fill_document, variables_used
from databridge.config.stacks import read_shared, read_stack
from databridge.config.store import store_of
from databridge.config.storetable import check_apart
from databridge.config.suggestion import did_you_mean
from databridge.config.target import choose_target, target_scope, targets_of
from databridge.config.unavailable import unavailable_key
from databridge.config.usable import UNSAFE
from databridge.model.bucket import Bucket
from databridge.model.destination import Destination
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.drift import DriftIgnore
from databridge.model.retention import Retention
from databridge.model.source import Source
from databridge.model.stack import Desired
from databridge.model.statetable import StateTable

PROJECT_FILE = "databridge.yaml"
STACKS = "stacks"
SHARED = "_shared"
_FILLED = ("drift", "retention")
"""The keys of the project's file in which references are filled in as in a stack; `store` sees to its own."""


@dataclass(frozen=True)
class Project:
    """A project, resolved for one target."""

    root: Path
    name: str
    target: str
    targets: tuple[str, ...]
    """All there are, in the order of the file."""
    store: Path | Bucket | StateTable
    """Where the state lies: a folder, absolute, a bucket, or a table."""
    desired: Desired
    warnings: tuple[Diagnostic, ...]
    sources: Mapping[str, tuple[Written[Source], ...]] = field(default_factory=dict)
    """All that the files define, by name; those of `stacks/_shared/` first."""
    destinations: Mapping[str, tuple[Written[Destination], ...]] = field(default_factory=dict)
    """All that the files define, by name; those of `stacks/_shared/` first."""
    drift_ignores: tuple[DriftIgnore, ...] = ()
    retention: Retention = field(default_factory=Retention)


def find_project(start: Path) -> Path:
    """The nearest folder that holds `databridge.yaml`, from `start` upwards.

    Raises:
        DatabridgeError: there is none (DB001).
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise DatabridgeError.of(
        "DB001",
        f"No {PROJECT_FILE} in {start} or above it",
        hint="Run `databridge init` to make a project here, or change to the folder of one.",
    )


def load_project(
    root: Path,
    *,
    target: str | None,
    variables: Mapping[str, str],
    environ: Mapping[str, str],
    draft: Document | None = None,
) -> Project:
    """Read all files of a project and resolve them for one target.

    Args:
        root: the folder that holds `databridge.yaml`.
        target: the target to resolve for; None chooses the default one.
        variables: the values of `--var`.
        environ: where `${env.X}` comes from.
        draft: a stack that is read as if it were written.

    Raises:
        DatabridgeError: with all problems of all files, in the order of places.
    """
    with _no_collections():
        return _load(root.absolute(), target, variables, environ, draft)


def _check_folder(root: Path, problems: Problems) -> None:
    unsafe = next((sign for sign in UNSAFE if sign in str(root)), None)
    if unsafe:
        hint = f"Move the project to a folder without `{unsafe}` in its path."
        problems.add(
            "DB009", f"A project can't be used in a folder whose path holds `{unsafe}`", None, hint=hint
        )


def _load(
    root: Path,
    target: str | None,
    variables: Mapping[str, str],
    environ: Mapping[str, str],
    draft: Document | None,
) -> Project:
    problems = Problems()
    _check_folder(root, problems)
    header = _read(root, root / PROJECT_FILE, problems)
    shared, stacks = _documents(root, problems)
    stacks += [draft] if draft else []
    if header is None:
        raise DatabridgeError(*problems.sorted())  # without its variables the stacks make no sense
    targets = targets_of(header, problems)
    chosen = choose_target(target, targets, header, problems)
    scope = target_scope(header, [chosen] if chosen else targets, variables, environ, problems)
    scope.resolve_all()
    _check_given(variables, scope, [header, *shared, *stacks], problems)
    fill_document(header, scope, problems, sections=_FILLED)
    written = check(_adapter(), header.value, _subject(header), problems)
    catalog = Catalog.over(None)
    for document in shared:
        read_shared(document, catalog, scope, problems)
    store, store_steps = store_of(header, chosen, scope, catalog.destinations, problems)
    read = [read_stack(document, catalog, scope, problems) for document in stacks]
    find_collisions(read, str(root), problems)
    if isinstance(store, StateTable):
        pipelines = [each.pipeline for stack in read for each in stack.pipelines if each.pipeline]
        check_apart(store, pipelines, root=str(root), header=header, steps=store_steps, problems=problems)
    if written:
        check_project_name(written.project, header, problems)
    if not stacks and not problems.failed:
        problems.warn(
            "DB151",
            f"There is no stack in {STACKS}/ yet",
            header.at_key(()),
            hint=f"Write one: `{STACKS}/NAME.yaml`.",
        )
    problems.raise_if_failed()
    assert written is not None
    assert chosen is not None
    ordered = tuple(sorted((each.stack() for each in read), key=lambda stack: stack.name))
    desired = Desired.model_construct(project=written.project, target=chosen, stacks=ordered)
    return Project(
        root,
        written.project,
        chosen,
        tuple(targets),
        root / store if isinstance(store, str) else store,
        desired,
        problems.sorted(),
        _defined([catalog.sources, *(each.catalog.sources for each in read)]),
        _defined([catalog.destinations, *(each.catalog.destinations for each in read)]),
        written.drift.ignore,
        written.retention,
    )


def _documents(root: Path, problems: Problems) -> tuple[list[Document], list[Document]]:
    """The shared files and the stack files, each in the order of their paths."""
    top = root / STACKS
    paths = sorted(
        Path(folder, name)
        for folder, _, names in os.walk(top)
        for name in names
        if name.endswith((".yaml", ".yml")) and not name.startswith(".")
    )
    shared: list[Document] = []
    stacks: list[Document] = []
    for path in paths:
        if document := _read(root, path, problems):
            (shared if path.is_relative_to(top / SHARED) else stacks).append(document)
    return shared, stacks


def _defined(shelves: Iterable[Shelf[C]]) -> dict[str, tuple[Written[C], ...]]:
    """What shelves hold, the shared one's first."""
    found: dict[str, list[Written[C]]] = defaultdict(list)
    for shelf in shelves:
        for name, entry in shelf.entries.items():
            if entry.value is not None:
                found[name].append(Written(entry.value, entry.document, shelf.shared is None))
    return {name: tuple(listed) for name, listed in found.items()}


def _read(root: Path, path: Path, problems: Problems) -> Document | None:
    try:
        return read_document(root, path)
    except DatabridgeError as error:
        problems.put(*error.diagnostics)
        return None


def _check_given(
    variables: Mapping[str, str], scope: Scope, documents: list[Document], problems: Problems
) -> None:
    unknown = [name for name in variables if not scope.knows(name)]
    if not unknown:
        return
    used = variables_used(documents)
    defined = {name for each in documents for name in definitions(each, ("variables",), problems)}
    for name in unknown:
        if name not in used | defined:
            hint = did_you_mean(
                name,
                used | defined,
                otherwise="Remove `--var`, or write `${var." + name + "}` where it is needed.",
            )
            problems.add("DB025", f"No file uses the variable `{name}`", None, hint=hint)


def _subject(header: Document) -> Subject:
    return Subject(
        document=header,
        steps=lambda path: path,
        keys=lambda path: keys_of(ProjectFile, path),
        name=_name,
        special_key=lambda path, key: None if path else unavailable_key("project", key),
    )


def _name(path: Steps) -> str:
    match path:
        case ():
            return "The project"
        case (*_, str(section), int()):
            return f"an entry of `{section}`"
        case _:
            return f"`{path[-1]}`"


@cache
def _adapter() -> TypeAdapter[ProjectFile]:
    return TypeAdapter(ProjectFile)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Loading makes many objects and no circles: looking for garbage in them costs a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
