"""Which copy of a pipeline's state its next run starts from, and what is worth saying about the others.

The rules are dlt's (`Pipeline._sync_destination` of dlt 1.31): the destination's copy is taken when its version is at
least the local one and its hash differs; when they are the same, and when it is older, the local copy stays. The last
is dangerous: rows that only the local copy knows of may be gone from the destination, or others may have come there
since. So it stays only where it made the newest load that is complete there; otherwise the working folder is thrown
away before the run (`local_is_stale`).
"""

from __future__ import annotations

from collections.abc import Iterator

from databridge.model.address import Address
from databridge.model.diagnostic import Diagnostic, Severity
from databridge.model.recorded import DltState, Interrupted, LocationState, LocationStatus, RecordedPipeline
from databridge.plan.finding import Finding
from databridge.plan.statenote import NoteKind, StateNote


def starting_state(found: RecordedPipeline) -> DltState | None:
    """The state that the next run starts from; None when it starts from nothing."""
    local, remote = found.local.state, found.destination.state
    if found.destination.status is LocationStatus.MISSING:
        return None
    if found.pending and found.destination.status is not LocationStatus.SKIPPED:
        return remote  # what waits in the working folder is taken back before the next run, and its state with it
    if local is None:
        return remote
    if found.destination.status is LocationStatus.SKIPPED:
        return local
    if remote and remote.version_hash == local.version_hash:
        return local
    if remote and remote.version >= local.version:
        return remote
    return local if made_the_newest(found.local, found.destination) else remote


def local_is_stale(found: RecordedPipeline) -> bool:
    """Whether the working folder has to go before a run: dlt may go on from its state, and the rows are not as it says."""
    return found.local.state is not None and starting_state(found) is not found.local.state


def local_is_ahead(found: RecordedPipeline) -> bool:
    """Whether the working folder knows what the destination does not, and nobody has loaded anything there since."""
    local, remote = found.local.state, found.destination.state
    return (
        local is not None
        and remote is not None
        and not found.pending
        and remote.version < local.version
        and remote.version_hash != local.version_hash
        and made_the_newest(found.local, found.destination)
    )


def made_the_newest(local: LocationState, remote: LocationState) -> bool:
    """Whether the newest load that is complete at the destination was made from this working folder, and none later."""
    return local.newest_load is not None and local.newest_load == remote.newest_load


def state_notes(
    address: Address, found: RecordedPipeline, interrupted: tuple[Interrupted, ...]
) -> Iterator[StateNote]:
    """What is worth a line under `state`."""
    for open_job in interrupted:
        if open_job.pipeline == address.pipeline_path:
            text = (
                f"interrupted while {open_job.what}, {open_job.stage}; it was begun by run {open_job.run_id}, and unless that "
                "is still at work, the next apply settles it first"
            )
            yield StateNote(kind=NoteKind.INTERRUPTED, address=address, text=text)
    for package in found.pending:
        text = f"load package {package.load_id} was left {package.stage}; apply takes it back and loads its rows again"
        yield StateNote(kind=NoteKind.PENDING, address=address, text=text)
    if found.destination.status is LocationStatus.SKIPPED:
        yield StateNote(
            kind=NoteKind.NOT_READ, address=address, text=f"{found.destination.title} was not read"
        )
    note = _difference(found.local, found.destination)
    if note and not found.pending:  # the local copy goes with what waits there
        yield StateNote(kind=note[0], address=address, text=note[1])


def _difference(local: LocationState, remote: LocationState) -> tuple[NoteKind, str] | None:
    if remote.status is LocationStatus.EMPTIED and local.state and made_the_newest(local, remote):
        return (
            NoteKind.LOCAL_AHEAD,
            f"dlt's state is gone from {remote.kind}; the next run goes on from the local one",
        )
    if remote.state is None or local.status is LocationStatus.UNKNOWN:
        return None
    theirs = f"{remote.kind} v{remote.state.version}"
    if local.state is None:
        return NoteKind.LOCAL_MISSING, f"no local state; the next run restores {theirs}"
    if local.state.version_hash == remote.state.version_hash:
        return None
    ours = f"local v{local.state.version}"
    if remote.state.version < local.state.version and not made_the_newest(local, remote):
        text = f"{ours} is of loads that {theirs} does not have; the next run restores {theirs}"
        return NoteKind.LOCAL_AHEAD, text
    if remote.state.version >= local.state.version:
        return NoteKind.LOCAL_BEHIND, f"{ours} is behind {theirs}; the next run restores {theirs}"
    return NoteKind.LOCAL_AHEAD, f"{ours} is ahead of {theirs}; the next load brings {remote.kind} up to it"


def unreadable(address: Address, place: LocationState) -> Finding | None:
    """The finding for a location that can't be read; nothing is planned for its pipeline."""
    if place.status is LocationStatus.BUSY:
        return Finding(
            code="DB231",
            address=address,
            severity=Severity.ERROR,
            summary=f"{place.title} is busy",
            detail=place.detail,
            hint="Wait until the other process is done, then plan again.",
            blocks=True,
        )
    if place.status is LocationStatus.UNKNOWN:
        return Finding(
            code="DB230",
            address=address,
            severity=Severity.ERROR,
            summary=f"the state at {place.title} can't be read",
            detail=place.detail,
            hint="Mend what keeps it from being read, then plan again; nothing is planned for this pipeline.",
            blocks=True,
        )
    return None


def unsettled(address: Address, why: Diagnostic) -> Finding:
    """The finding for a pipeline whose interrupted load can't be settled: nobody knows yet what is there."""
    return Finding(
        code="DB236",
        address=address,
        severity=Severity.ERROR,
        summary=f"its interrupted load can't be settled yet: {why.summary}",
        detail=why.detail,
        hint="Mend what keeps the destination from being asked, then apply again; others can be applied meanwhile with "
        "--select.",
        blocks=True,
    )
