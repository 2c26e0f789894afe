"""What is swept from a pipeline's places: rows of loads that surely died or were named, staging leftovers, what is beyond retention."""

from __future__ import annotations

from databridge.model.observed import Leftover, Observed, Remains
from databridge.model.recorded import LocationKind, LocationStatus, RecordedPipeline
from databridge.model.retention import Retention
from databridge.model.sweep import NOTHING, Sweep
from databridge.plan.placedrift import is_added, is_dead


def sweep_of(
    found: RecordedPipeline, retention: Retention | None, named: frozenset[str] = frozenset()
) -> Sweep:
    """What goes.

    Nothing does while a package is pending, for it would bring rows again that were taken away; nor where the
    destination holds no state, for there nobody knows what was loaded.

    Args:
        found: the pipeline's places, at a closer look.
        retention: how much stays of what is whole; None for all of it.
        named: loads that a person says never completed.
    """
    seen = found.observed
    if seen is None or found.pending or found.destination.status is not LocationStatus.FOUND:
        return NOTHING
    in_rows = found.destination.kind is not LocationKind.FILESYSTEM
    return Sweep(
        loads=_dead(seen, named),
        orphans=any(not each.load_id and is_added(each, seen) for each in seen.remains),
        staged=tuple(leftover.table for leftover in seen.leftovers if not leftover.place),
        bucket=any(leftover.place and not leftover.volume for leftover in seen.leftovers),
        volume=tuple(sorted({leftover.table for leftover in seen.leftovers if leftover.volume})),
        packages=retention.packages if retention and seen.packages > retention.packages else None,
        states=retention.states if retention and in_rows and seen.counts.states > retention.states else None,
    )


def takes(sweep: Sweep, each: Remains, seen: Observed) -> bool:
    """Whether a sweep takes these rows away."""
    return is_added(each, seen) and (each.load_id in sweep.loads if each.load_id else sweep.orphans)


def clears(sweep: Sweep, leftover: Leftover) -> bool:
    """Whether a sweep takes away what is left in staging for this table."""
    if leftover.volume:
        return leftover.table in sweep.volume
    return sweep.bucket if leftover.place else leftover.table in sweep.staged


def _dead(seen: Observed, named: frozenset[str]) -> tuple[str, ...]:
    left = {each.load_id for each in seen.remains if each.load_id and is_added(each, seen)}
    return tuple(sorted(load_id for load_id in left if load_id in named or is_dead(load_id, seen)))
