"""A store is opened here and nowhere else, so what a bucket takes is loaded only where there is one."""

from __future__ import annotations

from pathlib import Path

from databridge.buckets.opening import NotInstalledError, objects_in
from databridge.model.bucket import Bucket
from databridge.model.diagnostic import DatabridgeError
from databridge.state.local import LocalStore
from databridge.state.names import place_name
from databridge.state.refusal import refusal
from databridge.state.store import StateStore


def open_store(place: Path | Bucket, *, project: str, target: str) -> StateStore:
    """Open the state of a target; nothing is read yet.

    Args:
        place: a folder, or a bucket.
        project: the project's name.
        target: the target's name.

    Raises:
        DatabridgeError: what it takes is not installed (DB419), or the environment makes no sense (DB414, DB415).
    """
    if isinstance(place, Path):
        return LocalStore(place, project=project, target=target)
    try:
        objects = objects_in(place, refusal)
    except NotInstalledError as missing:
        raise _not_installed(place, missing) from None
    from databridge.state.blob import BlobStore

    return BlobStore(objects, project=project, target=target, lock_expiry=place.lock_expiry)


def pipelines_dir(place: Path | Bucket, *, root: Path, project: str, target: str) -> Path:
    """Where dlt's working folders lie: in the store's folder, or in `state` of the project when the store is a bucket.

    Args:
        place: where the state lies.
        root: the project's folder.
        project: the project's name; projects may share a store, never a working folder.
        target: the target's name.
    """
    folder = place if isinstance(place, Path) else root / "state"
    return folder / place_name(project) / place_name(target) / "_pipelines"


def _not_installed(place: Bucket, missing: NotInstalledError) -> DatabridgeError:
    return DatabridgeError.of(
        "DB419",
        "What the state store takes is not installed",
        detail=f"{place} needs the package `{missing.package}`.",
        hint=f"Install it: {missing.remedy}",
    )
