"""A pipeline's rows are copied to another place, and found equal there, before anything in that place says that they are whole.

The order is the promise. Whether the new place is free is asked before anything is prepared. Then dlt makes the tables there from
its own schema; one that differs from the old one in any column ends it before a row is copied. The rows follow, table by table,
each compared with the old one; then the record of the loads that brought them. Last comes the package with the state, and with it
the place counts. Until that package is complete whoever settles the job removes what was copied, for it is ours; the old place is
only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count

import dlt
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient

from databridge.apply.engine import Place
from databridge.engine import relocatefiles, relocaterows
from databridge.engine.holdings import Tables, stored_tables
from databridge.engine.pipelines import is_stored, schema_of
from databridge.engine.relocatestream import Seen, Stream
from databridge.model.diagnostic import DatabridgeError
from databridge.model.quantity import counted

_NEAR = ("duckdb", "filesystem")
"""Kinds of destinations of which one reads another of its kind."""


@dataclass(frozen=True, slots=True)
class Relocation:
    """What is copied from where to where."""

    old: dlt.Pipeline
    new: dlt.Pipeline
    place: Place
    tables: tuple[str, ...]
    """Those of the pipeline's tables that are there, parents and nested ones."""

    def carry_out(self, told: Callable[[str], None], seen: Seen) -> str:
        """Copy all of it.

        Args:
            told: of each step, once it is done.
            seen: where rows pass through here, told how many of which table did.

        Returns:
            What was done, for people.

        Raises:
            DatabridgeError: the new place can't hold a table as it is, or does not hold what was copied.
        """
        _make_tables(self.new, self.tables)
        done, rows = count(1), 0
        for found in self._way(seen).copied(self.old, self.new, self.place, self.tables):
            rows += found
            told(f"copied-{next(done)}")
        told("copied")
        held = counted(rows, "row") if rows else "its files"
        return f"{counted(len(self.tables), 'table')} copied with {held}; both places hold the same"

    def _way(self, seen: Seen) -> relocatefiles.Files | relocaterows.Rows | Stream:
        origin = self.place.origin or self.place
        before, after = origin.destination, self.place.destination
        near = before.identity == after.identity or (before.type == after.type and before.type in _NEAR)
        return _medium(self.new) if near else Stream(seen)


def relocation(
    old: dlt.Pipeline, opened: Callable[[Place], dlt.Pipeline], place: Place, declared: Tables
) -> Relocation | None:
    """What is to be copied, once it is seen that the new place is free for it; None for a place without an origin.

    Args:
        old: in step with its destination.
        opened: opens the same pipeline at another place, over the same working folder.
        place: the new place, with its origin.
        declared: tables that are the pipeline's own, whether or not a schema is stored that has them.

    Raises:
        DatabridgeError: something is there already (DB541), or a table is not in dlt's schema (DB542).
    """
    if place.origin is None:
        return None
    new = opened(place)
    known = declared | stored_tables(old, place.origin.schema_name)
    there = _medium(old).own_tables(old, known)
    schema = schema_of(old)
    for name in there:
        if schema is None or name not in schema.tables:
            raise DatabridgeError.of(
                "DB542",
                f"table `{name}` is not in dlt's schema of the pipeline, so it would stay behind",
                detail="Nothing was copied.",
                hint="If it is none of the pipeline's, rename it; else bring `_dlt_version` back as it was.",
            )
    taken = _medium(new).taken(new, known)
    if taken or is_stored(new, place):
        told = f"there is a table `{taken}` already" if taken else f"dlt knows {place.dlt_name} there already"
        raise DatabridgeError.of(
            "DB541",
            f"its rows can't be copied to dataset {place.dataset}: {told}",
            detail="Nothing was copied.",
            hint="Choose another dataset, or move what is there out of the way.",
        )
    return Relocation(old, new, place, tuple(there))


def take_back(old: dlt.Pipeline, new: dlt.Pipeline, place: Place) -> None:
    """Remove from the new place what a relocation has put there, however far it came.

    Args:
        old: opened at the old place.
        new: opened at the new place, whose state does not count yet.
        place: the new place, with its origin.
    """
    known = stored_tables(old, place.schema_name) | stored_tables(new, place.schema_name)
    with new.destination_client() as client:
        there = client.is_storage_initialized()
    if there:
        _medium(new).remove(new, place, [name for name in known if not name.startswith("_dlt")])


def _make_tables(pipeline: dlt.Pipeline, tables: Iterable[str]) -> None:
    with pipeline.destination_client() as client:
        client.initialize_storage()
        client.update_stored_schema(
            only_tables=[*tables, *pipeline.default_schema.dlt_table_names()], force=True
        )


def _medium(pipeline: dlt.Pipeline) -> relocatefiles.Files | relocaterows.Rows:
    with pipeline.destination_client() as client:
        is_files = isinstance(client, FilesystemClient)
    return relocatefiles.Files() if is_files else relocaterows.Rows()
