"""Names in stacks survive dlt's naming convention unchanged, so that an address and what dlt calls it can't drift apart."""

from __future__ import annotations

import re

from databridge.config.document import Document, Steps
from databridge.config.problems import Problems
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.naming import snake_case

NAME_PATTERN = "[a-z](_?[a-z0-9])*"
"""Small letters, digits and single underscores; a letter first, no underscore last."""

_NAME = re.compile(NAME_PATTERN)
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def check_name(
    noun: str, name: str, document: Document, steps: Steps, problems: Problems, *, key: bool = True
) -> bool:
    """Whether a name may be used; a problem is noted at the key or value that holds it."""
    if _NAME.fullmatch(name):
        return True
    where = document.at_key(steps) if key else document.at_value(steps)
    bare = name.strip().strip("_")
    better = snake_case(bare) if bare.strip() else ""
    problems.add(
        "DB104",
        f"The {noun} name {_shown(name)} is not accepted",
        where,
        detail="Names hold small letters, digits and single underscores, and begin with a letter.",
        hint=f"Write `{better}`, say." if _NAME.fullmatch(better) else "",
    )
    return False


def check_project_name(name: str, document: Document, problems: Problems) -> bool:
    """Whether a project may be called so; its name becomes a folder of the state."""
    problem = _project_problem(name)
    if problem:
        problems.add(problem.code, problem.summary, document.at_value(("project",)), detail=problem.detail)
    return problem is None


def require_project_name(name: str) -> None:
    """See that a project may be called so, before there is a file that says it.

    Raises:
        DatabridgeError: it may not.
    """
    problem = _project_problem(name)
    if problem:
        raise DatabridgeError(problem)


def _project_problem(name: str) -> Diagnostic | None:
    if _PROJECT.fullmatch(name):
        return None
    return Diagnostic(
        code="DB104",
        summary=f"The project name {_shown(name)} is not accepted",
        detail="It holds letters, digits, `_` and `-`, and begins with a letter or digit.",
    )


def _shown(name: str) -> str:
    return f"`{name}`" if name.isprintable() and 0 < len(name) <= 60 else "here"
