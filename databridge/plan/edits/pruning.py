"""What no load will ask for again goes: nothing of it is what a load goes on from, and no row of it belongs to a load that completed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from databridge.model.address import Address
from databridge.model.edit import Prune
from databridge.model.observed import Observed
from databridge.model.quantity import counted
from databridge.model.recorded import LocationKind
from databridge.model.sweep import Sweep
from databridge.plan.actions import FieldChange
from databridge.plan.consequence import Certainty, Consequence, Count, Risk
from databridge.plan.edits.editplan import PipelineEdit, ResourceEdit
from databridge.plan.edits.part import EditPart, Stage, joined
from databridge.plan.edits.refusal import blocked, unknown
from databridge.plan.edits.scene import Scene
from databridge.plan.finding import Finding
from databridge.plan.repair import STATES
from databridge.plan.statefacts import copies
from databridge.plan.sweeping import sweep_of, takes


def prune(stage: Stage, edit: Prune) -> EditPart:
    """Plan what goes.

    Args:
        stage: the pipelines, each at a closer look.
        edit: what is asked for.

    Raises:
        DatabridgeError: no ledger knows one that is named (DB632).
    """
    for address in edit.addresses:
        if stage.scenes[address.parent].record is None:
            raise unknown(address)
    return joined(_pruned(stage, scene, edit) for _, scene in sorted(stage.scenes.items()))


def _pruned(stage: Stage, scene: Scene, edit: Prune) -> EditPart:
    doubts = stage.doubts(scene)
    if doubts or scene.record is None or scene.found is None:
        # Others are pruned all the same, unless it is this one that was asked for.
        return EditPart(findings=doubts if edit.addresses else ())
    sweep = sweep_of(scene.found, edit.retention, frozenset(edit.loads))
    nothing = tuple(_nothing_left(scene, edit, sweep))
    if nothing or not sweep:
        return EditPart(findings=nothing)
    seen = scene.found.observed or Observed()
    edited = PipelineEdit(
        address=scene.address,
        destination=scene.title,
        dataset=scene.dataset,
        places=tuple(_places(scene, seen, sweep)),
        resources=tuple(_resources(scene, seen, sweep)),
        sweep=sweep,
        after=scene.record,
        marker=scene.start.marker if scene.start else None,
        base=scene.base,
    )
    return EditPart((edited,))


def _nothing_left(scene: Scene, edit: Prune, sweep: Sweep) -> Iterator[Finding]:
    for load_id in edit.loads:
        if load_id not in sweep.loads:
            yield blocked(
                "DB247",
                scene.address,
                f"load {load_id} is on record, or left nothing that could go",
                hint=f"See what is left there: databridge state diff {scene.address}",
            )


def _places(scene: Scene, seen: Observed, sweep: Sweep) -> Iterator[FieldChange]:
    local, remote = copies(scene.found)
    if scene.local_is_stale and local and remote:
        yield FieldChange(path="local", before=f"v{local.version}", after=f"v{remote.version}")
    dead = sum(each.count for each in seen.remains if each.table == STATES and each.load_id in sweep.loads)
    if dead:
        yield FieldChange(path="states of loads that never completed", before=dead, after=0)
    for leftover in seen.leftovers:
        name = (
            f"{leftover.place}/{leftover.table}"
            if leftover.place
            else f"{scene.dataset}_staging.{leftover.table}"
        )
        files = "staged" if leftover.files is None else counted(leftover.files, "file")
        yield FieldChange(path=name, before=files, after=None)
    if sweep.states is not None:
        yield FieldChange(
            path="states at the destination", before=seen.counts.states - dead, after=sweep.states
        )
    if sweep.packages is not None:
        yield FieldChange(path="finished packages kept", before=seen.packages, after=sweep.packages)


def _resources(scene: Scene, seen: Observed, sweep: Sweep) -> Iterator[ResourceEdit]:
    """Rows by the resource that loads their table; of a table that no resource loads, by its own name."""
    tables = {table.name.lower(): table for table in seen.declared.values()}
    gone: dict[str, list[FieldChange]] = defaultdict(list)
    rows: dict[str, int] = defaultdict(int)
    noun = "file" if scene.found and scene.found.destination.kind is LocationKind.FILESYSTEM else "row"
    for each in seen.remains:
        if each.table == STATES or not takes(sweep, each, seen):
            continue
        table = tables.get(each.table)
        name = (table.resource if table else "") or each.table
        rows[name] += each.count
        whose = (
            f"of load {each.load_id} in {each.table}" if each.load_id else f"in {each.table} without a parent"
        )
        gone[name].append(FieldChange(path=f"{noun}s {whose}", before=each.count, after=0))
    for name, changes in sorted(gone.items()):
        count = Count(certainty=Certainty.EXACT, rows=rows[name]) if noun == "row" else Count()
        yield ResourceEdit(
            address=Address(scene.address.stack, scene.address.pipeline, name),
            changes=tuple(changes),
            consequence=Consequence(risk=Risk.DELETE_ROWS, deleted=count),
            words=(f"{counted(rows[name], noun)} that no completed load has brought are deleted for good",),
        )
