"""A draft is a stack that nobody has written yet, with what whoever reads it has to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from databridge.model.pipeline import DltNames
from databridge.model.resource import FileResource, TableResource


@dataclass(frozen=True, slots=True)
class DraftPipeline:
    """A pipeline of a draft."""

    name: str
    source: str
    """What it is called, in the stack or in `stacks/_shared/`."""
    destination: str
    """The same."""
    dataset: str
    dlt_names: DltNames
    resources: tuple[TableResource | FileResource, ...]
    defaults: Mapping[str, str] = field(default_factory=dict)
    """What all resources share; it is not said again at each."""
    remarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Something to know of a resource's fields, by its name and theirs."""
    above: tuple[str, ...] = ()
    """What is to be known of the pipeline, a paragraph each."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A stack."""

    name: str
    pipelines: tuple[DraftPipeline, ...]
    above: tuple[str, ...] = ()
    """What is to be known of it, a paragraph each."""
