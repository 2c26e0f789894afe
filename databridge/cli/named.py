"""The source or destination that a command names is the one that the project's files call so; which one is never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from databridge.config.catalog import Written
from databridge.config.document import Document
from databridge.config.suggestion import did_you_mean
from databridge.model.destination import Destination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.source import Source

C = TypeVar("C", Source, Destination)


def named(noun: str, name: str, written: Mapping[str, tuple[Written[C], ...]]) -> Written[C]:
    """What the project's files define under a name.

    Args:
        noun: `source` or `destination`.
        name: as stacks call it; `STACK.NAME` where only that stack has it.
        written: all that the files define.

    Raises:
        DatabridgeError: none is named or defined so, or several stacks define each their own.
    """
    if not name:
        raise DatabridgeError.of(
            "DB600",
            f"it takes a {noun}: dlt does not record where rows come from",
            hint=f"Add --{noun} NAME.",
        )
    stack, dot, bare = name.rpartition(".")
    found = written.get(bare, ())
    if dot:
        found = tuple(each for each in found if each.document.value.get("stack") == stack)
    if not found:
        raise DatabridgeError.of(
            "DB646",
            f"no file of the project defines a {noun} `{name}`",
            hint=did_you_mean(
                name,
                names_of(written),
                otherwise=f"Define it in `stacks/_shared/`, below `{noun}s:`; then try again."
                + (f" There is: {', '.join(names_of(written)[:8])}." if written else ""),
            ),
        )
    if not found[0].shared and len(found) > 1:
        files = " and ".join(each.document.file for each in found)
        raise DatabridgeError.of(
            "DB645",
            f"the {noun} `{name}` is defined in {files}",
            hint=f"Say which one: `{found[0].document.value.get('stack')}.{bare}`, or define the one that is meant in "
            "`stacks/_shared/`, where every stack may name it.",
        )
    return found[0]


def names_of(written: Mapping[str, tuple[Written[C], ...]]) -> list[str]:
    """Every name that `named` takes."""
    names = list(written)
    for name, found in written.items():
        names += [f"{each.document.value.get('stack')}.{name}" for each in found if not each.shared]
    return names


def copied(name: str, written: Written[C]) -> dict[str, Document]:
    """The file whose block of it a new stack copies, because it may not name that one."""
    return {} if written.shared else {name.rpartition(".")[2]: written.document}
