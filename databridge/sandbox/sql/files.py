"""PUT, GET, REMOVE and LIST: the client is given a URL at which it then carries the file itself.

Source: the connector's `Cursor._handle_staging_operation`, which reads operation, localFile, presignedUrl and headers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from databridge.sandbox.failure import SqlError
from databridge.sandbox.sql.answer import Answer, listing
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.words import Words


def put(session: Session, words: Words) -> Answer:
    local = words.text()
    words.expect("INTO")
    path = words.text()
    overwrite = words.accept("OVERWRITE")
    words.end()
    if session.warehouse.volumes.file(path).exists() and not overwrite:
        raise SqlError("VOLUME_FILE_ALREADY_EXISTS", f"'{path}' exists; OVERWRITE would replace it.", "42710")
    return _carried(session, "PUT", path, local)


def get(session: Session, words: Words) -> Answer:
    path = words.text()
    words.expect("TO")
    local = words.text()
    words.end()
    _existing(session, path)
    return _carried(session, "GET", path, local)


def remove(session: Session, words: Words) -> Answer:
    path = words.text()
    words.end()
    _existing(session, path)
    return _carried(session, "REMOVE", path, None)


def list_files(session: Session, words: Words) -> Answer:
    path = words.text()
    words.accept_any("RECURSIVE")
    folder = _existing(session, path)
    files = sorted(folder.iterdir()) if folder.is_dir() else [folder]
    rows = []
    for file in files:
        about = file.stat()
        shown = (
            path.rstrip("/") + (f"/{file.name}" if file != folder else "") + ("/" if file.is_dir() else "")
        )
        changed = datetime.fromtimestamp(about.st_mtime, UTC).isoformat()
        rows.append((shown, file.name, "0" if file.is_dir() else str(about.st_size), changed))
    return listing(("path", "name", "size", "modification_time"), rows)


def _existing(session: Session, path: str) -> Path:
    file = session.warehouse.volumes.file(path)
    if not file.exists():
        raise SqlError("PATH_NOT_FOUND", f"Path does not exist: {path}.", "42K03")
    return file


def _carried(session: Session, operation: str, path: str, local: str | None) -> Answer:
    method = {"PUT": "PUT", "GET": "GET", "REMOVE": "DELETE"}[operation]
    url = session.file_url(method, session.warehouse.volumes.relative(path))
    texts = {"operation": operation, "localFile": local, "presignedUrl": url, "headers": "{}"}
    table = pa.table({name: pa.array([text], pa.string()) for name, text in texts.items()})
    return Answer(table, carries_file=True)
