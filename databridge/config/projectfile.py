"""`databridge.yaml` has this shape; its smallest form is `project: NAME`."""

from __future__ import annotations

from pydantic import Field

from databridge.config.stackfile import VariableValue
from databridge.model.frozen import Frozen


class TargetBlock(Frozen):
    """An environment such as `dev` or `prod`."""

    variables: dict[str, VariableValue] = Field(default_factory=dict)
    """Values for `${var.NAME}`; they override those of the project."""
    store: str | None = None
    """Where this target's state lies; by default where the project says."""


class ProjectFile(Frozen):
    """The project: what its stacks have in common."""

    project: str
    """The project's name; it stands in the state, so keep it."""
    default_target: str | None = None
    """The target when none is named; by default `dev`, or the only one there is."""
    targets: dict[str, TargetBlock | None] = Field(default_factory=dict)
    """The environments by name; `dev` when there are none."""
    variables: dict[str, VariableValue] = Field(default_factory=dict)
    """Values for `${var.NAME}` in all stacks."""
    store: str = "state"
    """The folder of the state, relative to the project's folder."""
