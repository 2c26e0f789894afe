"""What is decided of one pipeline: how it is edited, or why it may not be; nothing of either where it stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from databridge.model.address import Address
from databridge.model.amendment import Amendment
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.marker import Owner, mark
from databridge.model.recorded import DltState, ResourceState
from databridge.plan.actions import FieldChange
from databridge.plan.consequence import Risk
from databridge.plan.edits.editplan import PipelineEdit, ResourceEdit
from databridge.plan.edits.refusal import in_doubt, protected, stateless
from databridge.plan.edits.scene import Scene
from databridge.plan.finding import Finding


@dataclass(frozen=True, slots=True)
class EditPart:
    """An edit of one pipeline and what keeps it from being made."""

    pipelines: tuple[PipelineEdit, ...] = ()
    findings: tuple[Finding, ...] = ()


def joined(parts: Iterable[EditPart]) -> EditPart:
    """All parts as one."""
    listed = list(parts)
    return EditPart(
        tuple(each for part in listed for each in part.pipelines),
        tuple(each for part in listed for each in part.findings),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """The project, and all pipelines that an edit is about."""

    project: str
    target: str
    scenes: Mapping[Address, Scene]

    def owner(self, address: Address) -> Owner:
        """Who we are to a pipeline's data."""
        return Owner(project=self.project, target=self.target, stack=address.stack, pipeline=address.pipeline)

    def doubts(self, scene: Scene) -> tuple[Finding, ...]:
        """Why nobody should edit a pipeline's state as it is; its marker may name any pipeline that is edited too."""
        return tuple(in_doubt(scene, tuple(map(self.owner, self.scenes))))

    def without_state(self, scene: Scene) -> tuple[Finding, ...]:
        """Why there is no state at the destination to edit: doubts first, for they may be the reason."""
        finding = stateless(scene)
        return (self.doubts(scene) or (finding,)) if finding else ()


def states_of(scene: Scene) -> Mapping[str, ResourceState]:
    """What the state that the next load starts from says of each resource."""
    return scene.start.resources if scene.start else {}


def records_of(record: PipelineRecord | None) -> Mapping[str, ResourceRecord]:
    """The resources of a record, if there is one."""
    return record.resources if record else {}


def in_state(
    stage: Stage,
    scene: Scene,
    *,
    amendments: tuple[Amendment, ...],
    after: PipelineRecord | None,
    resources: tuple[ResourceEdit, ...],
    words: tuple[str, ...] = (),
    to: Address | None = None,
    leaves: Address | None = None,
    put: DltState | None = None,
) -> EditPart:
    """An edit that goes to the destination, and with it to the local copy and the ledger.

    Args:
        stage: the project.
        scene: the pipeline; its destination holds its state.
        amendments: what changes in dlt's state.
        after: the ledger's record afterwards.
        resources: what that means for each resource.
        words: what is to be said of the pipeline as a whole.
        to: the address that it has afterwards, if that is not the one that it has.
        leaves: the address that it has now, if that is not the one that its places are known by.
        put: the state that takes the place of the one there, if one does.
    """
    address = to or scene.address
    edit = PipelineEdit(
        address=address,
        leaves=scene.address if to else leaves,
        destination=scene.title,
        dataset=scene.dataset,
        places=(*versions(scene, put), *in_ledger(scene.record, after)),
        resources=resources,
        words=words,
        amendments=amendments,
        after=after,
        marker=mark(stage.owner(address), after) if after else None,
        base=scene.base,
    )
    return EditPart((edit,), (*stage.doubts(scene), *guarded(scene, resources)))


def in_ledger_only(
    stage: Stage,
    scene: Scene,
    *,
    after: PipelineRecord | None,
    resources: tuple[ResourceEdit, ...],
) -> EditPart:
    """An edit that dlt's state has no part in.

    Args:
        stage: the project.
        scene: the pipeline.
        after: the ledger's record afterwards.
        resources: what that means for each resource.
    """
    edit = PipelineEdit(
        address=scene.address,
        destination=scene.title,
        dataset=scene.dataset,
        places=tuple(in_ledger(scene.record, after)),
        resources=resources,
        ledger_only=True,
        after=after,
        base=scene.base,
    )
    return EditPart((edit,), stage.doubts(scene))


def versions(scene: Scene, put: DltState | None) -> Iterator[FieldChange]:
    """The version that every copy has afterwards: one more than any had."""
    versions = [state.version for state in (scene.start, put) if state]
    if scene.found is None or not versions:
        return
    newest = f"v{max(versions) + 1}"
    for name, place in (
        ("local", scene.found.local),
        (scene.found.destination.title, scene.found.destination),
    ):
        yield FieldChange(path=name, before=f"v{place.state.version}" if place.state else None, after=newest)


def in_ledger(before: PipelineRecord | None, after: PipelineRecord | None) -> Iterator[FieldChange]:
    """Whether the ledger gains or loses the pipeline, or the number of its resources."""
    old, new = (len(record.resources) if record else None for record in (before, after))
    if old != new:
        counts = [None if n is None else f"{n:,} {'resource' if n == 1 else 'resources'}" for n in (old, new)]
        yield FieldChange(path="ledger", before=counts[0], after=counts[1])


def guarded(scene: Scene, resources: Iterable[ResourceEdit]) -> Iterator[Finding]:
    """The findings for resources whose next load would be another one, and that are protected from that."""
    records = records_of(scene.record)
    for each in resources:
        record = records.get(each.address.resource)
        if record and each.consequence.risk is not Risk.NONE and (finding := protected(each.address, record)):
            yield finding
