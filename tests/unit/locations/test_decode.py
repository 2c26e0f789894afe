"""What dlt wrote is read with its types, and what can't be understood is refused in words."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zlib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest

from databridge.locations.decode import UnreadableState, decode_state, dlt_state, parse_state
from databridge.model.marker import MarkedResource, Marker, Owner
from databridge.model.recorded import CursorState, FileMark
from databridge.model.resource import Lifecycle

STATE: dict[str, object] = {
    "_state_version": 7,
    "_state_engine_version": 4,
    "_version_hash": "aGFzaA==",
    "pipeline_name": "shop_sales",
    "dataset_name": "raw",
    "sources": {},
}
MARKER = Marker(
    owner=Owner(project="demo", target="dev", stack="shop", pipeline="sales"),
    spec={"dataset": "raw"},
    resources={"ORDERS": MarkedResource(spec={"mode": "merge"}, lifecycle=Lifecycle(prevent_reset=True))},
)


def packed(document: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(document).encode(), 9)).decode()


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ("\uf0261.50", Decimal("1.50")),
        (
            "\uf0272024-05-31T08:15:00.000001+02:00",
            datetime.fromisoformat("2024-05-31T08:15:00.000001+02:00"),
        ),
        ("\uf0272024-05-31T08:15:00Z", datetime(2024, 5, 31, 8, 15, tzinfo=UTC)),
        ("\uf0272024-05-31T08:15:00", datetime(2024, 5, 31, 8, 15)),  # noqa: DTZ001 - naive on purpose
        ("\uf0282024-05-31", date(2024, 5, 31)),
        ("\uf02912345678-1234-5678-1234-567812345678", UUID("12345678-1234-5678-1234-567812345678")),
        ("\uf02a0xbeef", b"\xbe\xef"),
        ("\uf02abeef", b"\xbe\xef"),
        ("\uf02b3q0=", b"\xde\xad"),
        ("\uf02c12.25", Decimal("12.25")),
        ("\uf02d08:15:00", time(8, 15)),
        ("\uf026no number", "\uf026no number"),
        ("\uf026", "\uf026"),
        ("\uf02e1", "\uf02e1"),
        ("žluťoučký 東京", "žluťoučký 東京"),
        ("", ""),
        (3, 3),
        (1.5, 1.5),
        (None, None),
    ],
)
def test_values_keep_their_types(stored: object, value: object) -> None:
    text = packed({"deep": [{"value": stored}]})
    assert decode_state(text) == {"deep": [{"value": value}]}
    source = {"resources": {"r": {"incremental": {"at": {"last_value": stored, "initial_value": stored}}}}}
    (cursor,) = dlt_state(STATE | {"sources": {"s": source}}, schema_name="s").resources["r"].cursors
    assert (cursor.last_value, type(cursor.last_value)) == (value, type(value))
    assert cursor.initial_value == value


def test_a_legacy_row_is_plain_json() -> None:
    text = json.dumps({"name": "東京", "at": "\uf0282024-05-31"}, ensure_ascii=False)
    assert decode_state(text) == {"name": "東京", "at": date(2024, 5, 31)}


@pytest.mark.parametrize(
    "text", ["", "{", "AAAA", "[1]", '"text"', "\uf026", "[" * 100_000, base64.b64encode(b"no").decode()]
)
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(UnreadableState):
        parse_state(text)


def test_only_the_pipeline_s_own_source_is_read() -> None:
    sources = {
        "sales": {
            "resources": {
                "ORDERS": {
                    "incremental": {
                        "at": {"last_value": 5},
                        "other": {"last_value": "x", "initial_value": "a"},
                    }
                },
                "COUNTRIES": {"anything": 1},
            },
            "own": "value",
        },
        "else": {"resources": {"X": {"incremental": {"at": "damaged"}}}},
    }
    state = dlt_state(STATE | {"sources": sources}, schema_name="sales", load_id="17.5")
    assert (state.pipeline_name, state.version, state.version_hash) == ("shop_sales", 7, "aGFzaA==")
    assert (state.engine_version, state.dataset, state.load_id, state.marker) == (4, "raw", "17.5", None)
    assert list(state.resources) == ["ORDERS", "COUNTRIES"]
    assert state.resources["ORDERS"].cursors == (CursorState("at", 5), CursorState("other", "x", "a"))
    assert state.resources["COUNTRIES"].cursors == ()


def test_file_marks() -> None:
    marks = {"2024/a.csv": [12, "2024-05-31T08:15:00.000000+00:00"]}
    sources = {"s": {"resources": {"files": {"databridge_files": marks}}}}
    state = dlt_state(STATE | {"sources": sources}, schema_name="s")
    assert state.resources["files"].files == {"2024/a.csv": FileMark(12, "2024-05-31T08:15:00.000000+00:00")}


def test_the_marker_comes_back_as_it_was_written() -> None:
    document = parse_state(packed(STATE | {"sources": {"_databridge": MARKER.model_dump(mode="json")}}))
    assert dlt_state(document, schema_name="s").marker == MARKER


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"_state_engine_version": 5}, "engine version is 5"),
        ({"_state_engine_version": None}, "engine version is None"),
        ({"_state_version": "7"}, "_state_version"),
        ({"sources": []}, "`sources` is not an object"),
        ({"sources": {"s": {"resources": []}}}, r"`sources\.s\.resources` is not an object"),
        ({"sources": {"s": {"resources": {"r": {"incremental": {"at": 3}}}}}}, "`at` is not an object"),
        (
            {"sources": {"s": {"resources": {"r": {"databridge_files": {"a": 3}}}}}},
            "`databridge_files` is not",
        ),
        ({"sources": {"_databridge": {"format_version": 2}}}, "format 2, written by a newer databridge"),
        ({"sources": {"_databridge": "x"}}, "`_databridge` is not an object"),
        ({"sources": {"_databridge": {"spec": {}}}}, "damaged: `owner`"),
    ],
)
def test_what_is_not_understood_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(UnreadableState, match=words):
        dlt_state(STATE | change, schema_name="s")


def test_a_damaged_marker_does_not_print_its_values() -> None:
    marker = {"owner": {"project": "p", "target": "t", "stack": "s", "pipeline": ["hunter2"]}, "spec": {}}
    with pytest.raises(UnreadableState) as caught:
        dlt_state(STATE | {"sources": {"_databridge": marker}}, schema_name="s")
    assert "hunter2" not in str(caught.value)


def test_the_type_characters_move_with_dlt_s_variable() -> None:
    code = (
        "from databridge.locations.decode import decode_state; import json;"
        "print(decode_state(json.dumps({'a': chr(0xE000) + '1.5', 'b': chr(0xF026) + '1.5'})))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"DLT_JSON_TYPED_PUA_START": "0xe000"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "{'a': Decimal('1.5'), 'b': '\\uf0261.5'}"
