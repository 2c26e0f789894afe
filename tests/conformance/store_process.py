"""A process of its own that does one thing to a store: `store_process.py PLACE COMMAND [ARGUMENTS]`.

The place is a folder, or a bucket or a table as JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from databridge.model.bucket import Bucket
from databridge.model.diagnostic import DatabridgeError
from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger
from databridge.model.run import RunRecord
from databridge.model.statetable import StateTable
from databridge.state.store import StateStore
from databridge.state.succession import StaleLedgerError
from tests.support.stores import open_place

SHARED: TypeAdapter[Bucket | StateTable] = TypeAdapter(Bucket | StateTable)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOLD = 'import sys; print("child", flush=True); sys.stdin.read()'


def ledger(run: int) -> Ledger:
    return Ledger(project="demo", target="dev", stack="sales", lineage="l", spec_serial=1, run_serial=run)


def entry(stage: Stage, token: str) -> Entry:
    return Entry(token=token, run_id="r", pipeline="main", stage=stage, at=NOON, what="x" * 500)


def run_record() -> RunRecord:
    return RunRecord(
        run_id="r1",
        project="demo",
        target="dev",
        operation="apply",
        who="ada@desk",
        started_at=NOON,
        finished_at=NOON,
        exit_code=0,
    )


def say(text: str) -> None:
    """A line in one piece; `print` from a thread may share a line with another."""
    os.write(1, f"{text}\n".encode())


def write_next(store: StateStore) -> None:
    seen = store.ledger("sales")
    store.write_ledger(ledger(seen.run_serial + 1 if seen else 1), expected=seen)


def count(store: StateStore, times: int) -> None:
    for _ in range(times):
        while True:
            try:
                write_next(store)
                break
            except StaleLedgerError:
                continue


def take_turns(store: StateStore, counter: Path, times: int) -> None:
    for _ in range(times):
        with store.lock(
            ["sales"], operation="count", who="me@here", run_id="r", now=lambda: NOON, timeout=60
        ):
            value = int(counter.read_text()) if counter.exists() else 0
            time.sleep(0.001)
            counter.write_text(str(value + 1))


def hold_and_write(store: StateStore) -> None:
    """Hold the lock, and at each line of the input try to go on."""
    with store.lock(["sales"], operation="apply", who="ada@desk", run_id="r1", now=lambda: NOON, timeout=0):
        say(f"held {os.getpid()}")
        for number, _ in enumerate(sys.stdin):
            try:
                store.append("sales", entry(Stage.BEGUN, f"t{number}"))
                say("written")
            except DatabridgeError as refusal:
                say(refusal.diagnostics[0].code)


def hold(store: StateStore, child: str) -> None:
    with store.lock(["sales"], operation="apply", who="ada@desk", run_id="r1", now=lambda: NOON, timeout=0):
        if child == "started":
            subprocess.Popen([sys.executable, "-c", HOLD], close_fds=False)
        elif child != "none" and (forked := os.fork()) == 0:
            say("child")
            if child == "forked":
                sys.stdin.read()
            sys.exit()  # leaves the block as any program would
        elif child == "ended":
            os.waitpid(forked, 0)
        say(f"held {os.getpid()}")
        threading.Event().wait()


def main() -> None:
    text = sys.argv[1]
    place = SHARED.validate_json(text) if text.startswith("{") else Path(text)
    store = open_place(place)
    match sys.argv[2:]:
        case ["write"]:
            write_next(store)
        case ["append", stage, token]:
            store.append("sales", entry(Stage(stage), token))
        case ["record"]:
            store.record_run(run_record())
        case ["count", times]:
            count(store, int(times))
        case ["take-turns", counter, times]:
            take_turns(store, Path(counter), int(times))
        case ["hold-and-write"]:
            hold_and_write(store)
        case ["hold", child]:
            hold(store, child)


if __name__ == "__main__":
    main()
