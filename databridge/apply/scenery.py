"""Where the copies of a pipeline's state are looked for, as an edit or a restore point needs them."""

from __future__ import annotations

from databridge.locations.wanted import Wanted
from databridge.model.marker import Owner
from databridge.model.stack import Desired
from databridge.model.staging import staging_place
from databridge.plan.edits.scene import Scene
from databridge.plan.identity import destination_of


def wanted_of(scene: Scene, desired: Desired, *, closely: bool) -> Wanted | None:
    """Where to look; None for a pipeline that nothing is known of."""
    record = scene.record or (scene.kept.record if scene.kept else None)
    if record is None and (scene.pipeline is None or scene.kept is not None):
        return None
    dlt_name, schema_name = scene.dlt_names
    destination = destination_of(record, scene.pipeline)
    owner = Owner(
        project=desired.project,
        target=desired.target,
        stack=scene.address.stack,
        pipeline=scene.address.pipeline,
    )
    staging = staging_place(destination, owner=owner, dlt_name=dlt_name, dataset=scene.dataset)
    return Wanted(
        address=str(scene.address),
        dlt_name=dlt_name,
        schema_name=schema_name,
        destination=destination,
        dataset=scene.dataset,
        staging=staging if closely else None,  # no other edit asks what waits there
        closely=closely,
    )
