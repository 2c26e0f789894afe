"""What an edit does to dlt's state of resources, apart from what it does to the world; what is read back must equal it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from databridge.model.amendment import Amendment, CountFiles, DropEntry, PlaceCursor, PushLocal, PutState
from databridge.model.recorded import ResourceState


def amended(
    states: Mapping[str, ResourceState],
    amendments: Iterable[Amendment],
    put: Mapping[str, ResourceState] | None = None,
) -> Mapping[str, ResourceState]:
    """What dlt's state says of each resource once all amendments are made.

    Args:
        states: what it says before.
        amendments: in this order.
        put: what the copy says that a `PutState` puts there.
    """
    after = dict(states)
    for amendment in amendments:
        match amendment:
            case PlaceCursor():
                mine = after[amendment.resource]
                cursors = tuple(
                    replace(c, last_value=amendment.value.value) if c.path == amendment.path else c
                    for c in mine.cursors
                )
                after[amendment.resource] = replace(mine, cursors=cursors)
            case DropEntry():
                after[amendment.resource] = ResourceState(amendment.resource, removed=True)
            case CountFiles():
                pass  # an adoption counts files, an edit never does
            case PushLocal():
                pass  # nor does it push as a repair does
            case PutState():
                after = dict(put or {})
            case _:
                assert_never(amendment)
    return after
