"""The table of codes is `databridge.model.codes` in groups; every code stands in exactly one of them."""

from __future__ import annotations

from databridge.model.codes import CODES
from docs.generate.blocks import table

GROUPS: dict[str, tuple[str, str]] = {
    "Files of a project": ("DB001", "DB009"),
    "Targets and variables": ("DB010", "DB029"),
    "Secrets in files": ("DB030", "DB039"),
    "Shape of stacks": ("DB101", "DB109"),
    "Names and references": ("DB110", "DB119"),
    "What resources mean": ("DB120", "DB149"),
    "Warnings about stacks": ("DB150", "DB159"),
    "Findings of a plan": ("DB200", "DB299"),
    "Policies": ("DB300", "DB399"),
    "State and locks": ("DB400", "DB429"),
    "Reading what dlt recorded": ("DB430", "DB449"),
    "Values of secrets": ("DB450", "DB499"),
    "Loading": ("DB500", "DB599"),
    "Use of the command line": ("DB600", "DB699"),
    "Drift": ("DB700", "DB799"),
}
"""The first and the last code of each group."""


def codes() -> str:
    """All codes with their meanings, group by group."""
    return "\n\n".join(f"## {title}\n\n{_rows(*span)}" for title, span in GROUPS.items() if _within(*span))


def _within(first: str, last: str) -> list[str]:
    return sorted(code for code in CODES if first <= code <= last)


def _rows(first: str, last: str) -> str:
    return table(("code", "meaning"), [(f"`{code}`", CODES[code]) for code in _within(first, last)])
