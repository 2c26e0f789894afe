"""What lies in a bucket is read as it was written, or not at all; and nothing in it is ever removed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from obstore.store import MemoryStore as MemoryBucket

from databridge.buckets.objects import Objects
from databridge.model.diagnostic import DatabridgeError
from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger
from databridge.model.run import RunRecord
from databridge.state.blob import BlobStore
from databridge.state.refusal import refusal

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEDGER = Ledger(project="demo", target="dev", stack="sales", lineage="l")
RUN = RunRecord(
    run_id="r1",
    project="demo",
    target="dev",
    operation="apply",
    who="ada@desk",
    started_at=NOON,
    finished_at=NOON,
    exit_code=0,
)


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket()


@pytest.fixture
def objects(bucket: MemoryBucket) -> Objects:
    return Objects(bucket, "team", "s3://corp/team", refusal)


@pytest.fixture
def store(objects: Objects) -> BlobStore:
    return BlobStore(objects, project="demo", target="dev", lock_expiry=60)


def entry(stage: Stage, token: str) -> Entry:
    return Entry(token=token, run_id="r", pipeline="main", stage=stage, at=NOON)


def names(bucket: MemoryBucket) -> list[str]:
    return sorted(each["path"] for chunk in bucket.list() for each in chunk)


def content(bucket: MemoryBucket, path: str) -> bytes:
    return bytes(bucket.get(f"team/demo/dev/{path}").bytes())


def code_of(refusal: pytest.ExceptionInfo[DatabridgeError]) -> str:
    told = refusal.value.diagnostics[0]
    assert "s3://corp/team/demo/dev/" in told.detail
    assert told.hint
    return told.code


def test_each_fact_is_an_object_of_its_own_below_the_prefix(store: BlobStore, bucket: MemoryBucket) -> None:
    store.write_ledger(LEDGER, expected=None)
    store.append("sales", entry(Stage.BEGUN, "t1"))
    store.append("sales", entry(Stage.FINISHED, "t1"))
    store.record_run(RUN)
    with store.lock(["sales"], operation="a", who="w", run_id="r", now=lambda: NOON, timeout=0):
        pass

    files = ["_runs/r1.json", "sales/journal.jsonl", "sales/lease.json", "sales/ledger.json"]
    assert names(bucket) == [f"team/demo/dev/{file}" for file in files]
    assert content(bucket, "sales/journal.jsonl") == b""


def test_no_beginning_of_a_ledger_is_a_ledger(
    store: BlobStore, objects: Objects, bucket: MemoryBucket
) -> None:
    store.write_ledger(LEDGER, expected=None)
    whole = content(bucket, "sales/ledger.json").rstrip()

    for length in range(len(whole)):
        objects.replace("demo/dev/sales/ledger.json", whole[:length])
        with pytest.raises(DatabridgeError) as refusal:
            store.ledger("sales")
        assert code_of(refusal) == "DB403"
        with pytest.raises(DatabridgeError):
            store.write_ledger(LEDGER, expected=None)
    assert content(bucket, "sales/ledger.json") == whole[:-1], "what is damaged is not written over"


def test_no_part_of_a_line_of_a_journal_is_left_out(
    store: BlobStore, objects: Objects, bucket: MemoryBucket
) -> None:
    store.append("sales", entry(Stage.BEGUN, "t1"))
    one = content(bucket, "sales/journal.jsonl")
    store.append("sales", entry(Stage.BEGUN, "t2"))
    two = content(bucket, "sales/journal.jsonl")

    for length in set(range(1, len(two))) - {len(one)}:
        objects.replace("demo/dev/sales/journal.jsonl", two[:length])
        with pytest.raises(DatabridgeError) as refusal:
            store.open_entries("sales")
        assert code_of(refusal) == "DB406"


def test_a_damaged_run_record_is_an_error(store: BlobStore, objects: Objects) -> None:
    objects.replace("demo/dev/_runs/r1.json", b"{}")

    with pytest.raises(DatabridgeError) as refusal:
        store.runs(newest=1)

    assert code_of(refusal) == "DB408"


def test_runs_do_not_stand_in_the_way_of_stacks(store: BlobStore) -> None:
    for number in range(30):
        store.record_run(RUN.model_copy(update={"run_id": f"r{number}"}))
    store.write_ledger(LEDGER, expected=None)

    assert store.stacks() == ("sales",)
    assert len(store.runs(newest=99)) == 30
