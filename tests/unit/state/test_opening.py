"""Only a project whose state lies in a bucket needs what a bucket takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from databridge.model.bucket import Bucket, BucketKind
from databridge.model.diagnostic import DatabridgeError
from databridge.state.opening import open_store, pipelines_dir

BUCKET = Bucket(kind=BucketKind.AZURE, name="state", prefix="team")


def test_a_folder_needs_no_obstore(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from databridge.state.opening import open_store\n"
        "open_store(Path(sys.argv[1]), project='p', target='t').stacks()\n"
        "print([name for name in sys.modules if name.startswith('obstore')])"
    )

    found = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True
    )

    assert found.stdout == "[]\n"


def test_what_is_missing_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("obstore", "databridge.buckets.cloud"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "obstore", None)

    with pytest.raises(DatabridgeError, match="DB419") as refusal:
        open_store(BUCKET, project="p", target="t")

    assert "az://state/team needs the package `obstore" in refusal.value.diagnostics[0].detail
    assert refusal.value.diagnostics[0].hint == "Install it: pip install 'databridge[az]'"


def test_dlt_works_beside_a_folder_and_else_in_the_project(tmp_path: Path) -> None:
    beside = pipelines_dir(tmp_path / "s", root=tmp_path, project="p", target="dev")
    assert beside == tmp_path / "s" / "p" / "dev" / "_pipelines"
    within = pipelines_dir(BUCKET, root=tmp_path, project="p", target="dev")
    assert within == tmp_path / "state" / "p" / "dev" / "_pipelines"
