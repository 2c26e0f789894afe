"""What the places of one pipeline hold is compared: its working folder, its destination, what dead loads left, and staging.

A load that is not in `_dlt_loads` never completed, unless its record was deleted; that is not so where older ones still are.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator

from databridge.model.address import Address
from databridge.model.observed import Leftover, Observed, Remains
from databridge.model.quantity import counted
from databridge.model.recorded import LocationKind, LocationStatus, RecordedPipeline
from databridge.plan.drift import Drift
from databridge.plan.statecheck import local_is_stale, made_the_newest

_LOAD_ID = re.compile(r"\d{10}\.\d+")


def copy_drifts(address: Address, found: RecordedPipeline) -> Iterator[Drift]:
    """dlt's state in the working folder against that at the destination; what waits in the folder goes with it."""
    local, remote, there = found.local.state, found.destination.state, found.destination
    for package in found.pending:
        yield Drift(
            code="DB704",
            address=address,
            summary=f"load package {package.load_id} was left {package.stage} in the working folder",
            detail="A load takes it back and loads its rows again.",
            command=f"databridge run {address}",
        )
    if local is None or found.pending:
        return
    if remote is None:
        if there.status is LocationStatus.EMPTIED and made_the_newest(found.local, there):
            yield Drift(
                code="DB705",
                address=address,
                summary=f"dlt's state is gone from {there.title}, and the working folder has it",
                command=f"databridge state push {address}",
            )
        return
    ours, theirs = f"v{local.version}", f"{there.kind} v{remote.version}"
    if local.version_hash == remote.version_hash:
        if local.schema_hash and remote.schema_hash and local.schema_hash != remote.schema_hash:
            yield Drift(
                code="DB703",
                address=address,
                summary=f"the working folder has another schema than {there.title}",
                command=f"databridge state pull {address}",
            )
    elif not local_is_stale(found):
        yield Drift(
            code="DB702",
            address=address,
            summary=f"the working folder is ahead of the destination: {ours}, and {theirs}",
            detail="The next load brings the destination up to it.",
            command=f"databridge repair {address}",
        )
    else:
        behind = remote.version - local.version
        how = f"{counted(behind, 'version')} behind" if behind > 0 else "of other loads than"
        yield Drift(
            code="DB701",
            address=address,
            summary=f"the working folder is {how} the destination: {ours}, and {theirs}",
            detail="The next run starts from the destination's.",
            command=f"databridge state pull {address}",
        )


def leftover_drifts(address: Address, found: RecordedPipeline, dataset: str) -> Iterator[Drift]:
    """What lies at the destination that no load will ask for again."""
    seen = found.observed
    if seen is None:
        return
    yield from _remains(address, found, seen)
    for leftover in seen.leftovers:
        yield Drift(
            code="DB708",
            address=address,
            summary=left_staged(leftover, dataset),
            command=f"databridge repair {address}",
        )


def left_staged(leftover: Leftover, dataset: str) -> str:
    """What lies in staging for no load, in words."""
    files = "" if leftover.files is None else counted(leftover.files, "file")
    if leftover.volume:
        return f"{leftover.place} holds {files} for table {leftover.table}, which no load waits for"
    place = leftover.place or f"{dataset}_staging"
    return f"{place} holds table {leftover.table}{files and f' with {files}'}, which no schema knows"


def _remains(address: Address, found: RecordedPipeline, seen: Observed) -> Iterator[Drift]:
    loads: dict[str, list[Remains]] = defaultdict(list)
    for each in seen.remains:
        loads[each.load_id].append(each)
    orphans = [each for each in loads.pop("", ()) if is_added(each, seen)]
    if orphans:
        yield Drift(
            code="DB706",
            address=address,
            summary=f"{_listed(orphans, found)} have lost the row that they are nested in",
            detail="A load that never completed has left them, or somebody deleted that row.",
            command=f"databridge repair {address}",
        )
    for load_id, left in sorted(loads.items()):
        added = [each for each in left if is_added(each, seen)]
        merged = [each for each in left if not is_added(each, seen)]
        if added:
            yield _added(address, found, load_id, added, dead=is_dead(load_id, seen))
        # An older load's row was merged over, or stands for one that the source no longer has.
        elif merged and _is_newest(load_id, found):
            yield Drift(
                code="DB707",
                address=address,
                summary=f"{_listed(merged, found)} of load {load_id}, which never completed, wait to be loaded again",
                command=f"databridge run {address}",
            )


def _added(
    address: Address, found: RecordedPipeline, load_id: str, left: list[Remains], *, dead: bool
) -> Drift:
    if dead or found.pending:
        command = f"databridge repair {address}"
    else:
        command = f"databridge state prune {address} --load {shlex.quote(load_id)}"
    return Drift(
        code="DB706" if dead else "DB709",
        address=address,
        summary=f"{_listed(left, found)} of load {load_id}, which {'never completed' if dead else 'is not on record'}",
        detail=""
        if dead
        else "No load before it is on record either: perhaps it completed, and its record was deleted since.",
        command=command,
    )


def is_dead(load_id: str, seen: Observed) -> bool:
    """Whether a load that is not on record surely never completed: loads before it are, and it is one of dlt's.

    Where no load is on record, nobody can tell a first load that was killed from a dataset that lost its `_dlt_loads`.
    """
    if seen.oldest_load is None or not (_LOAD_ID.fullmatch(load_id) and _LOAD_ID.fullmatch(seen.oldest_load)):
        return False
    return float(load_id) > float(seen.oldest_load)


def _is_newest(load_id: str, found: RecordedPipeline) -> bool:
    newest = found.destination.newest_load
    return bool(newest and _LOAD_ID.fullmatch(load_id) and load_id > newest)


def is_added(each: Remains, seen: Observed) -> bool:
    """Whether the rows stay beside those that are loaded again: neither a merge nor a replacement takes them away.

    A merge takes nested rows away by their parent, so those that have none stay.
    """
    table = next((t for t in seen.declared.values() if t.name.lower() == each.table), None)
    return table is None or table.write_disposition not in (
        ("merge", "replace") if each.load_id else ("replace",)
    )


def _listed(left: list[Remains], found: RecordedPipeline) -> str:
    noun = "file" if found.destination.kind is LocationKind.FILESYSTEM else "row"
    return ", ".join(f"{counted(each.count, noun)} in {each.table}" for each in left)
