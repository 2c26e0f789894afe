"""Rows that go to another kind of destination are the same rows there: every type, nested tables, load ids, and what dlt goes on from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from databridge.apply.engine import Place, Prepared, Settlement
from databridge.engine import shipment, tablerows
from databridge.engine.shipment import Shipment
from databridge.model.destination import FilesystemDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.marker import Marker, Owner
from databridge.model.resource import Column, FileResource
from databridge.sandbox.server import Sandbox
from tests.support.postgres import destination_at
from tests.support.warehouse import destination_of
from tests.support.workbench import PLACE, Workbench, workbench

EVENTS = FileResource(name="events", glob="*.jsonl")
THINGS = FileResource(name="things", glob="*.parquet")
EACH_TYPE = pa.table(
    {
        "id": pa.array([1, 2, 3], pa.int64()),
        "small": pa.array([-(2**31), None, 7], pa.int32()),
        "amount": pa.array(
            [Decimal("1234567890123456.7891"), None, Decimal("-0.0001")], pa.decimal128(20, 4)
        ),
        "ratio": pa.array([0.1, None, -1e300]),
        "word": pa.array(["naïve \U0001f600", None, ""]),
        "yes": pa.array([True, None, False]),
        "day": pa.array([date(1969, 12, 31), None, date(9999, 12, 31)]),
        "raw": pa.array([b"\x00\xff", None, b""]),
        "at": pa.array(
            [datetime(2024, 2, 29, 23, 59, 59, 123456, UTC), None, datetime(1900, 1, 1, tzinfo=UTC)]
        ),
    }
)


MARKER = Marker(owner=Owner(project="demo", target="dev", stack="s", pipeline="p"), spec={"dataset": "moved"})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        bench.landing(
            "1.jsonl", '{"id": 1, "tags": ["a", "b"], "deep": [{"x": [1, 2]}]}\n{"id": 2, "tags": []}\n'
        )
        bench.load(EVENTS)
        bench.landing("2.jsonl", '{"id": 3, "tags": ["c"]}\n')
        bench.load(EVENTS)
        yield bench


@pytest.fixture
def warehouse(bench: Workbench, sandbox: Sandbox) -> Place:
    return replace(PLACE, destination=destination_of(sandbox, bench.root), dataset=f"d{uuid4().hex}")


@pytest.fixture
def lake() -> Place:
    return replace(PLACE, destination=FilesystemDestination(type="filesystem", bucket_url="file://lake"))


@pytest.fixture
def server(postgres_server: str, bench: Workbench) -> Place:
    return replace(PLACE, destination=destination_at(postgres_server), dataset="there")


def move(
    bench: Workbench, old: Place, new: Place, prepared: Callable[[Prepared], None] = lambda _: None
) -> None:
    bench.place = replace(new, origin=old)
    bench.move(MARKER, prepared)
    bench.place = new


def code(bench: Workbench, old: Place, new: Place) -> str:
    """Of the error that ends it; afterwards nothing is there, and nothing hinders the next one."""
    told: list[str] = []
    with pytest.raises(DatabridgeError) as error:
        move(bench, old, new, lambda package: told.append(package.load_id))
    assert bench.settle(*told) is Settlement.ROLLED_BACK
    return error.value.diagnostics[0].code


def test_there_and_back(bench: Workbench, warehouse: Place) -> None:
    pq.write_table(EACH_TYPE, bench.landing("1.parquet", b""))
    bench.load(THINGS)
    before, loads = bench.everything(), bench.load_ids()
    move(bench, PLACE, warehouse)
    back = replace(PLACE, dataset="back")
    move(bench, warehouse, back)
    assert bench.everything("back") == before
    assert loads < bench.load_ids("back")
    assert before.keys() == {"things", "events", "events__tags", "events__deep", "events__deep__x"}


def test_to_files_and_back(bench: Workbench, lake: Place) -> None:
    pq.write_table(
        EACH_TYPE.append_column("opens", pa.array([time(9, 30), None, time.max])),
        bench.landing("1.parquet", b""),
    )
    bench.load(THINGS)
    before, loads = bench.everything(), bench.load_ids()
    move(bench, PLACE, lake)
    files: dict[str, set[str]] = {}
    for file in (bench.root / "lake" / "raw").glob("*/*.parquet"):
        files.setdefault(file.parent.name, set()).add(file.name.rsplit(".", 2)[0])
    # A nested row lies in a file of the load that brought its parent: by that it would be taken away.
    assert files.keys() == before.keys()
    assert files["events"] == files["events__tags"] == {*sorted(loads)[:2]}
    assert files["events__deep__x"] == {min(loads)}
    move(bench, lake, replace(PLACE, dataset="back"))
    assert bench.everything("back") == before
    assert loads < bench.load_ids("back")


def test_to_a_database_by_url_and_back(
    bench: Workbench, server: Place, lake: Place, warehouse: Place
) -> None:
    pq.write_table(
        EACH_TYPE.append_column("doc", pa.array(['{"b": 1,  "a": [2]}', None, "[]"])),
        bench.landing("1.parquet", b""),
    )
    bench.load(THINGS.model_copy(update={"columns": {"doc": Column(data_type="json")}}))
    before, loads = bench.everything(), bench.load_ids()
    move(bench, PLACE, server)
    move(bench, server, warehouse)
    again = replace(server, dataset="again")
    move(bench, warehouse, again)
    move(bench, again, replace(PLACE, dataset="back"))
    assert bench.everything("back") == before
    assert loads < bench.load_ids("back")


def test_from_files_to_a_database_by_url(bench: Workbench, server: Place, lake: Place) -> None:
    before = bench.everything()
    move(bench, PLACE, lake)
    there = replace(server, dataset="from_files")
    move(bench, lake, there)
    move(bench, there, replace(PLACE, dataset="back"))
    assert bench.everything("back") == before


def test_a_text_that_postgresql_does_not_hold(bench: Workbench, server: Place) -> None:
    pq.write_table(pa.table({"word": ["a\0b"]}), bench.landing("1.parquet", b""))
    bench.load(THINGS)
    assert code(bench, PLACE, replace(server, dataset="zero")) == "DB503"


def test_from_files_to_a_warehouse(bench: Workbench, lake: Place, warehouse: Place) -> None:
    before = bench.everything()
    move(bench, PLACE, lake)
    move(bench, lake, warehouse)
    other = replace(lake, dataset="again")
    move(bench, warehouse, other)
    move(bench, other, replace(PLACE, dataset="back"))
    assert bench.everything("back") == before


def test_rows_that_do_not_tell_their_load_become_no_files(bench: Workbench, lake: Place) -> None:
    bench.warehouse("ALTER TABLE raw.events ALTER _dlt_load_id DROP NOT NULL")
    bench.warehouse("UPDATE raw.events SET _dlt_load_id = NULL WHERE id = 1")
    assert code(bench, PLACE, lake) == "DB545"
    assert not [*(bench.root / "lake").rglob("*.parquet")]


def test_files_of_another_format_are_not_read(bench: Workbench, lake: Place) -> None:
    move(bench, PLACE, lake)
    (bench.root / "lake" / "raw" / "events" / "1.2.3.jsonl").write_text("{}")
    assert code(bench, lake, replace(PLACE, dataset="back")) == "DB545"


def test_a_file_that_was_added_by_hand_with_another_type(bench: Workbench, lake: Place) -> None:
    move(bench, PLACE, lake)
    pq.write_table(pa.table({"id": ["1"]}), bench.root / "lake" / "raw" / "events" / "1.2.3.parquet")
    assert code(bench, lake, replace(PLACE, dataset="back")) == "DB543"


@pytest.mark.parametrize("goal", ["warehouse", "lake"])
def test_what_broke_off_among_the_tables_is_taken_back(
    bench: Workbench, goal: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: Place = request.getfixturevalue(goal)
    load = Shipment.load

    def breaking(self: Shipment, table: str, *rest: Any) -> None:
        load(self, table, *rest)
        if "__" in table:
            raise DatabridgeError.of("DB501", "the worker process died")

    with monkeypatch.context() as patch:
        patch.setattr(Shipment, "load", breaking)
        assert code(bench, PLACE, there) == "DB501"
    before = bench.everything()
    move(bench, PLACE, there)
    move(bench, there, replace(PLACE, dataset="back"))
    assert bench.everything("back") == before


def test_a_copy_that_lacks_a_batch(
    bench: Workbench, warehouse: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tablerows, "BATCH_ROWS", 1)
    monkeypatch.setattr(
        shipment, "_up_to", lambda _, first, more: [first, *(batch.slice(1) for batch in more)]
    )
    assert code(bench, PLACE, warehouse) == "DB544"


def test_a_column_that_was_made_another_by_hand(bench: Workbench, warehouse: Place) -> None:
    bench.warehouse("ALTER TABLE raw.events ALTER id TYPE VARCHAR")
    assert code(bench, PLACE, warehouse) == "DB543"


def test_a_type_that_later_loads_could_not_bring(bench: Workbench, warehouse: Place) -> None:
    pq.write_table(pa.table({"id": [1], "opens": [time(9, 30)]}), bench.landing("1.parquet", b""))
    bench.load(THINGS)
    assert code(bench, PLACE, warehouse) == "DB545"
