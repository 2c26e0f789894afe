from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from databridge.render.printable import cells, folded, glued, printable, transition, value_words


@given(st.text(st.characters()))
def test_whatever_comes_out_is_one_printable_line(text: str) -> None:
    assert printable(text).isprintable()
    printable(text).encode()


def test_printable_text_stays_as_it_is_and_other_characters_are_spelled() -> None:
    assert printable("Größe 大 🚀") == "Größe 大 🚀"
    assert printable("a\x1b[31m\n\u202e\u00a0\ud800") == r"a\x1b[31m\n\u202e\xa0\ud800"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "(none)"),
        (True, "true"),
        (3, "3"),
        ("UPDATED_AT", "UPDATED_AT"),
        ("2024-01-01 12:00", "2024-01-01 12:00"),
        ("", '""'),
        (" ", '" "'),
        ("\t", r'"\t"'),
        ("a,b", '"a,b"'),
        (["ID", "DAY"], "[ID, DAY]"),
        ([], "[]"),
    ],
)
def test_values_in_words(value: JsonValue, words: str) -> None:
    assert value_words(value) == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("a", "b", "a →\u00a0b"),
        (None, "b", "(none) →\u00a0b"),
        ("1", 1, '"1" →\u00a01'),
        ("true", True, '"true" →\u00a0true'),
        (None, "(none)", '(none) →\u00a0"(none)"'),
    ],
)
def test_a_transition_never_looks_like_none(before: JsonValue, after: JsonValue, words: str) -> None:
    assert transition(before, after) == words


def test_every_character_has_the_width_that_unicode_gives_it() -> None:
    for code in range(0x20, 0x3000):
        character = chr(code)
        if character.isprintable():
            wide = unicodedata.east_asian_width(character) in "WF"
            mark = unicodedata.category(character) in ("Mn", "Me")
            assert cells(character) == (0 if mark else 2 if wide else 1), hex(code)


@given(text=st.text("ab 大e\u0301", max_size=60), width=st.integers(1, 20))
def test_folding_loses_no_word_and_breaks_none(text: str, width: int) -> None:
    lines = list(folded(text, width))
    assert " ".join(lines).split() == text.split()
    assert all(cells(line) <= width or len(line.split()) == 1 for line in lines)


def test_what_is_glued_stays_together() -> None:
    assert list(folded(f"from cursor {glued('2013-12-31 23:00')}", 24)) == ["from cursor", "2013-12-31 23:00"]
