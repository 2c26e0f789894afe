"""The page of commands shows what `--help` shows, command by command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from databridge.cli.app import app
from docs.generate.blocks import table

PROGRAM = "databridge"


def commands() -> Iterator[tuple[str, TyperCommand]]:
    """Every command with the words that call it: `databridge state show`."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    yield from _below(root, PROGRAM)


def _below(group: TyperGroup, words: str) -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _below(command, f"{words} {name}")
        elif isinstance(command, TyperCommand):
            yield f"{words} {name}", command


def overview() -> str:
    """One line a command."""
    rows = [(f"[`{words}`](#{words.replace(' ', '-')})", _summary(command)) for words, command in commands()]
    return table(("command", "does"), rows)


def reference() -> str:
    """Every command with its help, its examples, its arguments and options."""
    return "\n\n".join(_section(words, command) for words, command in commands())


def _section(words: str, command: TyperCommand) -> str:
    text, examples = _told(command)
    parts = [f"## {words}", text]
    if examples:
        parts.append(f"```sh\n{examples}\n```")
    context = typer.Context(command, info_name=words)
    records = [(p.param_type_name, p.get_help_record(context)) for p in command.get_params(context)]
    for kind in ("argument", "option"):
        rows = [
            _row(*record) for each, record in records if each == kind and record and record[0] != "--help"
        ]
        if rows:
            parts.append(table((kind, "meaning"), rows))
    return "\n\n".join(parts)


def _told(command: TyperCommand) -> tuple[str, str]:
    """The help's text and its examples."""
    text, _, examples = (command.help or "").partition("\b\nExamples:\n")
    return " ".join(text.split()), dedent(examples).strip()


def _summary(command: TyperCommand) -> str:
    return re.split(r"(?<=[.;]) ", _told(command)[0])[0].rstrip(";")


def _row(words: str, meaning: str) -> tuple[str, str]:
    return f"`{words}`", re.sub(r"\s+\[", " [", meaning)
