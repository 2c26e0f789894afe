"""Where the value of a variable comes from, which type it has, and what may not be referred to."""

from __future__ import annotations

from datetime import date

import pytest

from databridge.model.diagnostic import DatabridgeError

PROJECT = "project: demo\nvariables: {x: project, n: 5, flag: true, keys: [A, B]}\ntargets: {dev: {variables: {x: target}}, bare: }\n"


def described(folder, **how: object) -> str:
    block = "resources: [{name: A, description: '${var.x}'}]"
    return str(folder.resources(block, **how)[0].description)


def test_the_command_line_comes_before_the_stack_the_target_and_the_project(folder) -> None:
    folder.write(project=PROJECT)
    assert described(folder, target="bare") == "project"
    assert described(folder, target="dev") == "target"
    stack = (folder.root / "stacks" / "s.yaml").read_text()
    folder.write(s=stack + "variables: {x: stack}\n")
    assert folder.load().desired.stacks[0].pipelines[0].resources[0].description == "stack"
    given = folder.load(variables={"x": "given"})
    assert given.desired.stacks[0].pipelines[0].resources[0].description == "given"


def test_a_reference_that_is_the_whole_value_keeps_its_type(folder) -> None:
    folder.write(project=PROJECT)
    block = "resources: [{name: A, primary_key: '${var.keys}', load_date: '${var.flag}', columns: {N: {data_type: decimal, precision: '${var.n}'}}}]"
    resource = folder.resources(block)[0]
    assert resource.primary_key == ("A", "B")
    assert resource.load_date is True
    assert resource.columns["N"].precision == 5


def test_within_a_text_everything_becomes_text(folder) -> None:
    folder.write(project=PROJECT)
    resource = folder.resources(
        "resources: [{name: A, description: 'n=${var.n} flag=${var.flag} $${var.n}'}]"
    )[0]
    assert resource.description == "n=5 flag=true ${var.n}"


def test_a_value_of_the_command_line_takes_the_type_of_what_it_overrides(folder) -> None:
    folder.write(project=PROJECT)
    block = "resources: [{name: A, cursor_field: AT, cursor_initial_value: '${var.%s}'}]"
    assert folder.resources(block % "n", variables={"n": "7"})[0].cursor_initial_value == 7
    assert folder.resources(block % "x", variables={"x": "7"})[0].cursor_initial_value == "7"
    assert folder.resources(block % "n", variables={"n": "many"})[0].cursor_initial_value == "many"


def test_variables_may_refer_to_each_other_and_to_the_environment(folder) -> None:
    folder.write(project="project: demo\nvariables: {x: '${var.y}/z', y: '${env.HOME}'}\n")
    assert described(folder, environ={"HOME": "/home/me"}) == "/home/me/z"


def test_a_variable_that_is_overridden_is_so_for_those_that_refer_to_it(folder) -> None:
    folder.write(
        project="project: demo\nvariables: {x: 'of ${var.y}', y: a}\ntargets: {dev: {variables: {y: b}}}\n"
    )
    assert described(folder) == "of b"


def test_a_value_of_the_command_line_is_taken_literally(folder) -> None:
    folder.write(project=PROJECT)
    assert described(folder, variables={"x": "${env.HOME}"}) == "${env.HOME}"


@pytest.mark.parametrize("name", ["secret", "secrets"])
def test_a_reference_to_a_secret_stays_a_reference(folder, name: str) -> None:
    folder.write(
        a=f"stack: a\nsources: {{e: {{type: sql, url: 'oracle+oracledb://u:${{{name}.pw}}@h'}}}}\n"
        "destinations: {l: {type: duckdb, path: x}}\npipelines: {p: {source: e, destination: l, resources: [A]}}\n"
    )
    assert folder.load().desired.stacks[0].pipelines[0].source.url == f"oracle+oracledb://u:${{{name}.pw}}@h"


def test_a_reference_through_an_alias_is_filled_at_both_places(folder) -> None:
    folder.write(project=PROJECT)
    block = "description: &d '${var.x}'\nresources: [{name: A, description: *d}]"
    assert folder.resources(block)[0].description == "target"


def test_an_undefined_variable_is_told_once_and_at_its_column(folder) -> None:
    folder.write(project=PROJECT, s="stack: s\ndescription: of ${var.y}\nowner: ${var.keys} too\n")
    assert folder.problems() == [("DB021", "stacks/s.yaml:2:17"), ("DB024", "stacks/s.yaml:3:8")]


def test_a_reference_that_failed_causes_no_second_problem(folder) -> None:
    folder.write(s="stack: s\ndestinations: {l: {type: duckdb, path: '${var.gone}'}}\n")
    folder.write(t="stack: ${var.gone}\n")
    assert folder.problems() == [("DB021", "stacks/s.yaml:2:41"), ("DB021", "stacks/t.yaml:1:8")]


def test_a_variable_given_but_used_nowhere_is_a_problem(folder) -> None:
    folder.write(project=PROJECT)
    assert folder.problems(variables={"xx": "1"}) == [("DB025", "None")]


def test_a_variable_that_only_the_command_line_gives_may_be_used(folder) -> None:
    assert described(folder, variables={"x": "given"}) == "given"


def test_a_circle_of_variables_is_told_and_its_users_are_not(folder) -> None:
    folder.write(
        project="project: demo\nvariables: {x: '${var.y}', y: '${var.x}'}\n", s="stack: s\nowner: ${var.x}\n"
    )
    assert folder.problems() == [("DB023", "databridge.yaml:2:32")]


def test_a_number_beside_nothing_is_text(folder) -> None:
    folder.write(project="project: demo\nvariables: {x: '${var.n}${var.none}', n: 5, none: ''}\n")
    assert described(folder) == "5"


def test_a_plain_text_can_not_look_like_a_secret_where_secrets_are_filled_in(folder) -> None:
    folder.write(s="stack: s\nsources: {a: {type: sqlite, path: 'x$${secret.a}'}}\nowner: $${secret.a}\n")
    assert folder.problems() == [("DB024", "stacks/s.yaml:2:37")]


IGNORES = """
project: demo
variables: {team: s.p, until: 2027-01-31}
drift: {ignore: [{address: '${var.team}.*', code: DB713, reason: 'For ${var.who}.', until: '${var.until}'}]}
retention: {states: '${env.STATES}'}
"""


def test_what_the_project_says_of_drift_and_retention_is_filled_in(folder) -> None:
    folder.write(project=IGNORES, s=folder.stack("resources: [A]"))
    project = folder.load(variables={"who": "Ada"}, environ={"STATES": "7"})
    (ignore,) = project.drift_ignores
    assert (ignore.address, ignore.reason, ignore.until) == ("s.p.*", "For Ada.", date(2027, 1, 31))
    assert project.retention.states == 7


def test_what_can_not_be_filled_in_there_is_told(folder) -> None:
    folder.write(project=IGNORES.replace("${var.team}", "${secret.team}"), s=folder.stack("resources: [A]"))
    with pytest.raises(DatabridgeError) as raised:
        folder.load()
    assert {"DB031", "DB021", "DB022"} <= {each.code for each in raised.value.diagnostics}
