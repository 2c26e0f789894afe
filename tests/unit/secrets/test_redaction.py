"""No known secret is left in a text, whatever a driver made of it."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from databridge.secrets.redaction import Redaction

secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=30).filter(
    lambda text: text.strip() and "*" not in text
)


def redact(text: str, *values: str) -> str:
    return Redaction(lambda: values)(text)


@given(secrets, st.sampled_from(["could not connect as %s to host", "%s", "%s%s", "'%s'"]))
def test_a_secret_is_struck_out_wherever_it_stands(secret: str, frame: str) -> None:
    for form in (
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        repr(secret),
        json.dumps(secret),
    ):
        text = frame.replace("%s", form)
        assert form not in redact(text, secret)


def test_the_rest_is_left_as_it_was() -> None:
    assert redact("login as ada with s3cr3t! failed", "s3cr3t!") == "login as ada with *** failed"
    assert redact("nothing known", *()) == "nothing known"


def test_a_secret_that_begins_with_another_leaves_nothing_behind() -> None:
    assert redact("abcd abcdefgh", "abcd", "abcdefgh") == "*** ***"


@pytest.mark.parametrize("password", ["p@ss/word:x y", "ä%20&?#", "a+b c%"])
def test_a_secret_in_a_url_is_struck_out(password: str) -> None:
    url = make_url("postgresql://ada@db/erp").set(password=password).render_as_string(hide_password=False)

    assert redact(f"can't reach {url}.", password) == "can't reach postgresql://ada:***@db/erp."
    assert redact(quote(password, safe="").lower(), password.lower()) == "***"


def test_a_short_secret_is_struck_out_where_it_stands_alone() -> None:
    assert redact("message: user sa, 'sa'@db", "sa") == "message: user ***, '***'@db"


def test_a_line_of_a_private_key_is_secret_too() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n"

    assert redact("bad line: MIIEvQIBADANBgkqhkiG9w0B!", key) == "bad line: ***!"
    assert "MIIE" not in redact(f"key {key!r}", key)


def test_what_becomes_known_later_is_struck_out_from_then_on() -> None:
    known: list[str] = []
    redaction = Redaction(lambda: known)
    assert redaction("hush-hush") == "hush-hush"

    known.append("hush-hush")

    assert redaction("hush-hush") == "***"
