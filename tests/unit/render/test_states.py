from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from textwrap import dedent
from uuid import UUID

import pytest

from databridge.model.address import Address
from databridge.model.cursorvalue import CursorValue
from databridge.model.destination import DuckDbDestination
from databridge.model.ledger import Ledger, LoadMark, PipelineRecord, ResourceRecord
from databridge.model.marker import Owner, mark
from databridge.model.observed import DeclaredTable, Leftover, Observed, RecordCounts, Remains
from databridge.model.recorded import (
    CursorState,
    DltState,
    FileMark,
    Interrupted,
    LocationKind,
    LocationState,
    LocationStatus,
    PendingPackage,
    Recorded,
    RecordedPipeline,
    RecordedStack,
    ResourceState,
)
from databridge.model.resource import Lifecycle, WhenRemoved
from databridge.plan.statecheck import state_notes
from databridge.plan.statenote import NoteKind
from databridge.render.cursor import cursor_words
from databridge.render.states import (
    ledger_remarks,
    state_list_json,
    state_list_text,
    state_show_json,
    state_show_text,
)

AT = datetime(2013, 12, 31, 23, tzinfo=UTC)
FLIGHTS = Address("flights", "ops", "FLIGHTS")
RECORD = PipelineRecord(
    dlt_name="flights_ops",
    schema_name="flights_ops",
    destination=DuckDbDestination(type="duckdb", path="data/w.duckdb"),
    dataset="raw_ops",
    spec={"dataset": "raw_ops"},
    resources={
        "AIRLINES": ResourceRecord(spec={"mode": "merge", "primary_key": ["CARRIER"]}),
        "FLIGHTS": ResourceRecord(
            spec={"mode": "incremental", "cursor_field": "TIME_HOUR"},
            lifecycle=Lifecycle(prevent_reset=True, when_removed=WhenRemoved.FAIL),
            last_load=LoadMark(run_id="r1", at=AT, load_id="1717.1", rows=336_776),
        ),
        "future": ResourceRecord(spec={"mode": "telepathic"}),
        "weather": ResourceRecord(
            spec={"glob": "w/*"}, last_load=LoadMark(run_id="r2", at=AT + timedelta(hours=1))
        ),
    },
)
LEDGER = Ledger(
    project="demo", target="dev", stack="flights", lineage="x", spec_serial=3, pipelines={"ops": RECORD}
)


def copy(version: int, hash_: str, last: CursorValue) -> DltState:
    files = {"a.csv": FileMark(1, ""), "b.csv": FileMark(1, "")}
    return DltState(
        pipeline_name="flights_ops",
        version=version,
        version_hash=hash_,
        engine_version=4,
        dataset="raw_ops",
        marker=mark(Owner(project="demo", target="dev", stack="flights", pipeline="ops"), RECORD),
        resources={
            "FLIGHTS": ResourceState("FLIGHTS", (CursorState("TIME_HOUR", last),)),
            "weather": ResourceState("weather", (), files),
            "stray": ResourceState("stray"),
        },
        schema_hash="SCHEMAHASHabcdefgh=",
        load_id="1717.1",
    )


FOUND = RecordedPipeline(
    LocationState(
        LocationKind.LOCAL,
        "local folder",
        LocationStatus.FOUND,
        copy(9, "aaaaaaaaaaaaaaaa", AT - timedelta(1)),
    ),
    LocationState(
        LocationKind.DUCKDB, "duckdb data/w.duckdb", LocationStatus.FOUND, copy(11, "bbbbbbbbbbbbbbbb", AT)
    ),
    (PendingPackage("1719.3", "normalized"),),
)
STACK = RecordedStack(
    LEDGER,
    pipelines={"flights.ops": FOUND},
    interrupted=(Interrupted("r9", "flights.ops", "creating AIRLINES", "before its load was recorded", AT),),
)
RECORDED = Recorded({"flights": STACK})


def everything(_: Address) -> bool:
    return True


def test_a_list_of_all_that_is_recorded() -> None:
    assert state_list_text(RECORDED, everything, width=120) == dedent("""
        address               loads                       last load                rows  next load starts
        flights.ops.AIRLINES  merge                       never
        flights.ops.FLIGHTS   incremental, append         2013-12-31 23:00 UTC  336,776  past TIME_HOUR 2013-12-31 23:00 UTC
        flights.ops.future    as a newer databridge says  never
        flights.ops.stray     not in the ledger           never
        flights.ops.weather   incremental, append         2014-01-01 00:00 UTC           after 2 files
    """).removeprefix("\n")


def test_a_list_does_not_take_what_nobody_has_read_for_a_start() -> None:
    places = (FOUND.local, FOUND.destination)
    local, there = (
        replace(place, status=status, state=None)
        for place, status in zip(places, (LocationStatus.MISSING, LocationStatus.SKIPPED), strict=True)
    )
    unread = replace(FOUND, local=local, destination=there, pending=())
    recorded = Recorded({"flights": replace(STACK, pipelines={"flights.ops": unread})})
    listed = state_list_text(recorded, FLIGHTS.covers, width=120)
    assert "no local state: see state show" in listed
    assert not json.loads(state_list_json(recorded, FLIGHTS.covers))["resources"][0]["known"]


def test_a_list_keeps_what_it_is_told_to() -> None:
    listed = json.loads(state_list_json(RECORDED, FLIGHTS.covers))
    assert listed == {
        "format_version": 1,
        "resources": [
            {
                "address": "flights.ops.FLIGHTS",
                "managed": True,
                "loads": "incremental, append",
                "last_load": {
                    "run_id": "r1",
                    "at": "2013-12-31T23:00:00Z",
                    "load_id": "1717.1",
                    "rows": 336_776,
                },
                "cursors": [{"path": "TIME_HOUR", "type": "timestamp", "value": "2013-12-31T23:00:00+00:00"}],
                "files": 0,
                "known": True,
            }
        ],
    }
    assert state_list_text(RECORDED, Address("a", "b").covers) == "Nothing is recorded.\n"


def test_a_resource_side_by_side() -> None:
    assert state_show_text(STACK, FLIGHTS, width=80).partition("\n\nowner")[0] == dedent("""
        flights.ops.FLIGHTS
          project demo · target dev · ledger serial 3
          incremental, append
          last load 2013-12-31 23:00 UTC, 336,776 rows, load id 1717.1, run r1

                             ledger        local                 duckdb data/w.duckdb
        status               found         found                 found
        dlt pipeline         flights_ops   flights_ops           flights_ops
        dataset              raw_ops       raw_ops               raw_ops
        state version ≠                    v9                    v11
        state hash ≠                       aaaaaaaaaaaa          bbbbbbbbbbbb
        schema hash                        SCHEMAHASHab          SCHEMAHASHab
        written by load                                          1717.1
        pipeline definition  1:ba9e2a067b  1:ba9e2a067b          1:ba9e2a067b
        definition           1:41a3d12d8d  1:41a3d12d8d          1:41a3d12d8d
        cursor TIME_HOUR ≠                 2013-12-30 23:00 UTC  2013-12-31 23:00 UTC
        its type                           timestamp             timestamp
        ≠ the places differ""").removeprefix("\n")


def test_owner_protection_and_whatever_is_unsettled_are_said_in_words() -> None:
    shown = " ".join(state_show_text(STACK, FLIGHTS, width=80).split())
    assert " owner project demo, target dev, flights.ops " in shown
    assert " protection prevent_reset, when_removed: fail " in shown
    notes = list(state_notes(FLIGHTS.parent, FOUND, STACK.interrupted))
    assert {NoteKind.PENDING, NoteKind.INTERRUPTED} <= {note.kind for note in notes}
    assert all(note.text in shown for note in notes)


def test_a_pipeline_lists_its_resources() -> None:
    shown = state_show_text(STACK, FLIGHTS.parent, width=100)
    assert "FLIGHTS cursor TIME_HOUR ≠                2013-12-30 23:00 UTC  2013-12-31 23:00 UTC\n" in shown
    assert "weather files                             2 files               2 files\n" in shown


def test_where_there_is_no_room_it_is_told_place_by_place() -> None:
    shown = state_show_text(STACK, FLIGHTS, width=40)
    assert "\nlocal\n  status: found\n" in shown
    assert "  cursor TIME_HOUR ≠: 2013-12-30 23:00\n    UTC\n" in shown
    assert all(len(line) <= 40 for line in shown.splitlines())


def test_a_cursor_of_another_type_differs_even_if_it_looks_alike() -> None:
    local = replace(FOUND.local, state=copy(11, "bbbbbbbbbbbbbbbb", "42"))
    remote = replace(FOUND.destination, state=copy(11, "bbbbbbbbbbbbbbbb", 42))
    stack = replace(STACK, pipelines={"flights.ops": RecordedPipeline(local, remote)})
    shown = state_show_text(stack, FLIGHTS, width=80)
    assert "cursor TIME_HOUR ≠                 text 42       bigint 42\n" in shown


def test_a_missing_place_differs_from_a_found_one() -> None:
    local = LocationState(LocationKind.LOCAL, "local folder", LocationStatus.MISSING)
    remote = LocationState(
        LocationKind.DUCKDB, "duckdb x", LocationStatus.UNKNOWN, detail="permission\ndenied"
    )
    stack = replace(STACK, pipelines={"flights.ops": RecordedPipeline(local, remote)}, interrupted=())
    shown = state_show_text(stack, FLIGHTS, width=80)
    assert "status ≠             found         missing  unknown\n" in shown
    assert r"duckdb x: permission\ndenied" in shown


@pytest.mark.parametrize("stack", [STACK, RecordedStack(), RecordedStack(pipelines={"flights.ops": FOUND})])
@pytest.mark.parametrize(
    "address", [FLIGHTS, FLIGHTS.parent, Address("flights", "ops", "x"), Address("a", "b")]
)
@pytest.mark.parametrize("width", [20, 80, 200])
def test_whatever_is_missing_something_is_said(stack: RecordedStack, address: Address, width: int) -> None:
    assert str(address) in state_show_text(stack, address, width=width)
    assert json.loads(state_show_json(stack, address))["address"] == str(address)


def test_json_of_a_resource_holds_it_alone() -> None:
    told = json.loads(state_show_json(STACK, FLIGHTS))
    local, remote = told["locations"]
    assert told["ledger"]["spec"] == {"mode": "incremental", "cursor_field": "TIME_HOUR"}
    assert (local["kind"], local["state"]["version"], remote["state"]["version"]) == ("local", 9, 11)
    assert remote["state"]["resources"].keys() == remote["state"]["marker"]["resources"].keys() == {"FLIGHTS"}
    assert told["pending"] == [{"load_id": "1719.3", "stage": "normalized"}]
    assert told["interrupted"][0]["run_id"] == "r9"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "(none)"),
        ("2013", "text 2013"),
        ("", 'text ""'),
        ("\x1b[0m", r"text \x1b[0m"),
        (2013, "bigint 2013"),
        (1.5, "double 1.5"),
        (Decimal("1.50"), "decimal 1.50"),
        (AT, "timestamp 2013-12-31 23:00 UTC"),
        (
            AT.astimezone(timezone(timedelta(hours=2))) + timedelta(seconds=1),
            "timestamp 2013-12-31 23:00:01 UTC",
        ),
        (AT.replace(tzinfo=None, microsecond=7), "timestamp 2013-12-31 23:00:00.000007 (no zone)"),
        (date(2013, 12, 31), "date 2013-12-31"),
        (time(23), "time 23:00:00"),
        (UUID(int=1), "uuid 00000000-0000-0000-0000-000000000001"),
        (b"\x00\xff", "binary 00ff"),
        (b"", "binary (empty)"),
    ],
)
def test_cursors_are_typed(value: CursorValue, words: str) -> None:
    assert cursor_words(value).replace("\u00a0", " ") == words


SEEN = Observed(
    folder_bytes=12_345,
    packages=3,
    counts=RecordCounts(states=4, schemas=1, loads=5),
    oldest_load="1700000000.0",
    declared={
        "flights": DeclaredTable("flights", "FLIGHTS", "append"),
        "airlines": DeclaredTable("airlines", "AIRLINES", "merge"),
    },
    tables={"flights": {}},
    remains=(Remains("flights", "1700000001.0", 7),),
    leftovers=(Leftover("carriers", 2),),
    staging_schema="STAGINGHASHabcdef=",
)
LOOKED_AT = replace(
    STACK, pipelines={"flights.ops": replace(FOUND, observed=SEEN, pending=())}, interrupted=()
)


def test_what_a_closer_look_told() -> None:
    shown = state_show_text(LOOKED_AT, FLIGHTS.parent, width=120)
    assert " duckdb data/w.duckdb  staging\n" in shown
    assert " SCHEMAHASHab          STAGINGHASHa\n" in shown
    assert shown[shown.index("working") :] == dedent("""
        working folder  12.3 kB, 3 finished packages kept
        dlt's records   4 states, 1 schema, 5 loads
        DB706           7 rows in flights of load 1700000001.0, which never completed
        DB708           raw_ops_staging holds table carriers with 2 files, which no schema knows
        DB710           table raw_ops.airlines is not there, though dlt's schema has it
        local behind    local v9 is behind duckdb v11; the next run restores duckdb v11
    """).removeprefix("\n")


def test_what_waits_in_volumes() -> None:
    left = (
        Leftover("carriers", 2),
        Leftover("flights", 1, "raw.v", volume=True, bytes=1000),
        Leftover("flights", 2, "raw_staging.v", volume=True, bytes=234),
    )
    observed = replace(LOOKED_AT.pipelines["flights.ops"], observed=replace(SEEN, leftovers=left))
    shown = state_show_text(
        replace(LOOKED_AT, pipelines={"flights.ops": observed}), FLIGHTS.parent, width=120
    )
    assert "volume          3 files of dead loads, 1.2 kB\n" in shown
    assert "raw.v holds 1 file for table flights, which no load waits for\n" in shown


def test_a_resource_is_told_of_its_own_tables() -> None:
    shown = state_show_text(LOOKED_AT, FLIGHTS, width=120)
    assert "DB710" not in shown
    assert "DB706" in shown
    told = json.loads(state_show_json(LOOKED_AT, FLIGHTS))["observed"]
    assert told == {
        "folder_bytes": 12_345,
        "packages": 3,
        "state_rows": 4,
        "schema_rows": 1,
        "loads": 5,
        "unrecorded": [{"table": "flights", "load_id": "1700000001.0", "count": 7}],
        "staging_leftovers": [{"table": "carriers", "files": 2, "place": "", "bytes": None}],
        "missing_tables": [],
    }
    whole = json.loads(state_show_json(LOOKED_AT, FLIGHTS.parent))["observed"]
    assert whole["missing_tables"] == ["airlines"]


def test_a_stack_without_a_ledger_is_told_how_to_have_one() -> None:
    bare, rebuilt = replace(STACK, ledger=None), replace(STACK, rebuilt=True)
    recorded = Recorded({"flights": bare, "other": RecordedStack(), "sound": STACK, "zoo": rebuilt})
    assert list(ledger_remarks(recorded, lambda _: True)) == [
        "flights has no ledger. If it was ever applied: databridge state rebuild",
        "The ledger of zoo was lost, and this is what dlt's state says. Write it anew: databridge state rebuild",
    ]
    assert next(ledger_remarks(recorded, lambda _: True, target="prod")).endswith(" --target prod")
    assert not list(ledger_remarks(recorded, lambda _: False))
