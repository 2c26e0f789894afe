"""A project folder that a test fills and loads in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from databridge.config.project import Project, load_project
from databridge.model.diagnostic import DatabridgeError
from databridge.model.pipeline import Pipeline
from databridge.model.resource import FileResource, TableResource

STACK = """\
stack: s
sources:
  ops: {type: sqlite, path: ops.db}
  landing: {type: filesystem, bucket_url: file://landing}
destinations:
  lake: {type: duckdb, path: lake.duckdb}
pipelines:
  p:
    source: ops
    destination: lake
"""


@dataclass
class Folder:
    """A project's folder."""

    root: Path

    def write(self, **files: str) -> Folder:
        """`project` is databridge.yaml, any other name a file below stacks/ (`__` stands for a slash)."""
        for name, text in files.items():
            path = self.root / (
                "databridge.yaml" if name == "project" else f"stacks/{name.replace('__', '/')}.yaml"
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return self

    def load(
        self,
        target: str | None = None,
        variables: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Project:
        if not (self.root / "databridge.yaml").exists():
            self.write(project="project: demo\n")
        return load_project(self.root, target=target, variables=variables or {}, environ=environ or {})

    def stack(self, block: str) -> str:
        """A stack whose only pipeline ends with these lines, written with two levels of indentation less."""
        return STACK + "".join(f"    {line}\n" for line in block.splitlines())

    def pipeline(self, block: str, **how: Mapping[str, str]) -> Pipeline:
        """The pipeline of that stack."""
        self.write(s=self.stack(block))
        return self.load(**how).desired.stacks[0].pipelines[0]  # type: ignore[arg-type]

    def wrong(self, block: str) -> list[tuple[str, str]]:
        """The problems of that stack."""
        return self.write(s=self.stack(block)).problems()

    def resources(self, block: str, **how: Mapping[str, str]) -> tuple[TableResource | FileResource, ...]:
        return self.pipeline(block, **how).resources

    def problems(self, **how: object) -> list[tuple[str, str]]:
        """Code and place of each error."""
        with pytest.raises(DatabridgeError) as caught:
            self.load(**how)  # type: ignore[arg-type]
        return [(each.code, str(each.where)) for each in caught.value.diagnostics if each.severity == "error"]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
