"""A drill crashes one apply before each of its effects in turn, applies again, and wants the world of a calm apply.

Worlds are compared, not plans: an append table that was loaded twice makes no plan show a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hypothesis import assume

from databridge.apply.fake import Crash, Fuse
from databridge.apply.world import Dataset, SeenResource
from databridge.model.diagnostic import DatabridgeError
from databridge.model.ledger import PipelineRecord
from databridge.model.naming import normalize_table
from databridge.model.recorded import Recorded
from databridge.model.resource import TableResource
from databridge.model.run import Outcome
from databridge.model.stack import Desired
from databridge.plan.actions import Repair
from tests.support.histories import Mishap, Turn
from tests.support.world import Site


class Refused(Exception):
    """A turn's plan is blocked."""


def prepared(history: tuple[Turn, ...]) -> tuple[Site, Turn]:
    """A site after all turns but the last, and as the last one meets it.

    Raises:
        Refused: a plan is blocked.
    """
    site = Site()
    for turn in history[:-1]:
        turn.meet(site)
        calm(site, turn)
    history[-1].meet(site)
    return site, history[-1]


def arranged(history: tuple[Turn, ...]) -> tuple[Site, Turn]:
    """A site before the last turn, whose plan can be applied."""
    try:
        site, turn = prepared(history)
    except Refused:
        assume(False)
    assume(not site.plan(turn.desired).blocking)
    return site, turn


def calm(site: Site, turn: Turn) -> tuple[str, ...]:
    """Apply in peace; the effects that it had.

    Raises:
        Refused: the plan is blocked.
    """
    fuse = Fuse()
    try:
        _, run = site.apply(turn.desired, fuse=fuse)
    except DatabridgeError as error:
        raise Refused from error
    assert run is None or all(part.outcome is not Outcome.FAILED for part in run.pipelines), run
    return tuple(fuse.effects)


def drill(history: tuple[Turn, ...]) -> Iterator[str]:
    """Crash the last turn everywhere; each effect before which the world was mended afterwards.

    Raises:
        Refused: a plan of the calm history is blocked.
        AssertionError: somewhere it was not mended.
    """
    before, turn = prepared(history)
    once = before.copy()
    effects = calm(once, turn)
    twice = once.copy()
    calm(twice, turn)
    for number, effect in enumerate(effects):
        site = before.copy()
        crash(site, turn, number)
        again = repeated(before, site, turn)
        when = f"after a crash before effect {number}, {effect}"
        remade = _remade(site, turn)
        _mend(site, turn, when)
        found, first, second = (facts(each, turn.desired) for each in (site, once, twice))
        for fact in (found.keys() | first.keys()) - remade:
            wanted = second if fact in again else first
            assert found.get(fact) == wanted.get(fact), (
                f"{fact} {when}: {found.get(fact)}, calm: {wanted.get(fact)}"
            )
        yield effect


def _remade(site: Site, turn: Turn) -> frozenset[str]:
    """What is remembered of tables that died before they were made: they come from their start, and no backfill is on record."""
    recorded = records(site.recorded(turn.desired))
    found: set[str] = set()
    for action in site.copy().plan(turn.desired).actions:
        path = (action.address.stack, action.address.pipeline)
        if isinstance(action, Repair) and action.loads and path in recorded:
            name = _name(recorded[path], action.address.resource)
            found |= {f"memory of {name}", f"marker of {action.address.parent}"}
    return frozenset(found)


def drill_twice(history: tuple[Turn, ...], first: int, second: int) -> None:
    """Crash the last turn, crash the apply that mends it, and apply a third time.

    Args:
        history: what was applied.
        first: after how many effects the first one dies; taken modulo what there are.
        second: the same for the one after it.

    Raises:
        Refused: a plan of the calm history is blocked.
        AssertionError: it was not mended.
    """
    before, turn = prepared(history)
    worlds = [before.copy()]
    effects = calm(worlds[0], turn)
    if not effects:
        return
    for _ in range(2):
        worlds.append(worlds[-1].copy())
        calm(worlds[-1], turn)
    site = before.copy()
    crash(site, turn, first % len(effects))
    left = calm(site.copy(), turn)
    if left:
        crash(site, turn, second % len(left))
    _mend(
        site, turn, f"after a crash before {effects[first % len(effects)]}, and another before one of {left}"
    )
    wanted = [facts(world, turn.desired) for world in worlds]
    for fact, found in facts(site, turn.desired).items():
        # How often a load that is due at every apply was made is told by `drill`; here: never in part, never lost.
        assert any(found == each.get(fact) for each in wanted), (
            f"{fact}: {found}, calm: {wanted[0].get(fact)}"
        )


def drill_undone(history: tuple[Turn, ...], first: int) -> None:
    """Crash the last turn, take its edits back, and apply until nothing is due: no row is lost, none stands twice.

    Only what a load leaves alike however often it is made is compared: not snapshots that are appended, nor what
    columns beside the key hold, nor what was to start earlier: rows that a backfill brought stay.

    Raises:
        Refused: a plan on the way is blocked.
        AssertionError: a table holds other rows than if the edits had never been made.
    """
    before, turn = prepared(history)
    undone = replace(history[-2], tables=turn.tables, files=turn.files, mishap=Mishap.NONE)
    effects = calm(before.copy(), turn)
    spared, site = before.copy(), before.copy()
    crash(site, turn, first % len(effects)) if effects else None
    for each in (spared, site):
        for _ in range(2):
            calm(each, undone)
            each.wait(hours=2)
    when = f"after a crash before {effects[first % len(effects)]}" if effects else "with nothing to do"
    for record in records(spared.recorded(undone.desired)).values():
        for name in record.resources.keys() - {"COUNTRIES"} - _backfilled(turn.desired, undone.desired):
            table = _name(record, name)
            found, wanted = _keys(site, table), _keys(spared, table)
            assert found == wanted, f"{table} {when}: {found}, not {wanted}"


def _backfilled(*written: Desired) -> frozenset[str]:
    """The resources that do not always start from the same value."""
    starts = {
        (r.name, r.cursor_initial_value)
        for each in written
        for stack in each.stacks
        for pipeline in stack.pipelines
        for r in pipeline.resources
        if isinstance(r, TableResource)
    }
    names = [name for name, _ in starts]
    return frozenset(name for name in names if names.count(name) > 1)


def _keys(site: Site, table: str) -> list[str]:
    """The rows by what tells them apart: a reset that was begun may have brought newer versions of some."""
    return sorted(str(row.get("id", row)) for row in site.world.contents().get(table, []))


def crash(site: Site, turn: Turn, effects: int) -> None:
    """Apply, and die after so many effects."""
    try:
        site.apply(turn.desired, fuse=Fuse(effects))
    except Crash:
        return
    raise AssertionError(f"survived {effects} effects")


def _mend(site: Site, turn: Turn, when: str) -> None:
    try:
        _, run = site.apply(turn.desired)
    except DatabridgeError as error:
        raise AssertionError(f"refused {when}: {error}") from error
    assert run is None or run.exit_code == 0, f"failed {when}: {run}"
    left = site.plan(turn.desired)
    assert not left.changes, f"changes left {when}: {left.changes}"


def repeated(before: Site, after: Site, turn: Turn) -> frozenset[str]:
    """What a further apply may rightly load once more: what the dead one had loaded, or adopted, which loads nothing yet.

    What its open jobs load is settled by that apply, and not loaded once more.
    """
    recorded = after.recorded(turn.desired)
    was, now = _arrived(before.recorded(turn.desired)), records(recorded)
    found: set[str] = set()
    jobs = {(s, job.begun.pipeline): job for s in after.store.stacks() for job in after.store.open_entries(s)}
    for path, record in now.items():
        old = was[path].resources if path in was else {}
        done = {n for n, r in record.resources.items() if n not in old or r.last_load != old[n].last_load}
        found.update(_names(record, done.difference(jobs[path].begun.loads if path in jobs else ())))
    for path, job in jobs.items():
        record_after = job.begun.after or now.get(path)
        if record_after and job.load_ids and _dataset(after, record_after).loads.issuperset(job.load_ids):
            known = recorded.stacks[path[0]].record(path[1])  # here, or where it comes from
            kept = {*job.begun.loads, *(known.resources if known else ())}
            found.update(_names(record_after, record_after.resources.keys() - kept))
    return frozenset(found)


def facts(site: Site, desired: Desired) -> dict[str, object]:
    """What there is of each resource, of each pipeline, and every table, by name."""
    found: dict[str, object] = {}
    for (stack, pipeline), record in records(site.recorded(desired)).items():
        found[f"definition of {stack}.{pipeline}"] = {
            n: (r.spec, r.lifecycle) for n, r in record.resources.items()
        }
        found[f"owed by {stack}.{pipeline}"] = [name for name, r in record.resources.items() if r.owed]
        found[f"marker of {stack}.{pipeline}"] = site.marker(record)
        state = _dataset(site, record).states.get(record.dlt_name)
        for name, known in (state.resources if state else {}).items():
            if known != SeenResource(name):
                found[f"memory of {_name(record, name)}"] = known
    return {**found, **site.world.contents()}


def _names(record: PipelineRecord, resources: Iterable[str]) -> Iterator[str]:
    for resource in resources:
        yield _name(record, resource)
        yield f"memory of {_name(record, resource)}"


def _name(record: PipelineRecord, resource: str) -> str:
    return f"{record.destination.title}/{record.dataset}.{normalize_table(resource)}"


def _dataset(site: Site, record: PipelineRecord) -> Dataset:
    return site.world.datasets.get((record.destination.title, record.dataset), Dataset())


def _arrived(recorded: Recorded) -> dict[tuple[str, str], PipelineRecord]:
    """The same, with what moves under its new address too."""
    moving = {
        (stack, name): arrival.record
        for stack, found in recorded.stacks.items()
        for name, arrival in found.arrivals.items()
    }
    return records(recorded) | moving


def records(recorded: Recorded) -> dict[tuple[str, str], PipelineRecord]:
    """Every pipeline that a ledger knows, lost ones rebuilt, by stack and name."""
    return {
        (stack, name): record
        for stack, found in recorded.stacks.items()
        for name, record in (found.ledger.pipelines if found.ledger else {}).items()
    }
