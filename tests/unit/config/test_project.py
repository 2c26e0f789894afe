"""Finding a project, choosing its target, and what a loaded project holds."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from databridge.config.project import find_project, load_project
from databridge.model.diagnostic import DatabridgeError

STACK = "stack: {name}\nsources: {{ops: {{type: sqlite, path: a}}}}\ndestinations: {{lake: {{type: duckdb, path: {name}.db}}}}\n"
PIPELINES = "pipelines: {p: {source: ops, destination: lake, resources: [A]}}\n"


def test_a_project_is_found_from_any_folder_below_it(folder, tmp_path: Path) -> None:
    folder.write(project="project: demo\n")
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_project(tmp_path / "a" / "b") == tmp_path.resolve()


def test_without_a_project_the_hint_is_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DatabridgeError) as caught:
        find_project(tmp_path)
    assert caught.value.diagnostics[0].code == "DB001"
    assert "databridge init" in caught.value.diagnostics[0].hint


def test_the_smallest_project_loads(folder, tmp_path: Path) -> None:
    project = folder.load()
    assert (project.name, project.target, project.targets) == ("demo", "dev", ("dev",))
    assert project.store == tmp_path / "state"
    assert project.store.is_absolute()
    assert project.desired.stacks == ()


def test_a_missing_project_file_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(DatabridgeError) as caught:
        load_project(tmp_path, target=None, variables={}, environ={})
    assert caught.value.diagnostics[0].code == "DB002"


def test_a_file_that_can_not_be_read_is_a_problem(folder, tmp_path: Path) -> None:
    folder.write(project="project: demo\n", s="stack: s\n")
    (tmp_path / "stacks" / "s.yaml").unlink()
    (tmp_path / "stacks" / "s.yaml").symlink_to(
        "s.yaml"
    )  # leads round in a circle: not even root can read it
    assert folder.problems() == [("DB002", "None")]


def test_a_dangling_link_is_a_problem(folder, tmp_path: Path) -> None:
    folder.write(project="project: demo\n", s="stack: s\n")
    (tmp_path / "stacks" / "t.yaml").symlink_to(tmp_path / "nowhere.yaml")
    assert folder.problems() == [("DB002", "None")]


@pytest.mark.parametrize(
    ("targets", "wanted", "chosen"),
    [
        ("", None, "dev"),
        ("targets: {dev: , prod: }", None, "dev"),
        ("targets: {prod: }", None, "prod"),
        ("targets: {a: , b: }\ndefault_target: b", None, "b"),
        ("targets: {dev: , prod: }\ndefault_target: prod", "dev", "dev"),
    ],
)
def test_the_target_is_the_named_one_or_the_default(
    folder, targets: str, wanted: str | None, chosen: str
) -> None:
    folder.write(project=f"project: demo\n{targets}\n")
    assert folder.load(target=wanted).target == chosen


def test_without_targets_only_dev_exists(folder) -> None:
    assert folder.write(project="project: demo\n").problems(target="prod") == [("DB011", "None")]


def test_several_targets_without_a_default_must_be_chosen_from(folder) -> None:
    folder.write(project="project: demo\ntargets: {a: , b: }\n")
    assert folder.problems() == [("DB012", "databridge.yaml:2:1")]


def test_a_target_may_have_a_store_of_its_own(folder, tmp_path: Path) -> None:
    folder.write(project="project: demo\nstore: here\ntargets: {dev: , prod: {store: '${env.DIR}/there'}}\n")
    assert folder.load().store == tmp_path / "here"
    assert folder.load(target="prod", environ={"DIR": "/srv"}).store == Path("/srv/there")


def test_stacks_come_in_the_order_of_their_names_and_know_their_files(folder) -> None:
    folder.write(a=STACK.format(name="zeta") + PIPELINES, sub__b=STACK.format(name="alpha") + PIPELINES)
    stacks = folder.load().desired.stacks
    assert [(stack.name, stack.file) for stack in stacks] == [
        ("alpha", "stacks/sub/b.yaml"),
        ("zeta", "stacks/a.yaml"),
    ]


def test_what_is_shared_is_known_in_every_stack(folder) -> None:
    folder.write(
        _shared__x="sources: {ops: {type: sqlite, path: a.db}}\ndestinations: {lake: {type: duckdb, path: l.db}}\n",
        a="stack: a\npipelines: {p: {source: ops, destination: lake, resources: [A]}}\n",
    )
    project = folder.load()
    assert project.desired.stacks[0].pipelines[0].source.path == "a.db"
    assert project.warnings == ()


def test_a_shared_file_holds_no_pipelines(folder) -> None:
    assert folder.write(_shared__x="stack: x\npipelines: {}\n").problems() == [
        ("DB101", "stacks/_shared/x.yaml:1:1"),
        ("DB101", "stacks/_shared/x.yaml:2:1"),
    ]


def test_an_unused_source_is_a_warning_only(folder) -> None:
    folder.write(
        a=STACK.format(name="a").replace("{ops:", "{more: {type: sqlite, path: b}, ops:") + PIPELINES
    )
    warning = folder.load().warnings[0]
    assert (warning.code, str(warning.where), warning.severity) == ("DB153", "stacks/a.yaml:2:11", "warning")


def test_files_that_are_no_yaml_or_hidden_are_left_alone(folder, tmp_path: Path) -> None:
    folder.write(a=STACK.format(name="a") + PIPELINES)
    (tmp_path / "stacks" / "README.md").write_text("# no stack")
    (tmp_path / "stacks" / ".draft.yaml").write_text("{")
    assert [stack.name for stack in folder.load().desired.stacks] == ["a"]


def test_both_endings_of_yaml_count(folder, tmp_path: Path) -> None:
    folder.load()
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "a.yml").write_text(STACK.format(name="a") + PIPELINES)
    assert [stack.name for stack in folder.load().desired.stacks] == ["a"]


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_is_left_as_it_was(folder, enabled: bool) -> None:
    folder.write(project="project: [\n")
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(DatabridgeError):
            folder.load()
        assert gc.isenabled() is enabled
    finally:
        gc.enable()
