"""The published schemas are sound, explain each key, and agree with the loader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from databridge.config.schema import project_schema, shared_schema, stack_schema

SCHEMAS = {"stack": stack_schema, "shared": shared_schema, "project": project_schema}
ROOT = Path(__file__).parents[3]

GOOD = """\
stack: s
variables: {n: 5, keys: [A]}
sources:
  ops: {type: sqlite, path: "${var.file}"}
  erp: {type: sql, url: "postgresql+psycopg2://u:${secret.pw}@db/erp"}
destinations:
  lake: {type: filesystem, bucket_url: file://x}
pipelines:
  p:
    source: ops
    destination: lake
    dataset: ${var.dataset}
    schedule: 1h
    defaults: {schema: S, load_date: "${var.flag}"}
    resources:
      - A
      - {name: B, mode: merge, primary_key: ID, cursor_field: AT, cursor_initial_value: 5}
      - {name: C, mode: "${var.mode}", primary_key: "${var.keys}"}
      - {name: D, columns: {N: {data_type: decimal, precision: "${var.n}", scale: 2}}}
      - {name: E, glob: "x/*", csv: {null_values: ["", NA]}, lifecycle: {prevent_drop: true}}
    dlt: {pipeline_name: old}
"""
MISTAKES = [
    ("stack: s", "stack: S-1"),
    ("source: ops", "sauce: ops"),
    ("type: sqlite, path:", "type: sqlite, file:"),
    ("mode: merge", "mode: mrege"),
    ('precision: "${var.n}"', "precision: many"),
    ('load_date: "${var.flag}"', "load_date: 5"),
    ("data_type: decimal", "data_type: number"),
    ("prevent_drop: true", "prevent_drp: true"),
    ("resources:", "tables:"),
    ("defaults: {schema: S,", "defaults: {name: S,"),
    ("- A\n", "- {mode: merge}\n"),
    ('mode: "${var.mode}"', 'mode: "${secret.mode}"'),
]  # fmt: skip


def accepts(name: str, text: str) -> bool:
    return Draft202012Validator(SCHEMAS[name]()).is_valid(yaml.safe_load(text))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_sound_and_its_examples_pass(name: str) -> None:
    schema = SCHEMAS[name]()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    examples = schema["examples"]
    assert isinstance(examples, list)
    assert examples
    for example in examples:
        Draft202012Validator(schema).validate(example)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_but_type_is_explained(name: str) -> None:
    def unexplained(node: object, at: str = "") -> list[str]:
        if not isinstance(node, dict):
            return (
                [found for each in node for found in unexplained(each, at)] if isinstance(node, list) else []
            )
        keys = node.get("properties", {})
        found = [f"{at}.{key}" for key, each in keys.items() if key != "type" and not each.get("description")]
        return found + [deeper for key, each in node.items() for deeper in unexplained(each, f"{at}.{key}")]

    schema = SCHEMAS[name]()
    del schema["examples"]
    assert unexplained(schema) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_refers_only_to_what_it_defines(name: str) -> None:
    schema = SCHEMAS[name]()
    text = json.dumps(schema)
    referred = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    assert referred == set(definitions)


def test_a_good_stack_passes() -> None:
    Draft202012Validator(stack_schema()).validate(yaml.safe_load(GOOD))


@pytest.mark.parametrize(("right", "wrong"), MISTAKES)
def test_a_mistake_is_refused(right: str, wrong: str) -> None:
    assert right in GOOD
    assert not accepts("stack", GOOD.replace(right, wrong, 1))


def test_the_stacks_of_this_repository_pass_and_load() -> None:
    for path in (ROOT / "stacks").rglob("*.yaml"):
        assert accepts("shared" if "_shared" in path.parts else "stack", path.read_text())
    assert accepts("project", (ROOT / "databridge.yaml").read_text())


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("project: demo", True),
        (
            "project: demo\ntargets: {dev: , prod: {variables: {x: 1}, store: s}}\nvariables: {l: [a, 1]}",
            True,
        ),
        ("project: demo\nstore: {url: s3://b/p, endpoint: https://m, region: eu, lock_expiry: 60}", True),
        ("project: demo\ntargets: {prod: {store: {url: az://c, account: a}}}", True),
        ("project: demo\nstore: {url: s3://b, access_key_id: x}", False),
        ("project: demo\nstore: {endpoint: https://m}", False),
        ("project: demo\nstore: {url: s3://b, lock_expiry: 1}", False),
        ("project: demo\nstore: {destination: lake, schema: state, lock_expiry: 60}", True),
        ("project: demo\nstore: {destination: lake, url: s3://b}", False),
        ("targets: {}", False),
        ("project: demo\ntargets: {dev: {vars: {}}}", False),
        ("project: demo\nvariables: {x: {y: 1}}", False),
    ],
)
def test_project_files(text: str, fits: bool) -> None:
    assert accepts("project", text) is fits


def test_the_schema_accepts_what_the_loader_loads(folder) -> None:
    blocks = [
        "resources: [A]",
        "defaults: {primary_key: ID}\nresources: [{name: A, mode: merge}]",
        "schedule: manual\ndlt: {schema_name: x}\nresources: [{name: A, include_columns: [B]}]",
    ]
    for block in blocks:
        assert folder.resources(block)
        assert accepts("stack", folder.stack(block))
