"""What the page about the sandbox shows can be run."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from databridge.sandbox.fault import FaultKind
from databridge.sandbox.settings import SandboxSettings

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text("utf-8")


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(examples) == 2
    names: dict[str, object] = {}
    for example in examples:
        exec(example, names)
    assert (tmp_path / "data" / "warehouse" / "catalogs" / "main.duckdb").is_file()


def test_every_setting_and_fault_is_described() -> None:
    for field in dataclasses.fields(SandboxSettings):
        assert f"`{field.name}`" in PAGE
    for kind in FaultKind:
        assert f"| `{kind.name}` |" in PAGE
