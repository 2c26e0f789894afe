"""What reading a state costs where each question takes a while: statements and requests, and how many delays they add up to.

    python -m benchmarks.state_read [--rounds N]

Fifty pipelines in the sandbox, whose ledgers are in a table there too, with and without a delay of each statement; and
a thousand stacks in a bucket with a delay of each request. Everything that is read is counted.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from databricks import sql
from obstore.store import MemoryStore, ObjectStore

from benchmarks.stopwatch import load
from databridge.apply.observe import observe
from databridge.apply.places import ProjectPlaces
from databridge.buckets.objects import Objects
from databridge.config.project import Project, load_project
from databridge.model.ledger import Ledger, PipelineRecord, ResourceRecord
from databridge.model.recorded import LocationStatus, Recorded
from databridge.sandbox.fault import Fault, FaultKind
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from databridge.secrets.chain import secret_chain
from databridge.state.blob import BlobStore
from databridge.state.opening import open_store
from databridge.state.refusal import refusal
from databridge.state.store import StateStore

PIPELINES = 50
STACKS = 1_000
DELAY = 0.2
"""Seconds of each statement."""
REQUEST = 0.01
"""Seconds of each request to the bucket."""
TARGET = 3
_TOKEN = "DATABRIDGE_SECRET_SANDBOX"  # noqa: S105 - a name
_STACK = """\
stack: {name}
sources: {{ops: {{type: sqlite, path: ops.db}}}}
pipelines: {{p: {{source: ops, destination: lake, dataset: raw_{name}, resources: [orders]}}}}
"""
_LAKE = """\
destinations:
  lake:
    {{type: databricks, server_hostname: {host}, port: {port}, http_path: {path}, catalog: main,
     ca_file: {ca}, access_token: "${{secret.sandbox}}"}}
"""
Reading = Callable[[], int]
"""Reads a state, and says of how many pipelines or stacks."""


@dataclass(frozen=True, slots=True)
class Office:
    """A project in a folder of its own, and the sandbox that holds its rows and its state."""

    sandbox: Sandbox
    project: Project
    log: Path
    environ: Mapping[str, str]

    def store(self) -> StateStore:
        """Its state, over a new connection."""
        return open_store(
            self.project.store,
            project=self.project.name,
            target=self.project.target,
            root=self.project.root,
            secrets=secret_chain(self.project.root, self.environ),
        )

    def statements(self) -> int:
        """How many the sandbox was sent so far."""
        lines = self.log.read_text("utf-8").splitlines()
        return sum(line.split(maxsplit=2)[1] == ">" for line in lines)

    def read(self) -> int:
        """As a plan does."""
        places = ProjectPlaces(
            self.project.root, self.project.root / "work", secret_chain(self.project.root, self.environ)
        )
        return _found(observe(self.project.desired, self.store(), places, refresh=True))

    def read_one_by_one(self) -> int:
        """The store alone, as it was read before there was `all_stacks`."""
        return _one_by_one(self.store())


@dataclass
class SlowBucket:
    """A bucket in memory, whose answers take a while."""

    bucket: MemoryStore = field(default_factory=MemoryStore)
    seconds: float = 0.0
    requests: int = 0

    def __getattr__(self, name: str) -> object:
        asked = getattr(self.bucket, name)

        def slowly(*arguments: object, **named: object) -> object:
            self.requests += 1
            time.sleep(self.seconds)
            return asked(*arguments, **named)

        return slowly


def _found(recorded: Recorded) -> int:
    return sum(
        stack.ledger is not None and pipeline.destination.status is LocationStatus.FOUND
        for stack in recorded.stacks.values()
        for pipeline in stack.pipelines.values()
    )


def _one_by_one(store: StateStore) -> int:
    return sum(store.ledger(name) is not None and not store.open_entries(name) for name in store.stacks())


def _office(folder: Path, sandbox: Sandbox, log: Path) -> Office:
    way = sandbox.connection
    names = [f"s{number}" for number in range(PIPELINES)]
    shared = folder / "stacks" / "_shared"
    shared.mkdir(parents=True)
    lake = _LAKE.format(host=way.server_hostname, port=way.port, path=way.http_path, ca=way.ca_file)
    (shared / "lake.yaml").write_text(lake)
    (folder / "databridge.yaml").write_text("project: office\nstore: {destination: lake}\n")
    for name in names:
        (folder / "stacks" / f"{name}.yaml").write_text(_STACK.format(name=name))
    project = load_project(folder, target=None, variables={}, environ={})
    office = Office(sandbox, project, log, {**os.environ, _TOKEN: way.access_token})
    with sql.connect(**way.connect_arguments) as connection, connection.cursor() as cursor:
        for statement in (each for name in names for each in _dataset(f"raw_{name}", f"{name}_p")):
            cursor.execute(statement)
    store = office.store()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda ledger: store.write_ledger(ledger, expected=None), _ledgers(project)))
    return office


def _dataset(dataset: str, pipeline: str) -> Iterator[str]:
    state = (
        f'{{"_state_engine_version": 4, "_state_version": 1, "pipeline_name": "{pipeline}", "sources": {{}}}}'
    )
    yield f"CREATE SCHEMA main.{dataset}"
    for name, columns in {
        "_dlt_loads": "'1.5' AS load_id, 's' AS schema_name, 0 AS status",
        "_dlt_pipeline_state": f"'{pipeline}' AS pipeline_name, '{state}' AS state, '1.5' AS _dlt_load_id",
        "_dlt_version": f"'{pipeline}' AS schema_name, 'h' AS version_hash, '{{}}' AS `schema`, current_timestamp() AS inserted_at",
        "orders": "1 AS id",
    }.items():
        yield f"CREATE TABLE main.{dataset}.{name} AS SELECT {columns}"


def _ledgers(project: Project) -> Iterator[Ledger]:
    for stack in project.desired.stacks:
        (pipeline,) = stack.pipelines
        name = f"{stack.name}_{pipeline.name}"
        record = PipelineRecord(
            dlt_name=name,
            schema_name=name,
            destination=pipeline.destination,
            dataset=pipeline.dataset,
            spec={},
            resources={resource.name: ResourceRecord(spec={}) for resource in pipeline.resources},
        )
        yield Ledger(
            project=project.name,
            target=project.target,
            stack=stack.name,
            lineage="l",
            pipelines={pipeline.name: record},
        )


def _seconds(reading: Reading, expected: int) -> float:
    begun = time.perf_counter()
    found = reading()
    taken = time.perf_counter() - begun
    if found != expected:
        raise RuntimeError(f"expected {expected:,}, and read {found:,}")
    return taken


def _of_warehouse(folder: Path, rounds: int) -> None:
    log = folder / "statements.log"
    with Sandbox(SandboxSettings(root=folder / "sandbox", statement_log=log)) as sandbox:
        office = _office(folder / "project", sandbox, log)
        print(
            f"\n{PIPELINES} pipelines of as many stacks and datasets, in the sandbox; {rounds} rounds; {load()}"
        )
        print(f"target: at most {TARGET} delays beyond connecting and what the reading takes by itself")
        print(f"{'':<40} {'statements':>10} {'best s':>7} {f'+{DELAY:g} s each':>11} {'delays':>7}")
        for title, reading, times in (
            ("ledgers, journals and destinations", office.read, rounds),
            ("ledgers and journals, one by one", office.read_one_by_one, 1),
        ):
            before = office.statements()
            _seconds(reading, PIPELINES)  # the first time imports what it takes
            statements = office.statements() - before
            without, delayed = _both(reading, sandbox, times)
            ratio = (delayed - without) / DELAY
            print(f"{title:<40} {statements:>10,} {without:>7.2f} {delayed:>11.2f} {ratio:>7.1f}")


def _both(reading: Reading, sandbox: Sandbox, rounds: int) -> tuple[float, float]:
    """The best without the delay and with it, in turns: a machine that is busy is so for both."""
    without, delayed = [], []
    for _ in range(rounds):
        without.append(_seconds(reading, PIPELINES))
        sandbox.faults.add(Fault(FaultKind.DELAY, seconds=DELAY, times=None))
        delayed.append(_seconds(reading, PIPELINES))
        sandbox.faults.clear()
    return min(without), min(delayed)


def _of_bucket(rounds: int) -> None:
    bucket = SlowBucket()
    objects = Objects(cast("ObjectStore", bucket), "team", "memory://team", refusal)
    store = BlobStore(objects, project="office", target="dev", lock_expiry=60)
    for number in range(STACKS):
        stack = f"s{number}"
        store.write_ledger(Ledger(project="office", target="dev", stack=stack, lineage="l"), expected=None)
        objects.put(f"office/dev/{stack}/journal.jsonl", b"", over=None)
        objects.put(f"office/dev/{stack}/lease.json", b"{}", over=None)
    bucket.seconds = REQUEST
    print(f"\n{STACKS:,} stacks in a bucket in memory, each request {REQUEST * 1000:g} ms")
    print(f"{'':<40} {'requests':>10} {'best s':>7} {'delays':>7}")
    for title, reading, times in (
        ("all at once", lambda: len(store.all_stacks()), rounds),
        ("one by one, as it was", lambda: _one_by_one(store), 1),
    ):
        before = bucket.requests
        seconds = min(_seconds(reading, STACKS) for _ in range(times))
        requests = (bucket.requests - before) // times
        print(f"{title:<40} {requests:>10,} {seconds:>7.2f} {seconds / REQUEST:>7.0f}", flush=True)


def main() -> int:
    """Read the arguments and report."""
    parser = argparse.ArgumentParser(description="Measure how a state is read over a slow way.")
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: %(default)s)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="databridge-state-") as folder:
        _of_warehouse(Path(folder), rounds)
    _of_bucket(rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
