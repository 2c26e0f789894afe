"""How the fake engine sets tables aside before a job drops them, and puts them back; each effect may be the last."""

from __future__ import annotations

from collections.abc import Callable

from databridge.apply.engine import Job, Place
from databridge.apply.world import World
from databridge.model.diagnostic import DatabridgeError
from databridge.model.restorepoint import copies_of

Effect = Callable[[str], None]
"""Told of each effect before it happens."""


def keep(world: World, job: Job, effect: Effect) -> None:
    """Copy the tables that a job is going to drop or rewrite, if it shall."""
    if job.copied:
        world.set_aside.setdefault(_kept_at(job.place, job.copy_for), {})
    dataset = world.dataset(job.place)
    for name, table in dataset.schemas.get(job.place.schema_name, {}).items():
        if table.resource in job.copied and name in dataset.tables:
            effect(f"copy {name}")
            kept = world.set_aside[_kept_at(job.place, job.copy_for)]
            kept[name] = (list(dataset.tables[name]), table)


def refuse_gone(world: World, job: Job) -> None:
    """See that what is to be put back is there.

    Raises:
        DatabridgeError: it is not (DB531).
    """
    if job.back and _kept_at(job.place, job.back_from) not in world.set_aside:
        raise DatabridgeError.of(
            "DB531", f"there is no copy of the tables as they were before run {job.back_from}"
        )


def put_back(world: World, job: Job, effect: Effect) -> None:
    """Put copies in the place of tables."""
    if not job.back:
        return
    dataset = world.dataset(job.place)
    schema = dataset.schemas.setdefault(job.place.schema_name, {})
    for name in [n for n, table in schema.items() if table.resource in job.back]:
        effect(f"drop {name}")
        dataset.tables.pop(name, None)
        del schema[name]
    for name, (rows, table) in world.set_aside[_kept_at(job.place, job.back_from)].items():
        if table.resource in job.back:
            effect(f"put {name} back")
            dataset.tables[name], schema[name] = list(rows), table


def let_go(world: World, place: Place, run_ids: tuple[str, ...], effect: Effect) -> None:
    """Forget copies."""
    for run_id in run_ids:
        if _kept_at(place, run_id) in world.set_aside:
            effect(f"let go of what was copied for {run_id}")
            del world.set_aside[_kept_at(place, run_id)]


def _kept_at(place: Place, run_id: str) -> tuple[str, str]:
    return place.destination.title, copies_of(place.dataset, run_id)
