"""What a reader is asked for: one pipeline and where its state should lie, or one resource whose rows are to be counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from databridge.model.address import Address
from databridge.model.destination import Destination
from databridge.model.staging import StagingPlace


@dataclass(frozen=True, slots=True)
class Wanted:
    """One pipeline whose recorded state is asked for."""

    address: str
    """`stack.pipeline`"""
    dlt_name: str
    schema_name: str
    destination: Destination
    dataset: str
    with_tables: bool = False
    """Read tables from the schema too: for pipelines that no ledger knows."""
    resources: Collection[str] = ()
    """Those that were applied: where the table of one is not there, the schema is asked which should be."""
    staging: StagingPlace | None = None
    """Where its files wait, if they do."""
    closely: bool = False
    """Look closer: count what dead loads left, and read real tables and what lies in staging. It takes the schema too."""


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """One resource whose rows are asked for."""

    address: Address
    """The resource's, for the answer."""
    dlt_name: str
    schema_name: str
    destination: Destination
    dataset: str
    resource: str
    """As dlt's schema calls it."""
    key: tuple[str, ...] = ()
    """The columns, as they are called there, that rows are compared by; empty where none are."""
