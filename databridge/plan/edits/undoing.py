"""To undo a run is to take back what it did to rows and to records: the state goes back first, so no cursor is ever ahead of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from databridge.model.address import Address
from databridge.model.amendment import PutState
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import mark
from databridge.model.naming import normalize_table
from databridge.model.quantity import counted
from databridge.model.recorded import ResourceState
from databridge.plan.actions import FieldChange
from databridge.plan.consequence import Certainty, Consequence, Count, Risk
from databridge.plan.edits.definitions import as_recorded, with_definitions
from databridge.plan.edits.editplan import PipelineEdit, ResourceEdit
from databridge.plan.edits.effect import edited
from databridge.plan.edits.part import (
    EditPart,
    Stage,
    guarded,
    in_ledger,
    joined,
    records_of,
    states_of,
    versions,
)
from databridge.plan.edits.past import Past
from databridge.plan.edits.refusal import blocked
from databridge.plan.edits.refusal import kept as kept_by_lifecycle
from databridge.plan.edits.restoring import elsewhere, restore
from databridge.plan.edits.scene import Kept, Scene
from databridge.plan.finding import Finding


def undo(stage: Stage) -> EditPart:
    """Plan it, for every pipeline that the run did something to.

    A run that only edited recorded state is undone as its restore point is put back.
    """
    pasts = {
        address: scene.past
        for address, scene in sorted(stage.scenes.items())
        if scene.past and (scene.past.edited or scene.past.later or not _is_as_it_was(scene))
    }
    unsafe = tuple(f for address, past in pasts.items() for f in _unsafe(stage.scenes[address], past))
    if unsafe:
        return EditPart(findings=unsafe)
    if any(past.edited for past in pasts.values()):
        return restore(stage)
    return joined(
        _taken_back(stage, scene, past, scene.kept)
        for address, past in pasts.items()
        if (scene := stage.scenes[address]).kept
    )


def _is_as_it_was(scene: Scene) -> bool:
    """Whether the ledger knows nothing of the run any more: who undid it died before that was on record."""
    kept = scene.kept.record if scene.kept else None
    return scene.kept is not None and scene.record == (as_recorded(kept, scene.record) if kept else None)


def _unsafe(scene: Scene, past: Past) -> Iterator[Finding]:
    """Why nobody can tell what the run did from what is there now, or why it can't be put back."""
    if past.later:
        runs = [f"{each.run_id} ({each.operation})" for each in past.later]
        yield blocked(
            "DB280",
            scene.address,
            f"{counted(len(runs), 'later run')} changed it: {', '.join(runs[:3])}{' …' if len(runs) > 3 else ''}",
            hint=f"Undo those first, the newest before the others: databridge undo {past.later[0].run_id}",
        )
        return
    if past.undid:
        yield blocked(
            "DB281",
            scene.address,
            "the run took rows back itself, and they are kept nowhere",
            hint="Load them again: databridge apply",
        )
        return
    newest = scene.found.destination.newest_load if scene.found else None
    if past.newest and newest != past.newest:
        there = f"load {newest}, which no run on record made" if newest else "none"
        yield blocked(
            "DB282",
            scene.address,
            f"the newest load at {scene.title} is {there}; the run's was {past.newest}",
            detail="Something else wrote there since, so nobody can tell which rows would be left.",
            hint=f"See what is there: databridge state show {scene.address}",
        )
    if past.renames or past.moved:
        what = ", ".join(f"{old} to {new}" for old, new in past.renames) or "the pipeline"
        yield blocked(
            "DB283",
            scene.address,
            f"the run gave {what} another {'name' if past.renames else 'address'}, which is not taken back by an undo",
            hint="Give it the old one in the stack, with `renamed_from` and the new one, and apply.",
        )
    created = _created(scene, past, scene.kept)
    lost = [name for name in past.rewrites if name not in created and name not in past.copied]
    if lost or (scene.kept and scene.kept.text is None and past.filled):
        names = ", ".join(lost or sorted(past.filled))
        yield blocked(
            "DB281",
            scene.address,
            f"the run changed rows that were there before it, and no copy of them is kept: {names}",
            detail="A run that merges or replaces rows can be undone where it copies their table first: with "
            "`lifecycle: {copy_before_load: true}`, at a destination that keeps copies.",
            hint=f"Load {'it' if len(lost) == 1 else 'them'} anew: databridge reset "
            + " ".join(f"{scene.address}.{name}" for name in lost[:3]),
        )
    if scene.record and scene.kept and scene.kept.record and scene.record.place != scene.kept.record.place:
        yield elsewhere(scene)


def _created(scene: Scene, past: Past, kept: Kept | None) -> frozenset[str]:
    """The resources whose tables came with the run: nothing was there or known of them before."""
    before = records_of(kept.record if kept else None)
    forgotten = kept.record.forgotten if kept and kept.record else {}
    states = kept.state.resources if kept and kept.state else {}
    loaded = {*past.rows, *past.rewrites}
    if kept and kept.record is None and kept.text is None:
        loaded |= records_of(scene.record).keys()
    return frozenset(
        name
        for name in records_of(scene.record)
        if name in loaded
        and not any(name in each for each in (before, forgotten, states))
        and normalize_table(name) not in past.filled
    )


def _taken_back(stage: Stage, scene: Scene, past: Past, kept: Kept) -> EditPart:
    doubts = (*stage.without_state(scene), *stage.doubts(scene))
    if doubts:
        return EditPart(findings=doubts)
    created = _created(scene, past, kept)
    after = as_recorded(kept.record, scene.record) if kept.record else None
    resources = tuple(_resources(scene, past, kept, created, after))
    forbidden = tuple(
        finding
        for name in sorted(created)
        if (finding := kept_by_lifecycle(_of(scene, name), records_of(scene.record)[name]))
    )
    edit = PipelineEdit(
        address=scene.address,
        destination=scene.title,
        dataset=scene.dataset,
        places=(*versions(scene, kept.state), *in_ledger(scene.record, after)),
        resources=resources,
        amendments=(PutState(text=kept.text),) if kept.text else (),
        drop=tuple(sorted(created)),
        back=tuple(name for name in past.copied if name not in created),
        withdraw=past.loads,
        after=after,
        as_it_was=True,
        marker=mark(stage.owner(scene.address), after) if after else None,
        base=scene.base,
    )
    return EditPart((edit,), forbidden or tuple(guarded(scene, resources)))


def _resources(
    scene: Scene, past: Past, kept: Kept, created: frozenset[str], after: PipelineRecord | None
) -> Iterator[ResourceEdit]:
    states: Mapping[str, ResourceState] = kept.state.resources if kept.state else {}
    now = states_of(scene)
    changed = [
        each
        for name in sorted(now.keys() | states.keys())
        if (each := edited(_of(scene, name), None, now.get(name), states.get(name)))
    ]
    told = {
        each.address.resource: each for each in with_definitions(scene.address, changed, scene.record, after)
    }
    for name in sorted(told.keys() | past.rows.keys() | created | set(past.copied)):
        each = told.get(name) or ResourceEdit(address=_of(scene, name))
        rows = past.rows.get(name, 0)
        count = Count(certainty=Certainty.EXACT, rows=rows)
        if name in created:
            change = FieldChange(path="its table", before=counted(rows, "row"), after=None)
            words = "its table is dropped: it came with the run; should a stack have it, the next apply loads it anew"
            consequence = Consequence(risk=Risk.DROP, deleted=count)
        elif name in past.copied:
            change = FieldChange(path="its table", before="as it is", after="as it was before the run")
            words = "its table is put back from the copy that the run made first; what came to it since goes"
            consequence = Consequence(risk=Risk.REWRITE)
        elif rows:
            change = FieldChange(path="rows that the run brought", before=rows, after=0)
            words = (
                f"taken away: {counted(rows, 'row')} of load {', '.join(past.loads)}; what the source still has comes again "
                "with the next load"
            )
            consequence = Consequence(risk=Risk.DELETE_ROWS, deleted=count, reread=count)
        else:
            yield each
            continue
        yield each.model_copy(
            update={"changes": (change, *each.changes), "words": (words,), "consequence": consequence}
        )


def _of(scene: Scene, name: str) -> Address:
    return Address(scene.address.stack, scene.address.pipeline, name)
