"""Our marker enters dlt's state in the same load package as the rows, so both count or neither does.

It is set while dlt extracts: set before, dlt would keep it even when the extract fails.
"""

from __future__ import annotations

from collections.abc import Iterator

import dlt
from dlt.extract import DltResource

from databridge.apply.engine import Job
from databridge.model.marker import FILLING_KEY, MARKER_KEY, REMOVED_KEY, RESET_KEY

RESOURCE = "_databridge_marker"
"""The resource that carries it; it yields no row, so no table comes of it."""


def marker_resource(job: Job, *, completed: frozenset[str]) -> DltResource:
    """A resource that writes the marker into the state, or removes it where there is none.

    Args:
        job: what the state shall say of us, and what the load is of.
        completed: resources whose reset this load completes.
    """
    schema_name, marker, filled = job.place.schema_name, job.marker, job.fill

    def write() -> Iterator[object]:
        resources = dlt.current.source_state(schema_name).setdefault("resources", {})
        for cursor in (c for r in resources.values() for c in r.get("incremental", {}).values()):
            # dlt lists a set here, in another order in each process: a state that says the same must look the same.
            cursor["unique_hashes"] = sorted(cursor.get("unique_hashes", ()))
        for name in (resource.name for resource in job.load):
            resources.get(name, {}).pop(REMOVED_KEY, None)
        for name in completed:
            resources.get(name, {}).pop(RESET_KEY, None)  # dlt clears the state of what is replaced
        if filled and filled.again:
            mine = resources.get(filled.resource.name, {})
            mine.pop(FILLING_KEY, None)
            if filled.rest:
                mine[FILLING_KEY] = filled.rest.model_dump(mode="json")
        for name in job.erase:
            resources.pop(name, None)
        state = dlt.current.source_state(MARKER_KEY)
        state.clear()
        if marker is not None:
            state.update(marker.model_dump(mode="json"))
        yield from ()

    return dlt.resource(write, name=RESOURCE)
