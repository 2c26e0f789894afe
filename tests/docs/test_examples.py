"""Whoever copies a stack or a command from a page gets no error for it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from databridge.cli.app import app
from databridge.config.project import load_project
from databridge.model.diagnostic import DatabridgeError
from docs.generate.pages import ROOT, pages
from docs.generate.sessions import exchanges

README = (ROOT / "README.md").read_text("utf-8")
PAGES = [*pages(), ROOT / "CONTRIBUTING.md", *ROOT.glob("examples/*/README.md")]
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMENTS = re.compile(r"(?:#.*\n)*")


def blocks(kind: str) -> list[tuple[str, str]]:
    """The fenced blocks of a kind, each with a name to recognise it by."""
    found = []
    for page in PAGES:
        for number, (each, body) in enumerate(_FENCED.findall(page.read_text("utf-8")), start=1):
            if each == kind:
                found.append((f"{page.relative_to(ROOT)}:{number}", body))
    return found


def bodies(first_key: str) -> list[tuple[str, str]]:
    """The YAML blocks that begin with a key, comments aside."""
    return [
        (name, body)
        for name, body in blocks("yaml")
        if _COMMENTS.sub("", body, count=1).startswith(f"{first_key}:")
    ]


def files(first_key: str) -> list[object]:
    """The same, each as a case."""
    return [pytest.param(body, id=name) for name, body in bodies(first_key)]


def calls() -> list[object]:
    """Every command line of ours, as it is written."""
    lines = [(name, line) for name, body in blocks("sh") for line in body.splitlines()]
    lines += [
        (name, each.command.splitlines()[0]) for name, body in blocks("console") for each in exchanges(body)
    ]
    parts = [
        (name, part.strip())
        for name, line in lines
        for part in re.split(r"&&|\|\||[;|]|>", line.partition(" #")[0])
    ]
    ours = [(name, re.sub(r"^(?:[A-Z_]+=\S+ )+", "", part)) for name, part in parts]
    return [
        pytest.param(part, id=f"{name} {part}") for name, part in ours if re.match(r"databridge( |$)", part)
    ]


@pytest.mark.parametrize("text", files("stack"))
def test_a_stack_on_a_page_is_valid(text: str, tmp_path: Path) -> None:
    (tmp_path / "databridge.yaml").write_text("project: pages\n", "utf-8")
    assert problems(tmp_path, text) == []


@pytest.mark.parametrize("text", files("project"))
def test_a_project_on_a_page_is_valid(text: str, tmp_path: Path) -> None:
    (tmp_path / "databridge.yaml").write_text(text, "utf-8")
    (tmp_path / "stacks" / "_shared").mkdir(parents=True)
    for number, (_, shared) in enumerate(bodies("destinations")):
        (tmp_path / "stacks" / "_shared" / f"{number}.yaml").write_text(shared, "utf-8")
    assert [each for each in problems(tmp_path, None) if "no stack" not in each] == []


def problems(root: Path, stack: str | None) -> list[str]:
    """What `validate` would say of a project with this stack, warnings too."""
    (root / "stacks").mkdir(exist_ok=True)
    if stack is not None:
        (root / "stacks" / "stack.yaml").write_text(stack, "utf-8")
    try:
        project = load_project(root, target=None, variables={}, environ={})
    except DatabridgeError as error:
        return [f"{each.where} {each.summary}" for each in error.diagnostics]
    return [f"{each.where} {each.summary}" for each in project.warnings]


@pytest.mark.parametrize("call", calls())
def test_a_command_on_a_page_is_understood(call: str) -> None:
    words = shlex.split(call)[1:]
    if words[:1] in (["-C"], ["--chdir"]):
        words = words[2:]
    command = get_command(app)
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"there is no command `{words[0]}`"
        command = command.commands[words.pop(0)]
    try:
        command.make_context("databridge", words)
    except typer.Exit:
        assert "--help" in words


def test_there_are_stacks_and_commands_to_look_at() -> None:
    assert len(files("stack")) >= 8
    assert files("project")
    assert len(calls()) >= 30


def test_what_is_said_to_be_missing_is_missing() -> None:
    section = README.partition("## What is not there yet")[2].partition("\n## ")[0]
    named = {words.split()[-1] for words in re.findall(r"`((?:databridge )?[a-z]+)`", section)}
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    assert named, "the section, or the way in which it names commands, has changed"
    assert named & set(root.commands) == set()
