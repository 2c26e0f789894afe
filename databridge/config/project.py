"""A project is loaded whole or not at all, and an error tells every problem of all its files at once."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from databridge.config.catalog import Catalog
from databridge.config.check import Subject, check, keys_of
from databridge.config.collisions import find_collisions
from databridge.config.document import Document, read_document
from databridge.config.naming import check_name, check_project_name
from databridge.config.problems import Problems
from databridge.config.projectfile import ProjectFile
from databridge.config.references import fill
from databridge.config.scope import Definition, Scope, report, variables_used
from databridge.config.stacks import definitions, read_shared, read_stack
from databridge.config.suggestion import did_you_mean
from databridge.config.unavailable import unavailable_key
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.stack import Desired

PROJECT_FILE = "databridge.yaml"
STACKS = "stacks"
SHARED = "_shared"
DEFAULT_TARGET = "dev"
DEFAULT_STORE = "state"


@dataclass(frozen=True)
class Project:
    """A project, resolved for one target."""

    root: Path
    name: str
    target: str
    targets: tuple[str, ...]
    """All there are, in the order of the file."""
    store: Path
    """The folder of the state; absolute."""
    desired: Desired
    warnings: tuple[Diagnostic, ...]


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
    root: Path, *, target: str | None, variables: Mapping[str, str], environ: Mapping[str, str]
) -> Project:
    """Read all files of a project and resolve them for one target.

    Args:
        root: the folder that holds `databridge.yaml`.
        target: the target to resolve for; None chooses the default one.
        variables: the values of `--var`.
        environ: where `${env.X}` comes from.

    Raises:
        DatabridgeError: with all problems of all files, in the order of places.
    """
    with _no_collections():
        return _load(root.absolute(), target, variables, environ)


def _load(
    root: Path, target: str | None, variables: Mapping[str, str], environ: Mapping[str, str]
) -> Project:
    problems = Problems()
    header = _read(root, root / PROJECT_FILE, problems)
    shared, stacks = _documents(root, problems)
    if header is None:
        raise DatabridgeError(*problems.sorted())  # without its variables the stacks make no sense
    written = check(_adapter(), header.value, _subject(header), problems)
    targets = _targets(header, problems)
    chosen = _choose(target, targets, header, problems)
    scope = _scope(header, chosen, targets, variables, environ, problems)
    scope.resolve_all()
    store = _store(header, chosen, scope, problems)
    _check_given(variables, scope, [header, *shared, *stacks], problems)
    catalog = Catalog.over(None)
    for document in shared:
        read_shared(document, catalog, scope, problems)
    read = [read_stack(document, catalog, scope, problems) for document in stacks]
    find_collisions(read, problems)
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
        tuple(targets) or (DEFAULT_TARGET,),
        root / store,
        desired,
        problems.sorted(),
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


def _read(root: Path, path: Path, problems: Problems) -> Document | None:
    try:
        return read_document(root, path)
    except DatabridgeError as error:
        problems.put(*error.diagnostics)
        return None


def _targets(header: Document, problems: Problems) -> list[str]:
    targets = header.value.get("targets")
    if not isinstance(targets, dict):
        return []
    for name in targets:
        check_name("target", name, header, ("targets", name), problems)
    return list(targets)


def _choose(wanted: str | None, targets: list[str], header: Document, problems: Problems) -> str | None:
    """The target to resolve for; None, and a problem, when it does not exist or is not clear."""
    known = targets or [DEFAULT_TARGET]
    given = header.value.get("default_target")
    if isinstance(given, str) and given not in known:
        hint = did_you_mean(given, known, otherwise="Define it under `targets:`.")
        problems.add("DB011", f"Unknown target `{given}`", header.at_value(("default_target",)), hint=hint)
        given = None
    if wanted is not None:
        if wanted in known:
            return wanted
        otherwise = f"Define it under `targets:` in {PROJECT_FILE}, or use {' or '.join(f'`--target {each}`' for each in known[:5])}."
        problems.add(
            "DB011", f"Unknown target `{wanted}`", None, hint=did_you_mean(wanted, known, otherwise=otherwise)
        )
        return None
    if isinstance(given, str):
        return given
    if DEFAULT_TARGET in known or len(known) == 1:
        return DEFAULT_TARGET if DEFAULT_TARGET in known else known[0]
    hint = f"Pass `--target {known[0]}`, say, or set `default_target`."
    problems.add(
        "DB012", "No target is chosen, and none is the default", header.at_key(("targets",)), hint=hint
    )
    return None


def _scope(
    header: Document,
    chosen: str | None,
    targets: list[str],
    variables: Mapping[str, str],
    environ: Mapping[str, str],
    problems: Problems,
) -> Scope:
    found: dict[str, Definition] = definitions(header, "variables", problems)
    # With no target chosen those of all count, so that the stacks can be checked all the same.
    for target in [chosen] if chosen else targets:
        found |= definitions(header, "targets", problems, target=target)
    return Scope(found, variables, environ, problems)


def _store(header: Document, chosen: str | None, scope: Scope, problems: Problems) -> str:
    """The folder of the state as written for the target, else for the project."""
    targets = header.value.get("targets")
    block = targets.get(chosen or "") if isinstance(targets, dict) else None
    own = isinstance(block, dict) and "store" in block
    steps = ("targets", chosen or "", "store") if own else ("store",)
    value = block["store"] if own and isinstance(block, dict) else header.value.get("store", DEFAULT_STORE)
    if not isinstance(value, str):
        return DEFAULT_STORE
    if "${" in value:
        filled, failures = fill(value, scope.lookup, secrets=False)
        report(failures, header, header.mark_of(steps), problems)
        value = str(filled)
    if "://" in value:
        hint = "Write a folder, such as `store: state`."
        problems.add(
            "DB105", "A store outside of a folder is not available yet", header.at_value(steps), hint=hint
        )
    if not value.strip() or "\0" in value:
        problems.add("DB103", "Wrong value for `store`", header.at_value(steps), detail="expected a folder")
    return value


def _check_given(
    variables: Mapping[str, str], scope: Scope, documents: list[Document], problems: Problems
) -> None:
    unknown = [name for name in variables if not scope.knows(name)]
    if not unknown:
        return
    used = variables_used(documents)
    defined = {name for each in documents for name in definitions(each, "variables", problems)}
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
        name=lambda path: f"`{path[-1]}`" if path else "The project",
        special_key=lambda path, key: None if path else unavailable_key("project", key),
    )


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
