"""A local store keeps everything in a folder, each fact in a file that is either the old one or the new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from databridge.model.diagnostic import DatabridgeError
from databridge.model.journal import Entry
from databridge.model.ledger import Ledger
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord
from databridge.state.document import damaged, encode
from databridge.state.durable import append_line, make_folder, remove_file, replace_file
from databridge.state.failpoint import failpoint
from databridge.state.holder import NoSuchLockError
from databridge.state.journal import OpenJob, appended, open_jobs
from databridge.state.journalfile import JournalText, encode_entry
from databridge.state.lock import guarded, held
from databridge.state.lockable import Lockable, Me
from databridge.state.matching import matching_point, matching_run
from databridge.state.names import RESTORE_POINTS, is_stack_name, place_name, stack_name
from databridge.state.patience import Patience
from databridge.state.reading import Reading, journal_of, ledger_of, point_of, record_of
from databridge.state.stackstate import StackState
from databridge.state.succession import check_place, check_successor


class LocalStore(Lockable):
    """The state of one target, below `ROOT/PROJECT/TARGET`; `docs/state-format.md` describes each file.

    Args:
        root: the store's folder; it need not exist before something is written.
        project: the project's name.
        target: the target's name.

    Raises:
        ValueError: one of the names can't be a folder's.
    """

    def __init__(self, root: Path, *, project: str, target: str) -> None:
        self.project = project
        self.target = target
        self.folder = root / place_name(project) / place_name(target)
        self._reading = Reading(
            project, target, put_back="Put back a copy of the file, or move it away", remove="Delete the file"
        )

    def ledger(self, stack: str) -> Ledger | None:
        """See `StateReader.ledger`."""
        path = self._folder(stack) / "ledger.json"
        content = _content(path, "DB403", ledger_of(stack))
        return None if content is None else self._reading.ledger(stack, content, str(path))

    def stacks(self) -> tuple[str, ...]:
        """See `StateReader.stacks`."""
        names = (name for name in _names(self.folder) if is_stack_name(name))
        files = ("ledger.json", "journal.jsonl")
        return tuple(name for name in names if any((self.folder / name / file).exists() for file in files))

    def all_stacks(self) -> Mapping[str, StackState]:
        """See `StateReader.all_stacks`."""
        return {name: StackState(self.ledger(name), self.open_entries(name)) for name in self.stacks()}

    def open_entries(self, stack: str) -> tuple[OpenJob, ...]:
        """See `StateReader.open_entries`."""
        return open_jobs(self._journal(stack).entries, stack=stack)

    def runs(self, *, newest: int) -> tuple[RunRecord, ...]:
        """See `StateReader.runs`."""
        return tuple(self._run(run_id) for run_id in self._run_ids()[:newest])

    def run(self, run_id: str) -> RunRecord | None:
        """See `StateReader.run`."""
        found = matching_run(self._run_ids(), run_id)
        return None if found is None else self._run(found)

    def restore_points(self, *, newest: int) -> tuple[RestorePoint, ...]:
        """See `StateReader.restore_points`."""
        return tuple(self._point(each) for each in self._ids(RESTORE_POINTS)[:newest])

    def restore_ids(self) -> tuple[str, ...]:
        """See `StateReader.restore_ids`."""
        return tuple(self._ids(RESTORE_POINTS))

    def restore_point(self, restore_id: str) -> RestorePoint | None:
        """See `StateReader.restore_point`."""
        found = matching_point(self._ids(RESTORE_POINTS), restore_id)
        return None if found is None else self._point(found)

    def write_ledger(self, ledger: Ledger, *, expected: Ledger | None) -> None:
        """See `StateStore.write_ledger`."""
        stack = ledger.stack
        check_place(ledger, project=self.project, target=self.target, stack=stack, file="The new ledger")
        with self._guarded(stack) as folder:
            check_successor(ledger, expected=expected, found=self.ledger(stack))
            failpoint("ledger-before-write")
            replace_file(folder / "ledger.json", encode(ledger), torn="ledger-torn")
            failpoint("ledger-after-write")

    def append(self, stack: str, entry: Entry) -> None:
        """See `StateStore.append`."""
        with self._guarded(stack) as folder:
            path = folder / "journal.jsonl"
            before = self._journal(stack)
            after = appended(before.entries, entry)
            if not after:
                remove_file(path)
            elif after == (*before.entries, entry) and not before.torn:
                append_line(path, encode_entry(entry), torn="journal-torn")
            else:
                replace_file(path, b"".join(map(encode_entry, after)), torn="journal-torn")

    def record_run(self, run: RunRecord) -> None:
        """See `StateStore.record_run`."""
        path = self.folder / "_runs" / f"{place_name(run.run_id)}.json"
        with _writable(path):
            make_folder(path.parent)
            replace_file(path, encode(run), torn="run-torn")

    def keep(self, point: RestorePoint) -> None:
        """See `StateStore.keep`."""
        path = self.folder / RESTORE_POINTS / f"{place_name(point.restore_id)}.json"
        with _writable(path):
            make_folder(path.parent)
            replace_file(path, encode(point), torn="restore-point-torn")

    def forget_point(self, restore_id: str) -> None:
        """See `StateStore.forget_point`."""
        path = self.folder / RESTORE_POINTS / f"{place_name(restore_id)}.json"
        with _writable(path):
            if path.parent.is_dir():
                remove_file(path)

    def check_lock(self, stack: str) -> None:
        """See `StateStore.check_lock`; the system takes no lock from a living process."""

    def unlock(self, run_id: str) -> tuple[str, ...]:
        """See `StateStore.unlock`."""
        held = "The locks of a store in a folder end with the process that holds them; none is ever left behind."
        raise NoSuchLockError(run_id, held)

    @contextmanager
    def _locked(self, stacks: Sequence[str], me: Me, patience: Patience) -> Iterator[None]:
        with ExitStack() as taken:
            for stack in stacks:
                folder = self._folder(stack)
                with _writable(folder):
                    make_folder(folder)
                    taken.enter_context(held(folder, stack=stack, me=me, patience=patience))
            yield

    def _folder(self, stack: str) -> Path:
        return self.folder / stack_name(stack)

    def _journal(self, stack: str) -> JournalText:
        path = self._folder(stack) / "journal.jsonl"
        content = _content(path, "DB406", journal_of(stack)) or b""
        return self._reading.journal(stack, content, str(path), may_be_torn=True)

    def _run_ids(self) -> list[str]:
        return self._ids("_runs")

    def _ids(self, folder: str) -> list[str]:
        names = reversed(_names(self.folder / folder))
        return [name.removesuffix(".json") for name in names if name.endswith(".json")]

    def _run(self, run_id: str) -> RunRecord:
        path = self.folder / "_runs" / f"{run_id}.json"
        content = _content(path, "DB408", record_of(run_id)) or b""
        return self._reading.run(run_id, content, str(path))

    def _point(self, restore_id: str) -> RestorePoint:
        path = self.folder / RESTORE_POINTS / f"{restore_id}.json"
        content = _content(path, "DB420", point_of(restore_id)) or b""
        return self._reading.point(restore_id, content, str(path))

    @contextmanager
    def _guarded(self, stack: str) -> Iterator[Path]:
        folder = self._folder(stack)
        with _writable(folder):
            make_folder(folder)
            with guarded(folder / "guard"):
                yield folder


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as failure:
        raise damaged("DB410", "the state", str(folder), _why(failure), "Make the folder readable.") from None


def _content(path: Path, code: str, title: str) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as failure:
        raise damaged(code, title, str(path), _why(failure), "Make the file readable.") from None


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise DatabridgeError.of(
            "DB410",
            "Can't write the state",
            detail=f"{failure.filename or path}: {_why(failure)}.",
            hint="Make the folder writable and see that its disk has room, then run the command again.",
        ) from None


def _why(failure: OSError) -> str:
    return (failure.strerror or type(failure).__name__).lower()
