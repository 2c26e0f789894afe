"""YAML text becomes plain values, each of which knows its line and column."""

from __future__ import annotations

import pytest

from databridge.config.document import Document, parse_document
from databridge.config.lines import split_lines
from databridge.config.tree import grow, scalar
from databridge.model.diagnostic import DatabridgeError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("NO", "NO"),
        ("12", 12),
        ("-7", -7),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2024-01-01", "2024-01-01"),
        ("9" * 38, int("9" * 38)),
        ("9" * 5000, "9" * 5000),
        (".", "."),
        ("-", "-"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_quoted_scalars_are_text() -> None:
    assert grow("""{a: "1", b: 'true', c: ! 5}""").value == {"a": "1", "b": "true", "c": "5"}


def test_keys_are_text() -> None:
    assert grow("{1: a, true: b, ~: c}").value == {"1": "a", "true": "b", "~": "c"}


def test_an_alias_stands_for_what_its_anchor_holds() -> None:
    assert grow("{a: &x {b: 1}, c: *x}").value == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\na: 2\n", "DB005", "2:1"),
        ("a: {b: 1, 'b': 2}\n", "DB005", "1:11"),
        ("a: !!set {b}\n", "DB006", "1:4"),
        ("a: !x [b]\n", "DB006", "1:4"),
        ("!k a: b\n", "DB006", "1:1"),
        ("*a : b\n", "DB006", "1:1"),
        ("a: b\n...\nc: d\n", "DB004", "3:1"),
        ("a: 'x\n", "DB004", "1:5"),
        ("a: [\n\n\n", "DB004", "1:4"),
        ("%YAML 9.9\n---\na: b\n", "DB004", "1:1"),
        ("a: \x07\n", "DB004", "1:4"),
    ],
)
def test_what_is_not_accepted_is_told_where_it_stands(text: str, code: str, place: str) -> None:
    with pytest.raises(DatabridgeError) as caught:
        parse_document("f.yaml", text)
    (problem,) = caught.value.diagnostics
    assert (problem.code, str(problem.where)) == (code, f"f.yaml:{place}")


@pytest.mark.parametrize("depth", [39, 40, 100_000])
def test_depth_is_limited_long_before_python_gives_up(depth: int) -> None:
    text = "a: " + "[" * depth + "]" * depth
    if depth < 40:
        assert grow(text).value
        return
    with pytest.raises(DatabridgeError, match="DB007"):
        parse_document("f.yaml", text)


def document(text: str) -> Document:
    return parse_document("f.yaml", text)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_an_editor(line_break: str) -> None:
    text = "a: 1\nb:\n  - x\n  - {c: d}\n".replace("\n", line_break)
    assert str(document(text).at_value(("b", 1, "c"))) == "f.yaml:4:9"


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\u00a0"])
def test_separators_that_editors_show_within_a_line_end_none(separator: str) -> None:
    text = f"a: 'x{separator}y'\nb: 1\n"
    assert str(document(text).at_key(("b",))) == "f.yaml:2:1"
    assert split_lines(text)[1] == "b: 1"


def test_columns_count_characters() -> None:
    assert str(document("販売: {é: 😀, b: 1}").at_key(("販売", "b"))) == "f.yaml:1:12"


def test_a_missing_value_is_told_at_its_parent_and_an_empty_one_at_its_key() -> None:
    text = "a:\n  b: 1\n  c:\n  d: [x, y]\n"
    read = document(text)
    assert str(read.at_value(("a", "nothing", 5))) == "f.yaml:2:3"
    assert str(read.at_value(("a", "c"))) == "f.yaml:3:3"
    assert str(read.at_key(("a", "d", 1))) == "f.yaml:4:10"
    assert str(read.at_key(())) == "f.yaml:1:1"


def test_the_length_covers_the_word_and_ends_with_the_line() -> None:
    read = document("a: word\nb: two\n  lines\nc: |\n  block\nd: 'quoted'\n")
    lengths = {key: read.at_value((key,)).length for key in "abcd"}
    assert lengths == {"a": 4, "b": 3, "c": 1, "d": 8}


def test_places_below_sources_and_destinations_are_private() -> None:
    read = document("stack: s\nsources: {a: {type: b}}\nowner: x\ndestinations: {c: d}\n")
    assert read.at_value(("sources", "a", "type")).private
    assert read.at_key(("destinations", "c")).private
    assert not read.at_value(("stack",)).private
    assert not read.at_value(("owner",)).private


def test_values_behind_an_alias_are_told_where_they_are_written() -> None:
    read = document("a: &x {b: 1}\nc: *x\n")
    assert str(read.at_value(("c", "b"))) == "f.yaml:1:11"


def test_many_small_aliases_are_fine_and_a_bomb_is_not() -> None:
    assert grow("a: &x [1, 2, 3]\nb: [" + ", ".join(["*x"] * 1000) + "]").value
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    with pytest.raises(DatabridgeError, match="DB007"):
        parse_document("f.yaml", bomb)
