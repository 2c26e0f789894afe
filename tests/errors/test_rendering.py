"""How a diagnostic looks: the form, the caret under what is meant, and nothing that a terminal would obey."""

from __future__ import annotations

import pytest

from databridge.model.diagnostic import Diagnostic, Severity, SourceRange
from databridge.render.diagnostics import render_diagnostics
from databridge.render.mask import secret_spans

UNKNOWN = Diagnostic(
    code="DB103",
    summary="Unknown write disposition `mrege`",
    detail="expected `append`, `merge` or `replace`",
    hint="Did you mean `merge`?",
    where=SourceRange(file="stacks/github.yml", line=7, column=28, length=5),
)
LINE = " " * 8 + "write_disposition: mrege"


def shown(*diagnostics: Diagnostic, line: str | None = LINE, color: bool = False) -> str:
    return render_diagnostics(diagnostics, read_line=lambda _file, _line: line, color=color)


def at(column: int, length: int = 1, *, private: bool = False) -> Diagnostic:
    where = SourceRange(file="s.yaml", line=1, column=column, length=length, private=private)
    return Diagnostic(code="DB101", summary="x", where=where)


def test_the_form() -> None:
    assert shown(UNKNOWN) == (
        "error[DB103]: Unknown write disposition `mrege`\n"
        "  --> stacks/github.yml:7:28\n"
        "7 |         write_disposition: mrege\n"
        "  |                            ^^^^^ expected `append`, `merge` or `replace`\n"
        "hint: Did you mean `merge`?\n"
        "\n"
        "1 error\n"
    )


def test_without_the_line_the_detail_stands_by_itself() -> None:
    assert "\n  --> stacks/github.yml:7:28\nexpected `append`" in shown(UNKNOWN, line=None)


def test_nothing_is_said_of_no_problems() -> None:
    assert shown() == ""


@pytest.mark.parametrize(
    ("errors", "warnings", "count"),
    [(1, 0, "1 error"), (2, 1, "2 errors, 1 warning"), (0, 2, "2 warnings"), (1200, 0, "1,200 errors")],
)
def test_the_last_line_counts(errors: int, warnings: int, count: str) -> None:
    error = Diagnostic(code="DB001", summary="x")
    warning = error.model_copy(update={"severity": Severity.WARNING})
    assert shown(*[error] * errors, *[warning] * warnings).endswith(f"\n{count}\n")


def test_colour_adds_only_colour() -> None:
    import re

    plain, colored = shown(UNKNOWN), shown(UNKNOWN, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize("color", [False, True])
def test_markup_and_control_characters_of_a_file_do_nothing(color: bool) -> None:
    text = shown(at(1, 4), line="[red]\x1b[31mx\x07\ty", color=color)
    assert "[red]" in text
    assert "\x07" not in text
    assert "\x1b[31mx" not in text


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [("\tab", 2, " ^"), ("販売x", 3, "    ^"), ("e\u0301x", 3, " ^"), ("abc", 4, "   ^")],
)
def test_the_caret_stands_below_what_is_meant(line: str, column: int, caret: str) -> None:
    assert shown(at(column), line=line).splitlines()[3] == f"  | {caret}"


def test_a_long_line_is_cut_around_the_caret() -> None:
    lines = shown(at(1001, 3), line="x" * 1000 + "abc" + "y" * 1000).splitlines()
    start = lines[3].index("^")
    assert lines[2][start : start + 3] == "abc"
    assert lines[3].count("^") == 3
    assert max(map(len, lines)) < 130


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("password: hunter2", "password: ***"),
        ("  - {name: x, db_password: 'hunter2', y: 1}", "  - {name: x, db_password: ***, y: 1}"),
        ("{access_token: hunter2, y: 1}", "{access_token: ***, y: 1}"),
        ('"api_key": "hun\\"ter2"', '"api_key": ***'),
        ("password: ${secret.pw}", "password: ${secret.pw}"),
        ("url: postgresql://u:hunter2@h/db", "url: ***"),
        ("url: postgresql://u:${secret.pw}@h/db", "url: postgresql://u:${secret.pw}@h/db"),
        ("url: https://u@h/db?token=hunter2&x=1", "url: ***"),
        ("- mssql://h?odbc_connect=PWD%3Dhunter2", "- ***"),
        ("primary_key: [ID]", "primary_key: [ID]"),
        ("token_url: https://h/token", "token_url: https://h/token"),
        ("password: |", "password: |"),
    ],
)
def test_credentials_are_masked_wherever_they_stand(line: str, masked: str) -> None:
    assert shown(at(1), line=line).splitlines()[2] == f"1 | {masked}"


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("pasword: hunter2", "pasword: ***"),
        (
            "x: {type: sql, user: hunter2, url: 'a://b'} # hunter2",
            "x: {type: sql, user: ***, url: 'a://b'} ***",
        ),
        ("path: data/x.db", "path: data/x.db"),
        ("  hunter2", "  ***"),
        ("- hunter2", "- ***"),
        ("host: ${env.HOST}", "host: ${env.HOST}"),
        ("keys: [hunter2, x]", "keys: ***"),
        ("erp:", "erp:"),
        ("url: hunter2", "url: ***"),
    ],
)
def test_in_private_places_only_what_is_known_to_be_harmless_stays(line: str, masked: str) -> None:
    assert shown(at(1, private=True), line=line).splitlines()[2] == f"1 | {masked}"


def test_the_caret_follows_what_the_mask_moves() -> None:
    line = "{api_token: hunter2hunter2, port: 5}"
    lines = shown(at(line.index("port") + 1, 4), line=line).splitlines()
    assert lines[2] == "1 | {api_token: ***, port: 5}"
    assert lines[3].index("^") == lines[2].index("port")
    assert lines[3].count("^") == 4


def test_a_very_long_line_is_masked_in_no_time_that_grows_with_its_square() -> None:
    # Before a key had to begin at a word this took minutes.
    assert secret_spans("9" * 1_000_000, private=False) == []
    assert secret_spans("9" * 1_000_000, private=True) == [(0, 1_000_000)]
