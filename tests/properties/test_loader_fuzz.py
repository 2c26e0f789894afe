"""Whatever lies in a project's folder, loading it ends in a project or in diagnostics whose places exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from databridge.config.lines import split_lines
from databridge.config.project import load_project
from databridge.model.codes import CODES
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.render.diagnostics import render_diagnostics

PROJECT = """\
project: demo
variables: {region: eu, size: 18, keys: [ID]}
targets:
  dev: {variables: {region: us}}
  prod: {store: elsewhere}
"""
STACK = """\
stack: sales_de
description: "Orders of ${var.region} $${kept}"
sources:
  ops: &file {type: sqlite, path: "${var.region}/ops.db"}
  erp: {type: sql, url: "postgresql+psycopg2://reader:${secret.pw}@db/erp"}
  landing:
    type: filesystem
    bucket_url: file://landing
destinations:
  lake: {type: duckdb, path: lake.duckdb}
pipelines:
  tables:
    source: ops
    destination: lake
    schedule: 1h
    defaults: {schema: SALES, lifecycle: {when_removed: keep}}
    resources:
      - COUNTRIES
      - {name: ORDERS, mode: incremental, cursor_field: AT, cursor_initial_value: 2024-01-01}
      - name: CUSTOMERS
        mode: merge
        primary_key: ${var.keys}
        columns: {AMOUNT: {data_type: decimal, precision: "${var.size}", scale: 2}}
        lifecycle: {prevent_reset: true}
  files:
    source: landing
    destination: lake
    resources:
      - {name: flights, glob: "flights/*", csv: {null_values: ["", NA]}}
"""
TOKENS = [
    *"{}[]:,-#&*!|>%@`'\"\\ \n\t\r\0\ufeff\x85\u2028é販",
    "\n  ", "\n    - ", ": ", "- ", "---\n", "...\n", "<<: *file", "*file", "&a ", "!!int ", "? ", "null", "true", "1e999", ".inf",
    "0x" + "f" * 60, "9" * 5000, "${var.region}", "${var.", "${env.HOME}", "${secret.x}", "$${", "${}", "[" * 50, "{a: " * 50,
    "name", "mode", "merge", "primary_key", "defaults", "resources", "sources", "stack", "type", "sqlite", "kind", "schema_name",
]  # fmt: skip

edits = st.tuples(
    st.integers(0, 2000), st.integers(0, 60), st.sampled_from(TOKENS) | st.text(max_size=4) | st.just("")
)


def edited(text: str, changes: list[tuple[int, int, str]]) -> str:
    for at, length, new in changes:
        start = at % (len(text) + 1)
        text = text[:start] + new + text[start + length :]
    return text


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "stacks" / "_shared").mkdir(parents=True)
    return root


def check(root: Path, files: dict[str, bytes]) -> bool:
    """Whether the project loads; its diagnostics are examined either way."""
    for old in root.rglob("*.yaml"):
        old.unlink()
    for name, content in files.items():
        (root / name).write_bytes(content)
    try:
        problems = load_project(root, target=None, variables={}, environ={"HOME": "/home/x"}).warnings
        loaded = True
    except DatabridgeError as error:
        problems = error.diagnostics
        loaded = False
    for problem in problems:
        examine(root, problem)
    rendered = render_diagnostics(problems, read_line=lambda file, line: lines_of(root, file)[line - 1])
    assert all(problem.code in rendered for problem in problems)
    assert PLANTED not in rendered
    return loaded


def examine(root: Path, problem: Diagnostic) -> None:
    assert problem.code in CODES
    assert problem.summary
    assert "Input should" not in problem.summary + problem.detail
    place = problem.where
    if place is None:
        return
    lines = lines_of(root, place.file)
    assert 1 <= place.line <= len(lines)
    line = lines[place.line - 1]
    assert 1 <= place.column <= max(1, len(line))
    assert place.column - 1 + place.length <= max(1, len(line))


def lines_of(root: Path, file: str) -> list[str]:
    return split_lines((root / file).read_bytes().decode("utf-8-sig", "replace"))


RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_the_files_that_are_changed_here_load_as_they_are(root: Path) -> None:
    assert check(root, {"databridge.yaml": PROJECT.encode(), "stacks/s.yaml": STACK.encode()})


@RELAXED
@given(changes=st.lists(edits, min_size=1, max_size=4))
@example(changes=[(0, 2000, "[" * 5000)])
@example(changes=[(0, 2000, "{a: " * 5000)])
@example(changes=[(0, 2000, "- " * 5000)])
@example(changes=[(0, 2000, "\ufeff")])
@example(changes=[(0, 14, "stack: &a\n  b: *a")])
def test_a_changed_stack_file_never_breaks_the_loader(
    root: Path, changes: list[tuple[int, int, str]]
) -> None:
    stack = edited(STACK, changes)
    check(root, {"databridge.yaml": PROJECT.encode(), "stacks/s.yaml": stack.encode("utf-8", "replace")})


@RELAXED
@given(changes=st.lists(edits, min_size=1, max_size=4))
def test_a_changed_project_file_never_breaks_the_loader(
    root: Path, changes: list[tuple[int, int, str]]
) -> None:
    project = edited(PROJECT, changes)
    check(root, {"databridge.yaml": project.encode("utf-8", "replace"), "stacks/s.yaml": STACK.encode()})


@RELAXED
@given(tokens=st.lists(st.sampled_from(TOKENS) | st.text(max_size=3), max_size=60))
def test_text_that_looks_like_yaml_never_breaks_the_loader(root: Path, tokens: list[str]) -> None:
    text = "".join(tokens).encode("utf-8", "replace")
    check(root, {"databridge.yaml": b"project: demo\n", "stacks/s.yaml": text, "stacks/_shared/x.yaml": text})


@RELAXED
@given(content=st.binary(max_size=200))
def test_bytes_never_break_the_loader(root: Path, content: bytes) -> None:
    check(root, {"databridge.yaml": b"project: demo\n", "stacks/s.yaml": content})
    check(root, {"databridge.yaml": content, "stacks/s.yaml": b"stack: s\n"})


PLANTED = "hunter2"
LEAKY = STACK.replace("path: lake.duckdb", 'path: "x", password: hunter2').replace(
    "    type: filesystem\n",
    "    type: filesystem\n    access_token: hunter2\n    link: https://u:hunter2@host/x\n    api_key: [hunter2]\n",
)


@RELAXED
@given(changes=st.lists(edits, max_size=3))
def test_a_credential_is_never_shown_whatever_is_wrong_beside_it(
    root: Path, changes: list[tuple[int, int, str]]
) -> None:
    lines = LEAKY.splitlines(keepends=True)
    for at, length, new in changes:
        row = at % len(lines)
        if PLANTED not in lines[row]:
            lines[row] = edited(lines[row], [(length, length, new)])
    stack = "".join(lines).encode("utf-8", "replace")
    assert not check(root, {"databridge.yaml": PROJECT.encode(), "stacks/s.yaml": stack})


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(TOKENS)
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(TOKENS[-12:]) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
BLOCKS = ["stack", "sources", "destinations", "pipelines", "variables", "owner"]


@RELAXED
@given(section=st.sampled_from(BLOCKS), tree=trees)
@example(section="sources", tree={"\r": None})
@example(section="pipelines", tree={"_ _": None})
def test_a_section_of_any_shape_never_breaks_the_loader(root: Path, section: str, tree: object) -> None:
    import yaml

    content = yaml.safe_load(STACK.replace("&file ", "")) | {section: tree}
    text = yaml.safe_dump(content, allow_unicode=True).encode("utf-8", "replace")
    check(root, {"databridge.yaml": PROJECT.encode(), "stacks/s.yaml": text})


@RELAXED
@given(
    field=st.sampled_from(
        ["source", "destination", "dataset", "schedule", "defaults", "resources", "dlt", "other"]
    ),
    tree=trees,
)
def test_a_pipeline_of_any_shape_never_breaks_the_loader(root: Path, field: str, tree: object) -> None:
    import yaml

    content = yaml.safe_load(STACK.replace("&file ", ""))
    content["pipelines"]["tables"][field] = tree
    text = yaml.safe_dump(content, allow_unicode=True).encode("utf-8", "replace")
    check(root, {"databridge.yaml": PROJECT.encode(), "stacks/s.yaml": text})
