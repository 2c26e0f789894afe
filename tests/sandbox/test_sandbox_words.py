from __future__ import annotations

import pytest

from databridge.sandbox.failure import SqlError
from databridge.sandbox.sql.copyinto import read_copy
from databridge.sandbox.sql.words import Words


def test_comments_are_no_words() -> None:
    words = Words("-- first\nSHOW /* not\nthis */ TABLES ; ")
    assert words.accept("SHOW", "TABLES")
    assert words.done


def test_names_lose_their_backticks_and_keep_what_is_in_them() -> None:
    assert Words("`a``b`.`select`.c_1").names() == ("a`b", "select", "c_1")


def test_a_quoted_word_is_no_keyword() -> None:
    assert not Words("`SHOW` TABLES").accept("SHOW")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'it\\'s'", "it's"),
        ("'a\\\\b'", "a\\b"),
        ('"two words"', "two words"),
        ("'a' 'b'", "ab"),
        ("'\\n'", "\n"),
    ],
)
def test_strings_mean_what_spark_reads(written: str, meant: str) -> None:
    assert Words(written).text() == meant


def test_a_phrase_is_read_whole_or_not_at_all() -> None:
    words = Words("IF NOT THERE")
    assert not words.accept("IF", "NOT", "EXISTS")
    assert words.accept("IF", "NOT", "THERE")


def test_pairs_may_lack_values_and_have_dots() -> None:
    assert Words("('a b' = 'c', d.e = true, 'solo')").pairs() == {"a b": "c", "d.e": "true", "solo": ""}


def test_parentheses_are_matched_and_strings_do_not_count() -> None:
    words = Words("(a > 0 AND f(')', b)) NEXT")
    assert words.balanced() == "a > 0 AND f(')', b)"
    assert words.accept("NEXT")


@pytest.mark.parametrize("sql", ["", "(", "('a' 1)", "= 3"])
def test_what_cannot_be_read_is_a_syntax_error(sql: str) -> None:
    with pytest.raises(SqlError, match="PARSE_SYNTAX_ERROR"):
        Words(sql).pairs()


def test_copy_into_with_everything() -> None:
    words = Words(
        "main.s.t FROM (SELECT a, f(b, 'FROM') AS c FROM 's3://b/x' WITH (CREDENTIAL (AWS_ACCESS_KEY = 'k',"
        " AWS_SESSION_TOKEN = 'None'))) FILEFORMAT = CSV PATTERN = '*.csv'"
        " FORMAT_OPTIONS ('header' = 'true') COPY_OPTIONS ('force' = 'true', 'mergeSchema' = 'true')"
    )
    copy = read_copy(words)
    assert copy.target == ("main", "s", "t")
    assert copy.selected == "a, f(b, 'FROM') AS c"
    assert copy.credentials == {"AWS_ACCESS_KEY": "k"}
    assert (copy.format, copy.pattern, copy.format_options) == ("CSV", "*.csv", {"header": "true"})
    assert copy.force
    assert copy.merge_schema


def test_credentials_are_not_in_the_repr_of_a_statement() -> None:
    words = Words("t FROM 's3://b/x' WITH (CREDENTIAL (AWS_SECRET_KEY = 'geheim')) FILEFORMAT = PARQUET")
    assert "geheim" not in repr(read_copy(words))
