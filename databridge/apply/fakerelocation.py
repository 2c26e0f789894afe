"""What the fake engine copies from one dataset to another counts there once its load is complete, and is taken back before."""

from __future__ import annotations

from collections.abc import Callable

from databridge.apply.engine import Place
from databridge.apply.world import Dataset, World
from databridge.model.diagnostic import DatabridgeError

Effect = Callable[[str], None]
"""Told before each effect, which does not happen if it raises."""


def has_some(world: World, place: Place) -> bool:
    """Whether a place lives here, or there is something to copy to it."""
    return place.origin is None or _knows(world.dataset(place.origin), place)


def refuse_filled(world: World, place: Place) -> None:
    """See that nothing stands where something is to be copied.

    Raises:
        DatabridgeError: something does (DB541).
    """
    dataset = world.dataset(place)
    if place.origin is None:
        return
    if _knows(dataset, place) or not dataset.tables.keys().isdisjoint(_own(world, place)):
        raise DatabridgeError.of("DB541", f"there is something in dataset {place.dataset} already")


def copy(world: World, place: Place, effect: Effect) -> None:
    """Copy tables, then what is recorded of their loads, then the schema; nothing for a place without an origin."""
    if place.origin is None:
        return
    old, new = world.dataset(place.origin), world.dataset(place)
    for name in _own(world, place):
        if name in old.tables:
            effect(f"copy {name}")
            new.tables[name] = list(old.tables[name])
    effect("copy the record of loads")
    new.loads |= old.loads
    if place.schema_name in old.newest:
        new.newest[place.schema_name] = old.newest[place.schema_name]
    effect("copy the schema")
    new.schemas[place.schema_name] = dict(old.schemas.get(place.schema_name, {}))


def take_back(world: World, place: Place, effect: Effect) -> None:
    """Remove what was copied, however far that came."""
    dataset = world.dataset(place)
    for name in _own(world, place):
        if name in dataset.tables:
            effect(f"remove the copy of {name}")
            del dataset.tables[name]
    effect("remove what was recorded of the copy")
    dataset.schemas.pop(place.schema_name, None)
    dataset.newest.pop(place.schema_name, None)


def _own(world: World, place: Place) -> tuple[str, ...]:
    """The tables of the pipeline where it comes from."""
    return tuple(world.dataset(place.origin or place).schemas.get(place.schema_name, ()))


def _knows(dataset: Dataset, place: Place) -> bool:
    return place.dlt_name in dataset.states or place.schema_name in dataset.schemas
