"""A pipeline moves one source into one dataset of one destination: exactly one dlt pipeline."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from databridge.model.address import AddressField
from databridge.model.destination import Destination
from databridge.model.frozen import Frozen
from databridge.model.resource import FileResource, TableResource
from databridge.model.schedule import ALWAYS, Schedule
from databridge.model.source import Source


class DltNames(Frozen):
    """What an adopted pipeline may keep of its own."""

    pipeline_name: str | None = None
    """dlt's pipeline name; by default `{stack}_{pipeline}`."""
    schema_name: str | None = None
    """dlt's schema name; by default the pipeline name."""


class Home(Frozen):
    """Where the rows of a pipeline are, or were."""

    destination: Destination
    dataset: str

    def is_same(self, other: Home) -> bool:
        """Whether it is the same place, whatever the way there."""
        return (self.destination.identity, self.dataset) == (other.destination.identity, other.dataset)


class Pipeline(Frozen):
    """A pipeline with everything resolved: variables filled in, defaults merged, secrets by reference."""

    name: str
    former: AddressField | None = None
    """The address that it had until now."""
    source: Source
    destination: Destination
    dataset: str
    """The dataset (schema) at the destination."""
    moved_from: Home | None = None
    """Where it was loaded until now: its rows and cursors go along."""
    schedule: Schedule = ALWAYS
    """When a load is due."""
    resources: tuple[Annotated[TableResource | FileResource, Field(discriminator="kind")], ...] = ()
    dlt_names: DltNames = DltNames()
