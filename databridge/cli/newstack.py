"""The file of a new stack appears whole or not at all, and never in the place of another."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from databridge.config.project import STACKS
from databridge.model.diagnostic import DatabridgeError
from databridge.model.foundpipeline import FoundPipeline
from databridge.plan.identity import name_in_stack

_ENDINGS = (".yaml", ".yml")


def stack_file(
    given: str | None, found: Sequence[FoundPipeline] = (), *, option: str = "--stack"
) -> tuple[str, str]:
    """Where a stack for these pipelines is written, relative to the project's folder, and what it is called.

    Args:
        given: what the user says: a file below `stacks/`, or a name.
        found: the pipelines that are in it.
        option: by which the user says it.

    Raises:
        DatabridgeError: the file is not one that is read as a stack.
    """
    if given is None:
        names = {each.name for each in found}
        datasets = {each.dataset for each in found}
        common = datasets if len(datasets) == 1 else names if len(names) == 1 else {"imported"}
        given = name_in_stack(common.pop())
    path = PurePosixPath(given)
    if path.suffix not in _ENDINGS:
        path = PurePosixPath(f"{given}.yaml")
    if len(path.parts) == 1:
        path = PurePosixPath(STACKS, path)
    if (
        path.parts[0] != STACKS
        or ".." in path.parts
        or path.parts[1] == "_shared"
        or path.name.startswith(".")
    ):
        raise DatabridgeError.of(
            "DB600", f"`{given}` is no file of a stack", hint=f"Write: {option} stacks/NAME.yaml"
        )
    return str(path), name_in_stack(path.stem)


def require_free(root: Path, file: str, *, option: str = "--stack") -> None:
    """See that there is no such file yet.

    Raises:
        DatabridgeError: there is one.
    """
    if (root / file).exists():
        raise _taken(file, option)


def write_stack(root: Path, file: str, text: str, *, option: str = "--stack") -> None:
    """Write it.

    Raises:
        DatabridgeError: it is there already, or can't be written.
    """
    path = root / file
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, "utf-8")
        try:
            os.link(unfinished, path)  # unlike a rename, refuses where there is one
        finally:
            unfinished.unlink()
    except FileExistsError:
        raise _taken(file, option) from None
    except OSError as error:
        raise DatabridgeError.of("DB643", f"can't write {file}: {error.strerror}") from None


def _taken(file: str, option: str) -> DatabridgeError:
    return DatabridgeError.of(
        "DB642",
        f"there is a file {file} already",
        hint=f"Name another one: {option} stacks/NAME.yaml",
    )
