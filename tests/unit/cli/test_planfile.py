"""A plan's file is a plan, whole, or it is refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import databridge
from databridge.cli.app import run
from databridge.cli.planfile import read_plan
from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode
from tests.support.project import Project


@pytest.fixture
def saved(shop: Project, capsys: pytest.CaptureFixture[str]) -> Path:
    """A plan that was saved."""
    assert run(["plan", "--out", "release.plan"]) == 0
    capsys.readouterr()
    return shop.root / "release.plan"


def problem(file: Path) -> Diagnostic:
    """Why a plan can't be read."""
    with pytest.raises(DatabridgeError) as refused:
        read_plan(file)
    (only,) = refused.value.diagnostics
    assert "databridge plan --out FILE" in only.hint
    return only


def edited(file: Path, **fields: object) -> Path:
    """The same file with other fields."""
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | fields), "utf-8")
    return file


def test_what_was_saved_is_read_back(saved: Path) -> None:
    plan = read_plan(saved)
    assert plan.databridge_version == databridge.__version__
    assert plan.plan.summary == "Plan: 1 to create."


def test_a_missing_file(tmp_path: Path) -> None:
    found = problem(tmp_path / "none.plan")
    assert found.code == "DB606"
    assert "No such file" in found.summary


def test_a_folder(tmp_path: Path) -> None:
    assert problem(tmp_path).code == "DB606"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\xff\xfe{}", b"{}", b"[]", b'"plan"', b"project: shop\n"]
)
def test_a_file_that_holds_something_else(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "release.plan"
    file.write_bytes(content)
    found = problem(file)
    assert found.code == "DB607"
    assert "is no saved plan" in found.summary


def test_half_a_plan(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-100])
    assert problem(saved).code == "DB607"


def test_a_plan_that_was_printed_is_not_one_that_was_saved(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", "--format", "json"]) == 0
    printed = shop.write("printed.json", capsys.readouterr().out)
    assert problem(printed).code == "DB607"


def test_a_plan_of_a_newer_format_names_who_saved_it(saved: Path) -> None:
    plan = json.loads(saved.read_text("utf-8"))["plan"]
    found = problem(edited(saved, plan=plan | {"format_version": 2}, databridge_version="9.0"))
    assert found.code == "DB607"
    assert "databridge 9.0 saved it" in found.detail


def test_a_plan_with_fields_that_are_not_known_names_who_saved_it(saved: Path) -> None:
    found = problem(edited(saved, signature="…", databridge_version="9.0"))
    assert "databridge 9.0 saved it" in found.detail


@pytest.mark.parametrize("fields", [{"project": "other"}, {"target": "prod"}])
def test_a_plan_of_somewhere_else_is_refused(
    saved: Path, capsys: pytest.CaptureFixture[str], fields: dict[str, str]
) -> None:
    plan = json.loads(saved.read_text("utf-8"))["plan"]
    edited(saved, plan=plan | fields)
    assert run(["apply", "--auto-approve", "--target", "dev", str(saved)]) == ExitCode.STALE
    out, err = capsys.readouterr()
    assert out == ""
    assert "DB621" in err
    assert next(iter(fields.values())) in err


def test_a_file_that_can_t_be_written(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--out", "nowhere/release.plan"]) == ExitCode.ERROR
    err = capsys.readouterr().err
    assert "DB606" in err
    assert "nowhere/release.plan" in err
    assert "Saved" not in err


def test_a_plan_made_without_looking_is_not_saved(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--no-refresh", "--out", "release.plan"]) == ExitCode.ERROR
    assert "DB605" in capsys.readouterr().err
    assert not (shop.root / "release.plan").exists()
