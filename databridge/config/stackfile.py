"""A stack file has this shape; what its sources, destinations, pipelines and resources hold is checked one by one."""

from __future__ import annotations

from pydantic import Field

from databridge.model.frozen import Frozen
from databridge.model.pipeline import DltNames
from databridge.model.schedule import ALWAYS, Schedule

_NAME = r"^[a-z][a-z0-9_]*$"
_ADDRESS = r"^([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*$"

VariableValue = str | int | float | bool | list[str | int | float | bool]
"""What a variable may be set to."""


class SharedFile(Frozen):
    """A file below `stacks/_shared/`: sources and destinations for all stacks."""

    sources: dict[str, object] = Field(default_factory=dict)
    """Where rows come from, by name."""
    destinations: dict[str, object] = Field(default_factory=dict)
    """Where rows go, by name."""


class StackFile(SharedFile):
    """A stack: the unit of ownership, of state and of locking."""

    stack: str
    """The stack's name; small letters, digits and single underscores."""
    description: str = ""
    """For readers; changes nothing."""
    renamed_from: str | None = Field(default=None, pattern=_NAME)
    """The name that the stack had until now: its pipelines are taken over with their rows. It stays: datasets and names in dlt that are
    not written out come from it."""
    owner: str = ""
    """Who answers for it; changes nothing."""
    variables: dict[str, VariableValue] = Field(default_factory=dict)
    """Values for `${var.NAME}` in this file; they override those of the target and the project."""
    pipelines: dict[str, object] = Field(default_factory=dict)
    """What is loaded from where to where, by name."""


class MovedFrom(Frozen):
    """Where a pipeline was loaded until now; what is left out stays as it is."""

    destination: str | None = None
    """The name of a destination of this file or of `stacks/_shared/`."""
    dataset: str | None = None
    """The dataset (schema) there."""


class PipelineBlock(Frozen):
    """A pipeline: one source into one dataset of one destination."""

    source: str
    """The name of a source of this file or of `stacks/_shared/`."""
    destination: str
    """The name of a destination of this file or of `stacks/_shared/`."""
    dataset: str | None = None
    """The dataset (schema) at the destination; by default `STACK_PIPELINE`, with the names that it was created with."""
    schedule: Schedule = ALWAYS
    """When a load is due: `always`, `manual`, a duration such as `1h`, or a cron line (UTC)."""
    description: str = ""
    """For readers; changes nothing."""
    defaults: dict[str, object] = Field(default_factory=dict)
    """What its resources share; each may say otherwise."""
    resources: list[object] = Field(default_factory=list)
    """The tables or file sets; a name alone suffices."""
    renamed_from: str | None = Field(default=None, pattern=_ADDRESS)
    """The name that it had until now, or its address (`STACK.PIPELINE`): its rows and cursors are taken over. It stays: a dataset and
    names in dlt that are not written out come from it."""
    moved_from: MovedFrom | None = None
    """Where it was loaded until now: its rows and cursors are copied to `destination` and `dataset`. It may stay."""
    dlt: DltNames = DltNames()
    """What an adopted dlt pipeline keeps of its own."""
