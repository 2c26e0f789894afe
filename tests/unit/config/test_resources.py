"""Defaults under resources, kinds by source, and where a problem of either is told."""

from __future__ import annotations

import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import FileResource, Mode, TableResource, WhenRemoved


def test_a_name_alone_is_a_resource(folder) -> None:
    assert folder.resources("resources: [A, B]") == (TableResource(name="A"), TableResource(name="B"))


def test_defaults_lie_under_each_resource(folder) -> None:
    first, second = folder.resources(
        "defaults: {schema: X, mode: snapshot, load_date: true}\nresources: [A, {name: B, schema: Y, load_date: false}]"
    )
    assert (first.schema_name, first.load_date) == ("X", True)
    assert (second.schema_name, second.load_date) == ("Y", False)


def test_mappings_merge_one_level_deep_and_lists_replace(folder) -> None:
    (resource,) = folder.resources(
        "defaults: {lifecycle: {prevent_reset: true, when_removed: drop}, primary_key: [A, B], columns: {N: {data_type: decimal, precision: 9}}}\n"
        "resources: [{name: A, lifecycle: {when_removed: fail}, primary_key: C, columns: {N: {data_type: text}, M: {data_type: bool}}}]"
    )
    assert (resource.lifecycle.prevent_reset, resource.lifecycle.when_removed) == (True, WhenRemoved.FAIL)
    assert resource.primary_key == ("C",)
    assert resource.columns["N"].precision is None
    assert set(resource.columns) == {"N", "M"}


def test_a_single_name_stands_for_a_list_of_one(folder) -> None:
    (resource,) = folder.resources(
        "defaults: {primary_key: ID}\nresources: [{name: A, mode: merge, include_columns: ID}]"
    )
    assert (resource.primary_key, resource.include_columns) == (("ID",), ("ID",))


def test_the_dataset_has_a_default_and_a_schedule_is_kept(folder) -> None:
    pipeline = folder.pipeline("schedule: '30 4 * * *'\nresources: [A]")
    assert (pipeline.dataset, pipeline.schedule) == ("s_p", "30 4 * * *")


def test_dates_stay_text_and_numbers_numbers(folder) -> None:
    block = "resources: [{name: A, cursor_field: X, cursor_initial_value: %s}]"
    assert folder.resources(block % "2024-01-01")[0].cursor_initial_value == "2024-01-01"
    assert folder.resources(block % "12")[0].cursor_initial_value == 12
    assert folder.resources(block % "'012'")[0].cursor_initial_value == "012"


@pytest.mark.parametrize("word", ["no", "NO", "yes", "on", "12:30", "1_000", ".inf", "0777x"])
def test_words_that_older_yaml_changed_stay_text(folder, word: str) -> None:
    assert folder.resources(f"resources: [{{name: {word}}}]")[0].name == word


@pytest.mark.parametrize("key", ["kind: table", "schema_name: X"])
def test_names_of_the_model_are_no_keys(folder, key: str) -> None:
    assert folder.wrong(f"resources: [{{name: A, {key}}}]") == [("DB101", "stacks/s.yaml:11:27")]


def test_a_problem_of_a_default_is_told_once_and_in_the_defaults(folder) -> None:
    block = "defaults:\n  lifecycle: {prevnt_drop: true}\nresources: [A, B, C]"
    assert folder.wrong(block) == [("DB101", "stacks/s.yaml:12:19")]


def test_the_hint_names_the_keys_of_the_mapping_that_is_meant(folder) -> None:
    folder.write(s=folder.stack("resources: [{name: A, columns: {scale: {data_type: text, zzz: 1}}}]"))
    with pytest.raises(DatabridgeError) as caught:
        folder.load()
    (problem,) = (each for each in caught.value.diagnostics if each.code == "DB101")
    assert problem.hint == "Remove it; `scale` takes `data_type`, `precision`, `scale`, `nullable`."


def test_a_rule_that_a_default_breaks_is_told_there_too(folder) -> None:
    block = "defaults:\n  columns: {N: {data_type: bool, scale: 2}}\nresources: [A, {name: B, columns: {M: {data_type: text}}}]"
    assert folder.wrong(block) == [("DB127", "stacks/s.yaml:12:45")]


def test_a_problem_of_a_resource_does_not_hide_those_of_others(folder) -> None:
    block = "resources:\n  - {name: A, mode: mrege}\n  - {name: B, mode: merge}\n  - 7"
    assert folder.wrong(block) == [
        ("DB103", "stacks/s.yaml:12:25"),
        ("DB121", "stacks/s.yaml:13:16"),
        ("DB103", "stacks/s.yaml:14:9"),
    ]


def test_resources_are_checked_even_when_their_source_is_not_known(folder) -> None:
    block = "resources: [{name: A, glob: '*', mode: mrege}]"
    folder.write(s=folder.stack(block).replace("source: ops", "source: opps"))
    assert [code for code, _ in folder.problems()] == ["DB111", "DB103"]


def test_incremental_and_upsert_together_need_a_key_only(folder) -> None:
    (resource,) = folder.resources(
        "resources: [{name: A, mode: incremental, cursor_field: AT, write_disposition: merge, primary_key: ID}]"
    )
    assert resource.mode is Mode.INCREMENTAL


def test_file_sets_load(folder) -> None:
    block = "resources: [A]\n"
    folder.pipeline(block)
    stack = (folder.root / "stacks" / "s.yaml").read_text()
    folder.write(
        s=stack.replace("source: ops", "source: landing").replace(
            "[A]", "[{name: A, glob: 'a/*', csv: {null_values: NA}}]"
        )
    )
    with pytest.raises(Exception, match="DB103"):
        folder.load()
    folder.write(s=stack.replace("source: ops", "source: landing").replace("[A]", "[{name: A, glob: 'a/*'}]"))
    (resource,) = folder.load().desired.stacks[0].pipelines[0].resources
    assert isinstance(resource, FileResource)
    assert resource.mode is Mode.INCREMENTAL
