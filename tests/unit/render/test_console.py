from __future__ import annotations

import io
import os

import pytest

from databridge.render.console import Traits, console_traits, write


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_colour(environ: dict[str, str], on_terminal: bool, elsewhere: bool) -> None:
    assert console_traits(Terminal(), environ).color is on_terminal
    assert console_traits(io.StringIO(), environ).color is elsewhere


def test_only_a_terminal_that_is_not_dumb_is_live() -> None:
    assert console_traits(Terminal(), {"NO_COLOR": "1"}).live
    assert not console_traits(Terminal(), {"TERM": "dumb"}).live
    assert not console_traits(io.StringIO(), {"FORCE_COLOR": "1"}).live


@pytest.mark.parametrize(
    ("columns", "width"),
    [("100", 100), ("5", 20), ("0", 120), ("-1", 120), ("wide", 120), ("", 120), ("²", 120)],
)
def test_width(columns: str, width: int) -> None:
    assert console_traits(io.StringIO(), {"COLUMNS": columns}).width == width
    assert console_traits(Terminal(), {"COLUMNS": columns}).width == width


def test_a_terminal_is_asked_for_its_width() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(ours, "wb"), os.fdopen(theirs, "w") as stream:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(stream, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 77, 0, 0))
        assert console_traits(stream, {}) == Traits(width=77, color=True, live=True)


def test_an_encoding_without_our_glyphs_gets_them_spelled() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    write(stream, "a → b · Ä")
    stream.flush()
    assert raw.getvalue() == b"a -> b - \\xc4\n"
