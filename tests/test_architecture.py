"""The rules of the code run: floors that can break, imports that are declared, a lock that names no host."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import databridge

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "databridge").rglob("*.py"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
RUNTIME = PYPROJECT["project"]["dependencies"] + [r for e, rs in EXTRAS.items() if e != "dev" for r in rs]
DEV = [Requirement(text) for text in EXTRAS["dev"]]
LOCKED = [
    *map(Requirement, PYPROJECT["project"]["dependencies"]),
    *(each for each in DEV if each.name != "databridge"),
    # `dev` takes in other extras by the project's own name.
    *(
        Requirement(text)
        for each in DEV
        if each.name == "databridge"
        for e in each.extras
        for text in EXTRAS[e]
    ),
]
LOCKS = [ROOT / "constraints.txt", *ROOT.glob("examples/*/requirements.txt")]

LONGEST = 350
VAGUE = {"base", "common", "handler", "handlers", "helper", "helpers", "manager", "misc", "util", "utils"}
SLOW_IMPORTS = {"databricks", "deepdiff", "dlt", "pandas", "pyarrow", "sqlalchemy"}
BROUGHT_BY = {
    "azure": ["azure-identity"],
    "databricks": ["databricks-sdk", "databricks-sql-connector"],
    "pydantic_core": ["pydantic"],
}
"""What brings an import, where the metadata of what is installed cannot say."""

FLOORS = [
    "cli",
    "render",
    "engine",
    "apply",
    "plan",
    "locations",
    "secrets",
    "state",
    "buckets",
    "config",
    "buckets",
    "warehouse",
    "model",
    "sandbox",
]
TRESPASSES = {
    "floors": [
        ("model", "import databridge.plan"),
        ("locations", "import databridge.state"),
        ("buckets", "import databridge.locations"),
        ("render", "import databridge.engine"),
        ("apply", "import databridge.sandbox"),
        ("warehouse", "import databridge.state"),
    ],
    "model and plan are pure": [("plan", "import random"), ("model", "import databridge.config")],
    "only engine imports dlt": [
        ("cli", "def load():\n    import dlt"),
        ("locations", "from dlt import common"),
    ],
    "sandbox stands alone": [("sandbox", "import databridge.model")],
    "only render imports rich": [("engine", "import rich"), ("apply", "from deepdiff import DeepDiff")],
}
"""Each contract, by how its name begins, and lines that must break it, each in a package of its own."""


@pytest.fixture
def floors(tmp_path: Path) -> Path:
    """A package with every floor and nothing in it, under the contracts of this repository."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "databridge").mkdir()
    for module in ("__init__", "__main__", *(f"{floor}/__init__" for floor in FLOORS)):
        path = tmp_path / "databridge" / f"{module}.py"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def broken_contracts(project: Path) -> tuple[int, list[str]]:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    arguments = [sys.executable, "-c", command, "--no-cache", "--no-logo"]
    done = subprocess.run(arguments, cwd=project, capture_output=True, text=True, check=False)
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.returncode, re.findall(r"^(.*) BROKEN", done.stdout, re.MULTILINE)


def test_empty_floors_break_no_contract(floors: Path) -> None:
    assert broken_contracts(floors) == (0, [])


@pytest.mark.parametrize(
    ("contract", "floor", "line"),
    [(contract, *trespass) for contract, trespasses in TRESPASSES.items() for trespass in trespasses],
)
def test_a_trespass_breaks_its_contract(floors: Path, contract: str, floor: str, line: str) -> None:
    (floors / "databridge" / floor / "__init__.py").write_text(line + "\n")
    code, broken = broken_contracts(floors)
    assert code == 1
    assert any(name.startswith(contract) for name in broken), broken


def test_a_new_package_must_take_a_floor(floors: Path) -> None:
    (floors / "databridge" / "novelty.py").touch()
    code, broken = broken_contracts(floors)
    assert code == 1
    assert [name.partition(":")[0] for name in broken] == ["floors"]


def imported(module: Path) -> set[str]:
    """The top-level names that a module imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(module.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    from_ = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in plain | from_}


def test_every_import_is_a_declared_dependency() -> None:
    declared = {canonicalize_name(Requirement(text).name) for text in RUNTIME}
    names = set().union(*map(imported, MODULES)) - set(sys.stdlib_module_names) - {"databridge"}
    bringers = {**packages_distributions(), **BROUGHT_BY}
    assert not {
        name for name in names if not declared & {canonicalize_name(by) for by in bringers.get(name, [name])}
    }


def test_modules_are_short_and_bear_a_noun() -> None:
    assert len(MODULES) > len(FLOORS)
    written = [
        path
        for folder in ("tests", "benchmarks", "docs", "examples")
        for path in (ROOT / folder).rglob("*.py")
    ]
    every = {str(m): len(m.read_text().splitlines()) for m in (*MODULES, *written)}
    assert not {name: lines for name, lines in every.items() if lines > LONGEST}
    assert not [str(m) for m in MODULES if m.stem in VAGUE or m.parent.name in VAGUE]


def test_help_pays_for_nothing_it_does_not_need() -> None:
    arguments = [sys.executable, "-X", "importtime", "-m", "databridge", "--help"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "databridge" in loaded
    assert not loaded & SLOW_IMPORTS


def test_installed_version_is_the_version_of_the_source() -> None:
    assert version("databridge") == databridge.__version__


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_lock_names_no_host(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert any(" --hash=sha256:" in line for line in lines)
    assert not [line for line in lines if re.search(r"://|file:|index-url|find-links", line)]


def test_lock_holds_each_dependency_within_its_bounds_and_with_hashes() -> None:
    text = (ROOT / "constraints.txt").read_text()
    pins = re.findall(r"^([a-z0-9-]+)==(\S+)[^\n]*\\\n( +--hash=sha256:)?", text, re.MULTILINE)
    assert [name for name, _, digest in pins if not digest] == []
    locked = {name: number for name, number, _ in pins}
    for requirement in LOCKED:
        name = canonicalize_name(requirement.name)
        assert name in locked, f"{name} is not in constraints.txt: make lock"
        assert requirement.specifier.contains(locked[name]), f"{requirement} is not {locked[name]}: make lock"


def test_documents_name_only_targets_that_make_has() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    named = {name for path in documents for name in re.findall(r"`make ([a-z]+)", path.read_text())}
    assert named <= targets, named - targets
