"""Our marker enters dlt's state in the same load package as the rows, so both count or neither does.

It is set while dlt extracts: set before, dlt would keep it even when the extract fails.
"""

from __future__ import annotations

from collections.abc import Iterator

import dlt
from dlt.extract import DltResource

from databridge.apply.engine import Job
from databridge.model.marker import MARKER_KEY, REMOVED_KEY, RESET_KEY, Marker

RESOURCE = "_databridge_marker"
"""The resource that carries it; it yields no row, so no table comes of it."""


def marker_resource(
    marker: Marker | None,
    schema_name: str,
    *,
    loaded: frozenset[str],
    completed: frozenset[str],
    erased: frozenset[str],
) -> DltResource:
    """A resource that writes the marker into the state, or removes it where there is none.

    Args:
        marker: what the state shall say of us.
        schema_name: the pipeline's schema.
        loaded: resources that this load is of.
        completed: resources whose reset this load completes.
        erased: resources of which nothing is remembered.
    """

    def write() -> Iterator[object]:
        resources = dlt.current.source_state(schema_name).setdefault("resources", {})
        for cursor in (c for r in resources.values() for c in r.get("incremental", {}).values()):
            # dlt lists a set here, in another order in each process: a state that says the same must look the same.
            cursor["unique_hashes"] = sorted(cursor.get("unique_hashes", ()))
        for name in loaded:
            resources.get(name, {}).pop(REMOVED_KEY, None)
        for name in completed:
            resources.get(name, {}).pop(RESET_KEY, None)  # dlt clears the state of what is replaced
        for name in erased:
            resources.pop(name, None)
        state = dlt.current.source_state(MARKER_KEY)
        state.clear()
        if marker is not None:
            state.update(marker.model_dump(mode="json"))
        yield from ()

    return dlt.resource(write, name=RESOURCE)


def marker_of(job: Job, resetting: frozenset[str]) -> DltResource:
    """The marker of a job, as a resource that is loaded with the others.

    Args:
        job: what is loaded.
        resetting: the resources whose reset it completes.
    """
    loaded = frozenset(resource.name for resource in job.load)
    return marker_resource(
        job.marker, job.place.schema_name, loaded=loaded, completed=resetting, erased=job.erase
    )
