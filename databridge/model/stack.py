"""A stack is the unit of ownership, of state and of locking; `Desired` is all stacks of a project for one target."""

from __future__ import annotations

from databridge.model.frozen import Frozen
from databridge.model.pipeline import Pipeline


class Stack(Frozen):
    """One stack, resolved for one target."""

    name: str
    owner: str = ""
    description: str = ""
    file: str = ""
    """Where it is written, relative to the project's folder; identity never depends on it."""
    pipelines: tuple[Pipeline, ...] = ()

    def pipeline(self, name: str) -> Pipeline | None:
        """The pipeline of that name."""
        return next((pipeline for pipeline in self.pipelines if pipeline.name == name), None)


class Desired(Frozen):
    """What the stacks of a project say, resolved for one target."""

    project: str
    target: str
    stacks: tuple[Stack, ...] = ()

    def stack(self, name: str) -> Stack | None:
        """The stack of that name."""
        return next((stack for stack in self.stacks if stack.name == name), None)
