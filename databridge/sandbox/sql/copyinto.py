"""COPY INTO loads each file once into a table: what it has loaded is kept with the table, in the same transaction.

Source: https://docs.databricks.com/en/sql/language-manual/delta-copy-into.html
"""

from __future__ import annotations

import fnmatch
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from databridge.sandbox.failure import SqlError, unsupported
from databridge.sandbox.sql.answer import Answer, counts
from databridge.sandbox.sql.changes import enforce_checks, require_table
from databridge.sandbox.sql.entries import hidden
from databridge.sandbox.sql.fitting import insertion
from databridge.sandbox.sql.reading import reader
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.words import Words
from databridge.sandbox.storage.objects import Source


@dataclass(frozen=True, slots=True)
class CopyInto:
    """A COPY INTO statement, read."""

    target: tuple[str, ...]
    source: str
    format: str
    selected: str = ""  # what a query in the place of the source selects; empty for all columns
    credentials: dict[str, str] = field(default_factory=dict, repr=False)
    files: tuple[str, ...] = ()
    pattern: str = ""
    format_options: dict[str, str] = field(default_factory=dict)
    copy_options: dict[str, str] = field(default_factory=dict)

    @property
    def force(self) -> bool:
        """Whether files are loaded again."""
        return self.copy_options.get("force", "").lower() == "true"

    @property
    def merge_schema(self) -> bool:
        """Whether columns that the table lacks are added to it."""
        return self.copy_options.get("mergeschema", "").lower() == "true"


def copy_into(session: Session, words: Words) -> Answer:
    """Load what has not been loaded; files are fetched before anybody has to wait for this."""
    copy = read_copy(words)
    name = session.table(copy.target)
    require_table(session, name)
    with tempfile.TemporaryDirectory(dir=session.warehouse.incoming) as folder:
        sources = _chosen(_sources(session, copy, Path(folder)), copy)
        if not sources:
            raise SqlError(
                "PATH_NOT_FOUND", f"Path does not exist, or holds no file: {copy.source}.", "42K03"
            )
        with session.changing() as cursor:
            note = require_table(session, name)
            loaded = hidden(name.catalog, "loaded")
            known = cursor.execute(
                f"SELECT path, version FROM {loaded} WHERE table_id = ?", [note.id]
            ).fetchall()
            new = [one for one in sources if copy.force or (one.path, one.version) not in set(known)]
            rows = 0
            if new:
                files = reader(cursor, copy.format, [one.local for one in new], copy.format_options)
                statement = insertion(session, name, files, copy.selected, merge_schema=copy.merge_schema)
                inserted = cursor.execute(statement).fetchone()
                rows = inserted[0] if inserted else 0
                cursor.executemany(
                    f"INSERT OR IGNORE INTO {loaded} VALUES (?, ?, ?)",
                    [[note.id, one.path, one.version] for one in new],
                )
                enforce_checks(session, name)
    return counts({"num_affected_rows": rows, "num_inserted_rows": rows, "num_skipped_corrupt_files": 0})


def read_copy(words: Words) -> CopyInto:
    """From behind COPY INTO on.

    Raises:
        SqlError: it can't be read; the error shows no credentials.
    """
    target = words.names()
    selected = ""
    words.expect("FROM")
    if words.accept("("):
        words.expect("SELECT")
        selected = words.until("FROM")
        source, credentials = _source(words)
        words.expect(")")
    else:
        source, credentials = _source(words)
    words.expect("FILEFORMAT", "=")
    kind = words.name().upper()
    if words.accept("VALIDATE"):
        raise unsupported("COPY INTO ... VALIDATE")
    files: tuple[str, ...] = ()
    if words.accept("FILES", "="):
        files = tuple(words.pairs())
    pattern = words.text() if words.accept("PATTERN", "=") else ""
    format_options = _lowered(words.pairs()) if words.accept("FORMAT_OPTIONS") else {}
    copy_options = _lowered(words.pairs()) if words.accept("COPY_OPTIONS") else {}
    words.end()
    return CopyInto(target, source, kind, selected, credentials, files, pattern, format_options, copy_options)


def _source(words: Words) -> tuple[str, dict[str, str]]:
    path = words.text()
    credentials: dict[str, str] = {}
    if words.accept("WITH"):
        words.expect("(")
        while not words.accept(")"):
            if words.accept("CREDENTIAL"):
                credentials = words.pairs() if words.peek() == "(" else {"NAME": words.name()}
            else:
                words.expect("ENCRYPTION")
                words.balanced()
    return path, {key.upper(): value for key, value in credentials.items() if value not in {"", "None"}}


def _sources(session: Session, copy: CopyInto, folder: Path) -> list[Source]:
    if not copy.source.lower().startswith(("/volumes/", "dbfs:/volumes/")):
        return session.objects.fetch(copy.source, copy.credentials, folder)
    path = copy.source.removeprefix("dbfs:")
    volumes = session.warehouse.volumes
    found = volumes.file(path)
    return [
        Source(f"/Volumes/{volumes.place(file)}", str(file.stat().st_mtime_ns), file)
        for file in volumes.files(found)
    ]


def _chosen(sources: list[Source], copy: CopyInto) -> list[Source]:
    """Those that FILES or PATTERN ask for; both go by the path below the source."""
    root = copy.source.removeprefix("dbfs:").rstrip("/")
    within = [(one, one.path[len(root) :].lstrip("/")) for one in sources]
    if copy.files:
        return [one for one, path in within if path in copy.files]
    if copy.pattern:
        return [one for one, path in within if fnmatch.fnmatchcase(path, copy.pattern)]
    return sources


def _lowered(options: dict[str, str]) -> dict[str, str]:
    return {key.lower(): value for key, value in options.items()}
