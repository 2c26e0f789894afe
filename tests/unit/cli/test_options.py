"""What is typed on the command line, before anything is done."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.metadata import version

import pytest
import typer

from databridge.cli.app import app, run
from databridge.cli.options import RiskName
from databridge.cli.workplace import plan_options
from databridge.model.diagnostic import ExitCode
from databridge.plan.consequence import FREE_RISK, Risk
from tests.support.project import Project

Command = typer.core.TyperCommand


def commands() -> Iterator[tuple[str, Command]]:
    """Every command by the words that call it."""
    root = typer.main.get_command(app)
    assert isinstance(root, typer.core.TyperGroup)
    for name, command in root.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            for below, leaf in command.commands.items():
                assert isinstance(leaf, Command)
                yield f"{name} {below}", leaf
        else:
            assert isinstance(command, Command)
            yield name, command


COMMANDS = dict(commands())
each_command = pytest.mark.parametrize("name", COMMANDS)


@each_command
def test_help_says_what_each_option_means(name: str) -> None:
    assert [option.name for option in COMMANDS[name].params if not getattr(option, "help", None)] == []


@each_command
def test_the_examples_in_a_help_text_are_command_lines(name: str) -> None:
    text = COMMANDS[name].help or ""
    examples = [line.strip() for line in text.splitlines() if line.startswith("  ")]
    assert bool(examples) or name == "version"
    for example in examples:
        for line in example.split(" && "):
            program, *words = shlex.split(line)
            if program == "cd":
                continue
            assert program == "databridge"
            called = next(n for n in (" ".join(words[:2]), words[0]) if n in COMMANDS)
            COMMANDS[called].make_context(called, words[len(called.split()) :]).close()


OF_A_COMMAND = {"--format", "--out", "--destination"}
"""Plans have one form more; a plan is written out, or a stack; a destination is looked into, or written down."""


def test_an_option_means_the_same_wherever_it_stands() -> None:
    meanings: dict[str, set[tuple[object, ...]]] = {}
    for command in COMMANDS.values():
        for option in command.params:
            for spelling in option.opts:
                if spelling.startswith("--") and spelling not in OF_A_COMMAND:
                    meanings.setdefault(spelling, set()).add((getattr(option, "help", ""), *option.opts))
    assert {name for name, found in meanings.items() if len(found) > 1} == set()


def test_every_exit_code_stands_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    epilog = capsys.readouterr().out.partition("Exit codes:")[2]
    assert {int(code) for code in re.findall(r"\b(\d+)\s", epilog)} == set(ExitCode)


def test_each_risk_beyond_the_free_ones_can_be_allowed_by_name() -> None:
    grave = {risk for risk in Risk if risk.gravity > FREE_RISK.gravity}
    assert {Risk(name) for name in RiskName} == grave


def test_the_environment_may_choose_the_target(
    shop: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABRIDGE_TARGET", "prod")
    assert run(["validate"]) == 0
    assert run(["validate", "-t", "dev"]) == 0
    assert re.findall(r"target (\w+)", capsys.readouterr().out) == ["prod", "dev"]


def test_a_project_is_found_from_a_folder_below(
    shop: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.root / "stacks")
    assert run(["validate"]) == 0
    assert "project shop" in capsys.readouterr().out


def test_selections_add_up(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shop.edit("stacks/shop.yaml", "visits/*.csv}", "visits/*.csv}\n      - {name: clicks, glob: clicks/*}")
    shop.edit("stacks/shop.yaml", "visits/*.csv}", "visits/*.csv}\n      - {name: events, glob: events/*}")
    assert run(["plan", "-s", "*.visits", "--select", "*.clicks"]) == 0
    out = capsys.readouterr().out
    assert "2 to create" in out
    assert "events" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "--var", "=x"], "DB602"),
        (["plan", "--var", "x"], "--var x=VALUE"),
        (["plan", "--select"], "--select"),
        (["plan", "extra"], "extra"),
        (["apply", "--parallelism", "0"], "--parallelism"),
        (["apply", "--lock-timeout", "-1"], "--lock-timeout"),
        (["apply", "--limit", "ten"], "--limit"),
        (["run", "--auto-approve"], "--auto-approve"),
        (["runs", "list", "-n", "0"], "--newest"),
        (["state", "show"], "ADDRESS"),
        (["state", "show", "a.b.c.d"], "a.b.c.d"),
        (["runs"], "databridge runs --help"),
        (["schema", "ledger"], "ledger"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_answered(
    shop: Project, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(arguments) == ExitCode.ERROR
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "hint: " in err
    assert "Value error" not in err


def test_a_plan_is_told_which_dlt_would_carry_it_out() -> None:
    assert plan_options(None, None).dlt_version == version("dlt")
