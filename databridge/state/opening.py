"""A store is opened here and nowhere else, so what a bucket or a warehouse takes is loaded only where there is one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from databridge.model.bucket import Bucket
from databridge.model.destination import DatabricksDestination, DuckDbDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import resolve_path
from databridge.model.secret import Secrets
from databridge.model.statetable import StateTable
from databridge.state.local import LocalStore
from databridge.state.names import place_name
from databridge.state.store import StateStore
from databridge.state.table import Table

StorePlace = Path | Bucket | StateTable
"""Where a state lies: a folder, a bucket, or a table of a warehouse."""


def open_store(
    place: StorePlace, *, project: str, target: str, root: Path, secrets: Secrets
) -> StateStore:
    """Open the state of a target; nothing is read yet.

    Args:
        place: where it lies.
        project: the project's name.
        target: the target's name.
        root: the project's folder; relative paths of a table's destination start there.
        secrets: for the credentials of a table's destination.

    Raises:
        DatabridgeError: what it takes is not installed (DB419), or the environment makes no sense (DB414, DB415).
    """
    match place:
        case Path():
            return LocalStore(place, project=project, target=target)
        case Bucket():
            return _in_bucket(place, project, target)
        case StateTable():
            return _in_table(place, project, target, root, secrets)


def _in_bucket(place: Bucket, project: str, target: str) -> StateStore:
    try:
        from databridge.buckets.cloud import open_bucket
    except ModuleNotFoundError as missing:
        raise _not_installed(str(place), missing.name or "", place.kind) from None
    from databridge.buckets.objects import Objects
    from databridge.state.blob import BlobStore
    from databridge.state.refusal import refusal

    objects = Objects(open_bucket(place, refusal), place.prefix, str(place), refusal)
    return BlobStore(objects, project=project, target=target, lock_expiry=place.lock_expiry)


def _in_table(
    place: StateTable, project: str, target: str, root: Path, secrets: Secrets
) -> StateStore:
    from databridge.state.blob import BlobStore
    from databridge.state.tableobjects import TableObjects

    table: Table
    match place.destination:
        case DuckDbDestination(path=path):
            from databridge.state.duckdbtable import DuckDbTable

            table = DuckDbTable(
                Path(resolve_path(str(root), path)), place.schema_name, location=str(place)
            )
        case DatabricksDestination() as destination:
            if find_spec("databricks") is None or find_spec("databricks.sql") is None:
                raise _not_installed(str(place), "databricks-sql-connector", "databricks")
            from databridge.state.databrickstable import DatabricksTable

            table = DatabricksTable(
                destination, place.schema_name, location=str(place), root=root, secrets=secrets
            )
    return BlobStore(TableObjects(table), project=project, target=target, lock_expiry=place.lock_expiry)


def is_local(place: StorePlace) -> bool:
    """Whether no other machine sees what lies there; what file systems they share is not known."""
    return not isinstance(place, Bucket) and not (
        isinstance(place, StateTable) and isinstance(place.destination, DatabricksDestination)
    )


def pipelines_dir(place: StorePlace, *, root: Path, project: str, target: str) -> Path:
    """Where dlt's working folders lie: in the store's folder, or in `state` of the project when the store is elsewhere.

    Args:
        place: where the state lies.
        root: the project's folder.
        project: the project's name; projects may share a store, never a working folder.
        target: the target's name.
    """
    folder = place if isinstance(place, Path) else root / "state"
    return folder / place_name(project) / place_name(target) / "_pipelines"


def _not_installed(place: str, package: str, extra: str) -> DatabridgeError:
    return DatabridgeError.of(
        "DB419",
        "What the state store takes is not installed",
        detail=f"{place} needs the package `{package}`.",
        hint=f"Install it: pip install 'databridge[{extra}]'",
    )
