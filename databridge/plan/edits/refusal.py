"""An edit is refused where nobody can tell what it would come to, or where a protection forbids it."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, Severity
from databridge.model.ledger import ResourceRecord
from databridge.model.marker import Owner
from databridge.model.recorded import LocationStatus
from databridge.model.resource import WhenRemoved
from databridge.plan.edits.scene import Scene
from databridge.plan.finding import Finding
from databridge.plan.statecheck import unreadable, unsettled


def in_doubt(scene: Scene, owners: tuple[Owner, ...]) -> Iterator[Finding]:
    """The findings for a pipeline whose state nobody should edit as it is.

    Args:
        scene: the pipeline.
        owners: who may stand in its marker: us.
    """
    if scene.unsettled is not None:
        yield unsettled(scene.address, scene.unsettled)
        return
    if scene.found is None:
        return
    for place in (scene.found.destination, scene.found.local):
        if finding := unreadable(scene.address, place):
            yield finding
            return
    if scene.found.pending:
        count = len(scene.found.pending)
        yield blocked(
            "DB241",
            scene.address,
            f"{'a load package waits' if count == 1 else f'{count:,} load packages wait'} in its working folder",
            hint="Let an apply settle them first: databridge apply",
        )
    marker = scene.start.marker if scene.start else None
    if marker is not None and marker.owner not in owners:
        theirs = marker.owner
        yield blocked(
            "DB232",
            scene.address,
            f"its state belongs to {theirs.stack}.{theirs.pipeline} of project {theirs.project}, target {theirs.target}",
            hint="Edit it there.",
        )


def stateless(scene: Scene) -> Finding | None:
    """The finding for a pipeline whose destination holds no state to edit; None where it does."""
    if scene.found is None or scene.found.destination.status is LocationStatus.FOUND:
        return None
    return blocked(
        "DB240",
        scene.address,
        f"{scene.found.destination.title} holds no state of it",
        hint="See what there is: databridge state show " + str(scene.address),
    )


def protected(address: Address, record: ResourceRecord) -> Finding | None:
    """The finding for a resource whose place in its source must not be forgotten; None where it may."""
    if not record.lifecycle.prevent_reset:
        return None
    return blocked(
        "DB242",
        address,
        "its recorded place in the source would change, and it is protected by `prevent_reset`",
        hint="Set `prevent_reset: false` in the stack, apply that alone, and then edit the state.",
    )


def kept(address: Address, record: ResourceRecord) -> Finding | None:
    """The finding for a resource that must not be forgotten; None where it may."""
    life = record.lifecycle
    if not (life.prevent_reset or life.prevent_drop or life.when_removed is WhenRemoved.FAIL):
        return None
    return blocked(
        "DB242",
        address,
        "its state would be forgotten, and its `lifecycle` forbids that",
        hint="Lift `prevent_reset`, `prevent_drop` and `when_removed: fail`, apply that, and then edit the state.",
    )


def blocked(code: str, address: Address, summary: str, *, hint: str, detail: str = "") -> Finding:
    """A finding that keeps the edit from being made."""
    return Finding(
        code=code,
        address=address,
        severity=Severity.ERROR,
        summary=summary,
        detail=detail,
        hint=hint,
        blocks=True,
    )


def unknown(address: Address) -> DatabridgeError:
    """The error for an address that no ledger knows."""
    return DatabridgeError.of(
        "DB632",
        f"nothing is recorded of `{address}`",
        hint="See what is: databridge state list",
    )
