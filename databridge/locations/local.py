"""dlt's working folder is a cache and a queue: it may be absent at any time, and what is pending in it exists nowhere else.

Layout of dlt 1.31 below `<pipelines_dir>/<dlt name>`: `state.json`, `schemas/<schema>.schema.json`,
`normalize/extracted/<load id>/`, `load/normalized/<load id>/`, and of finished ones `load/loaded/<load id>/`.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from databridge.locations.decode import UnreadableState, dlt_state, parse_state
from databridge.locations.schema import HEAD, version_hash, with_schema
from databridge.model.recorded import DltState, LocationKind, LocationState, LocationStatus, PendingPackage

TITLE = "local"
_STARTED = ("started_jobs", "completed_jobs", "failed_jobs", ".pending_transitions")
_COMPLETED, _LOADED = "package_completed.json", b"loaded"
_TABLES_PREPARED = "applied_schema_updates.json"


def read_local(
    pipelines_dir: Path, dlt_name: str, schema_name: str, *, with_tables: bool = False
) -> tuple[LocationState, tuple[PendingPackage, ...]]:
    """The state in a pipeline's working folder, and the packages that wait there, the oldest first."""
    folder = pipelines_dir / dlt_name
    try:
        pending = _pending(folder)
        state = _state(folder, schema_name, with_tables=with_tables)
    except UnreadableState as error:
        detail = f"the state of {dlt_name} can't be read: {error}"
        return LocationState(LocationKind.LOCAL, TITLE, LocationStatus.UNKNOWN, detail=detail), pending
    except OSError as error:
        detail = f"the working folder of {dlt_name} can't be read: {error.strerror}"
        return LocationState(LocationKind.LOCAL, TITLE, LocationStatus.UNKNOWN, detail=detail), ()
    status = LocationStatus.MISSING if state is None else LocationStatus.FOUND
    newest = _newest_load(folder) if state else None
    return LocationState(LocationKind.LOCAL, TITLE, status, state, newest_load=newest), pending


def local_text(pipelines_dir: Path, dlt_name: str) -> str | None:
    """The state in a pipeline's working folder as it is stored; None where there is none, or where it can't be read."""
    try:
        content = _text(pipelines_dir / dlt_name / "state.json")
    except OSError:
        return None
    return None if content is None else content.decode(errors="replace")


def measure(pipelines_dir: Path, dlt_name: str) -> tuple[int, int]:
    """The bytes of a pipeline's working folder, and how many packages of finished loads it keeps; as far as they can be read."""
    folder = pipelines_dir / dlt_name
    sizes = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # somebody is at work there
            sizes += path.lstat().st_size if path.is_file() else 0
    try:
        return sizes, len(_folders(folder / "load" / "loaded"))
    except OSError:
        return sizes, 0


def _state(folder: Path, schema_name: str, *, with_tables: bool) -> DltState | None:
    text = _text(folder / "state.json")
    if text is None:
        return None
    state = dlt_state(parse_state(text), schema_name=schema_name)
    if state.version == 0:
        return None  # so dlt begins every folder that it opens, also one that no load ever came out of
    schema = _text(folder / "schemas" / f"{schema_name}.schema.json", -1 if with_tables else HEAD)
    if schema is None:
        return state
    state = replace(state, schema_hash=version_hash(schema[:HEAD]))
    return with_schema(state, parse_state(schema)) if with_tables else state


def _text(file: Path, size: int = -1) -> bytes | None:
    try:
        with file.open("rb") as content:
            return content.read(size)
    except FileNotFoundError:
        return None


def _pending(folder: Path) -> tuple[PendingPackage, ...]:
    extracted = [
        PendingPackage(load_id, "extracted") for load_id in _folders(folder / "normalize" / "extracted")
    ]
    normalized = folder / "load" / "normalized"
    waiting = [PendingPackage(load_id, _load_stage(normalized / load_id)) for load_id in _folders(normalized)]
    return tuple(sorted((*extracted, *waiting), key=lambda package: package.load_id))


def _newest_load(folder: Path) -> str | None:
    """The newest load that was completed from here; dlt never removes what is left of its package."""
    loaded = folder / "load" / "loaded"
    for load_id in sorted(_folders(loaded), reverse=True):
        if _text(loaded / load_id / _COMPLETED) == _LOADED:
            return load_id
    return None


def _load_stage(package: Path) -> str:
    """`loading` once tables were prepared (a replaced one is emptied then) or any job was started."""
    begun = (package / _TABLES_PREPARED).exists() or any(_entries(package / name) for name in _STARTED)
    return "loading" if begun else "normalized"


def _folders(folder: Path) -> list[str]:
    return [entry.name for entry in _entries(folder) if entry.is_dir()]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
