"""How the fake engine gives tables another name, and its schema with them; any effect may be the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from databridge.apply.engine import Job, Place, Renames
from databridge.apply.world import World
from databridge.model.diagnostic import DatabridgeError
from databridge.model.naming import normalize_table

Effect = Callable[[str], None]
"""Told of each effect before it happens."""


def refuse_taken(world: World, job: Job) -> None:
    """See that no table stands where another one is to go.

    Raises:
        DatabridgeError: one does (DB528).
    """
    tables = world.dataset(job.place).tables
    for old, new in job.rename:
        table, then = normalize_table(old), normalize_table(new)
        if table != then and tables.keys() >= {table, then}:
            raise DatabridgeError.of("DB528", f"there is a table `{then}` already")


def rename(world: World, place: Place, renames: Renames, effect: Effect) -> None:
    """Rename tables, as far as they bear their old names."""
    dataset = world.dataset(place)
    schema = dataset.schemas.get(place.schema_name, {})
    for old, new in renames:
        table, then = normalize_table(old), normalize_table(new)
        if table in dataset.tables and then not in dataset.tables:
            effect(f"rename {table}")
            dataset.tables[then] = dataset.tables.pop(table)
        if table in schema and schema[table].resource == old:
            effect(f"rename {table} in the schema")
            schema[then] = replace(schema.pop(table), name=then, resource=new)
