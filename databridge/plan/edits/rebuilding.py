"""A ledger is rebuilt from the markers that travel with the rows: definitions come back, protection is never lost."""

from __future__ import annotations

from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.marker import Marker, records_of
from databridge.plan.edits.definitions import still_protected, with_definitions
from databridge.plan.edits.part import EditPart, Stage, in_ledger_only, joined
from databridge.plan.edits.refusal import blocked
from databridge.plan.edits.scene import Scene


def rebuild(stage: Stage, *, named: bool) -> EditPart:
    """Plan it.

    Args:
        stage: the pipelines.
        named: whether they were asked for by name; then each must have a marker of ours.
    """
    return joined(_rebuilt(stage, scene, named=named) for _, scene in sorted(stage.scenes.items()))


def _rebuilt(stage: Stage, scene: Scene, *, named: bool) -> EditPart:
    doubts = stage.doubts(scene)
    if doubts:
        return EditPart(findings=doubts)
    marker = scene.start.marker if scene.start else None
    if marker is None:
        nothing = blocked(
            "DB246",
            scene.address,
            "there is no entry of databridge in its state that the ledger could be rebuilt from",
            hint="What dlt loaded without databridge is adopted by an apply; see: databridge plan",
        )
        return EditPart(findings=(nothing,) if named else ())
    after = _record(scene, marker)
    if after == scene.record:
        return EditPart()
    resources = tuple(with_definitions(scene.address, (), scene.record, after))
    return in_ledger_only(stage, scene, after=after, resources=resources)


def _record(scene: Scene, marker: Marker) -> PipelineRecord:
    record = scene.record
    if record is None:
        dlt_name, schema_name = scene.dlt_names
        if scene.pipeline is None:
            raise ValueError("a pipeline without a record must stand in a stack")
        return PipelineRecord(
            dlt_name=dlt_name,
            schema_name=schema_name,
            destination=scene.pipeline.destination,
            dataset=scene.pipeline.dataset,
            spec=marker.spec,
            resources=records_of(marker.resources),
            forgotten=records_of(marker.forgotten),
        )
    resources = {name: _known(record, name, marked) for name, marked in records_of(marker.resources).items()}
    return still_protected(record.model_copy(update={"spec": marker.spec, "resources": resources}), record)


def _known(record: PipelineRecord, name: str, marked: ResourceRecord) -> ResourceRecord:
    """The resource as it is marked; when it was last loaded only the ledger knows."""
    known = record.resources.get(name)
    return marked.model_copy(update={"last_load": known.last_load, "owed": known.owed}) if known else marked
