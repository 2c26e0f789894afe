"""Whatever happens to a journal's bytes, what is read was written; what was promised is there, or reading fails."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databridge.model.diagnostic import DatabridgeError
from databridge.model.journal import Entry, Stage
from databridge.state.journal import appended
from databridge.state.journalfile import DamagedJournalError, JournalText, decode_journal, encode_entry
from databridge.state.local import LocalStore

NOON = datetime(2026, 11, 23, 12, 30, 15, 123456, tzinfo=UTC)


def entry(stage: Stage, token: str, **fields: object) -> Entry:
    return Entry.model_validate(
        {"token": token, "run_id": "r", "pipeline": "main", "stage": stage, "at": NOON} | fields
    )


ENTRIES = (
    entry(Stage.BEGUN, "t1", what="creating Ä\u2028\n", loads=["A"]),
    entry(Stage.PREPARED, "t1", load_id="1.5", rows={"A": 3}),
    entry(Stage.BEGUN, "t2"),
)
LINES = tuple(encode_entry(one) for one in ENTRIES)
WHOLE = b"".join(LINES)


def test_entries_are_read_as_they_were_written() -> None:
    assert decode_journal(WHOLE) == JournalText(ENTRIES, torn=False)
    assert decode_journal(b"") == JournalText((), torn=False)


def test_each_line_is_json() -> None:
    assert all(line.count(b"\n") == 1 for line in LINES)
    assert [json.loads(line)["entry"]["token"] for line in LINES] == ["t1", "t1", "t2"]


@given(st.integers(0, len(WHOLE)))
def test_a_journal_cut_off_anywhere_has_the_entries_before_the_cut(length: int) -> None:
    whole_lines = sum(length >= len(b"".join(LINES[: n + 1])) for n in range(len(LINES)))

    text = decode_journal(WHOLE[:length])

    assert text.entries == ENTRIES[:whole_lines]
    assert text.torn == (length != len(b"".join(LINES[:whole_lines])))


@given(st.integers(0, len(WHOLE) - 2), st.integers(1, 255))
def test_a_changed_byte_never_passes(position: int, flipped: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[position] ^= flipped

    with pytest.raises(DamagedJournalError, match=r"line [123]"):
        decode_journal(bytes(damaged))


def test_a_tail_of_zeros_is_torn() -> None:
    assert decode_journal(WHOLE + b"\0" * 512) == JournalText(ENTRIES, torn=True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (WHOLE + LINES[0], "line 4: job t1 was begun already"),
        (LINES[1] + LINES[2], "line 1: job t1 is prepared, but was not begun"),
        (LINES[0] + b"\n" + LINES[2], "line 2: its checksum does not fit"),
        (LINES[0][:-9] + b"\n" + LINES[2], "line 1: its checksum does not fit"),
    ],
    ids=["twice", "lost begin", "empty line", "half a line"],
)
def test_what_makes_no_sense_is_damage(content: bytes, why: str) -> None:
    with pytest.raises(DamagedJournalError, match=why):
        decode_journal(content)


def test_an_entry_of_a_newer_databridge_is_damage() -> None:
    body = b'{"token":"t","unheard_of":1}'

    line = b'{"sum":"%08x","entry":%s}\n' % (zlib.crc32(body), body)

    with pytest.raises(DamagedJournalError, match="no entry that this databridge knows"):
        decode_journal(line)


def test_the_store_says_where_the_damage_is_and_adds_nothing_to_it(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, project="demo", target="dev")
    store.append("sales", ENTRIES[0])
    store.append("sales", ENTRIES[2])
    file = store.folder / "sales" / "journal.jsonl"
    damaged = file.read_bytes().replace(b"creating", b"cheating")
    file.write_bytes(damaged)

    for access in (
        lambda: store.open_entries("sales"),
        lambda: store.append("sales", entry(Stage.FINISHED, "t2")),
    ):
        with pytest.raises(DatabridgeError, match="DB406 Can't read the journal of stack sales") as caught:
            access()
        assert f"{file}: line 1: its checksum" in caught.value.diagnostics[0].detail
    assert file.read_bytes() == damaged


def test_the_journal_does_not_grow(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, project="demo", target="dev")
    file = store.folder / "sales" / "journal.jsonl"
    store.append("sales", entry(Stage.BEGUN, "long"))
    alone = file.read_bytes()

    for turn in range(5):
        store.append("sales", entry(Stage.BEGUN, f"t{turn}"))
        store.append("sales", entry(Stage.PREPARED, f"t{turn}", load_id="1.1"))
        store.append("sales", entry(Stage.FINISHED, f"t{turn}"))

    assert file.read_bytes() == alone
    store.append("sales", entry(Stage.FAILED, "long"))
    assert not file.exists()


@given(st.lists(st.tuples(st.sampled_from(Stage), st.sampled_from(["t1", "t2"])), max_size=12))
def test_a_journal_with_ends_in_it_is_read_too(steps: list[tuple[Stage, str]]) -> None:
    entries: tuple[Entry, ...] = ()
    content = b""
    for stage, token in steps:
        one = entry(stage, token)
        try:
            entries = appended(entries, one)
        except ValueError:
            continue
        content += encode_entry(one)

    assert decode_journal(content).entries == entries
