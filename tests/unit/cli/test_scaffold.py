"""A new project works as it stands, bears a name that is accepted, and takes nothing away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from databridge.cli.app import run
from databridge.config.project import load_project
from databridge.model.diagnostic import ExitCode


def name_of(folder: Path) -> str:
    return load_project(folder, target=None, variables={}, environ={}).name


def test_every_file_is_told_and_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path)]) == 0
    told = {line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("created")}
    there = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert told == there


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("shop", "shop"),
        ("My Shop (new)", "my_shop_new"),
        ("a__b", "a_b"),
        ("2024", "project_2024"),
        ("顧客", "project"),
        ("Ünlü", "nl"),
        ("_", "project"),
    ],
)
def test_a_name_is_made_from_the_folder_s(tmp_path: Path, folder: str, name: str) -> None:
    assert run(["init", str(tmp_path / folder)]) == 0
    assert name_of(tmp_path / folder) == name


def test_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    assert run(["init"]) == 0
    assert capsys.readouterr().out.endswith("Next: databridge apply\n")
    assert name_of(Path()) == "shop"


def test_the_next_step_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "my shop")]) == 0
    assert f"cd '{tmp_path}/my shop' && databridge apply" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["sales", "Sales-DE", "2024", "1e3", "true", "on", "null"])
def test_a_name_may_be_given(tmp_path: Path, name: str) -> None:
    assert run(["init", str(tmp_path), "--name", name]) == 0
    assert name_of(tmp_path) == name


@pytest.mark.parametrize("name", ["a b", "", "_a", "x: y", "../up", "Ü"])
def test_a_name_that_is_not_accepted_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(["init", str(tmp_path / "shop"), "--name", name]) == ExitCode.ERROR
    assert "DB104" in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()


def test_a_project_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "databridge.yaml").write_text("project: mine\n", "utf-8")
    assert run(["init", str(tmp_path)]) == ExitCode.ERROR
    assert "DB611" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["databridge.yaml"]


def test_a_file_that_exists_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".gitignore").write_text("mine\n", "utf-8")
    assert run(["init", str(tmp_path)]) == 0
    assert (tmp_path / ".gitignore").read_text("utf-8") == "mine\n"
    assert ".gitignore" not in capsys.readouterr().out


def test_a_folder_that_can_t_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert run(["init", str(tmp_path / "file" / "shop")]) == ExitCode.ERROR
    assert "DB612" in capsys.readouterr().err


def test_the_schemas_are_json(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path)]) == 0
    for file in (tmp_path / ".databridge").iterdir():
        assert json.loads(file.read_text("utf-8"))["$schema"]
