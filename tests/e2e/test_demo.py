"""The demo as a stranger runs it: real data, real processes, every row compared with the source."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "examples" / "flights"
ALL_BUT_DECEMBER = 336_776 - 28_135

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Demo:
    """A copy of the demo project."""

    folder: Path

    def databridge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(sys.executable, "-m", "databridge", *arguments)

    def prepare(self, *arguments: str) -> None:
        self._run(
            sys.executable, str(SCRIPTS / "prepare.py"), "--data", "data", *arguments
        ).check_returncode()

    def verified(self, *tables: str) -> bool:
        return (
            self._run(sys.executable, str(SCRIPTS / "verify.py"), *tables, "--data", "data").returncode == 0
        )

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "120"},
        )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(ROOT / "databridge.yaml", folder)
    shutil.copytree(ROOT / "stacks", folder / "stacks")
    return Demo(folder)


def test_the_demo_from_its_first_month_to_a_lost_state(demo: Demo) -> None:
    """One story, because each step starts from the last one's state and the data takes its time."""
    demo.prepare("--months", "1-11")
    first = demo.databridge("apply", "--auto-approve")
    assert first.returncode == 0, first.stderr
    assert f"{ALL_BUT_DECEMBER:,} rows" in first.stdout
    assert demo.databridge("plan", "--detailed-exitcode").returncode == 0

    demo.prepare()
    plan = demo.databridge("plan")
    assert "1 new file" in plan.stdout
    assert plan.stdout.rstrip().endswith("No changes. 5 due.")
    december = demo.databridge("apply", "--auto-approve", "--select", "flights.departures")
    assert "Apply complete: 28,135 rows loaded" in december.stdout
    assert demo.verified()

    for lost in ("state/demo/dev/_pipelines", "state"):
        shutil.rmtree(demo.folder / lost)
        assert demo.databridge("plan", "--detailed-exitcode").returncode == 0
        assert demo.databridge("apply", "--auto-approve").returncode == 0
        assert demo.databridge("plan").stdout.rstrip().endswith("No changes. 5 due.")
        assert demo.verified()

    stack = demo.folder / "stacks" / "flights.yaml"
    stack.write_text(
        stack.read_text().replace("      - name: airports", "      - name: airports\n        load_date: true")
    )
    edited = demo.databridge("plan", "--detailed-exitcode", "--format", "json")
    assert edited.returncode == 2
    document = json.loads(edited.stdout)
    jsonschema.validate(document, json.loads((ROOT / "docs" / "plan.schema.json").read_text()))
    assert document["summary"] == "Plan: 1 to migrate, 5 to run."
    refused = demo.databridge("apply")
    assert refused.returncode == 3
    assert "nobody to ask" in refused.stderr
