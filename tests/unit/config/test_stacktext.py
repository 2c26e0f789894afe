"""The text of a drafted stack is read back as the stack that was drafted, and reads as if a person had written it."""

from __future__ import annotations

from pathlib import Path

import pytest

from databridge.config.document import parse_document
from databridge.config.project import load_project
from databridge.config.stacktext import stack_text
from databridge.model.diagnostic import DatabridgeError
from databridge.model.draft import Draft, DraftPipeline
from databridge.model.pipeline import DltNames
from databridge.model.resource import Resource
from tests.support.builders import appended, files, merged, table
from tests.support.project import Project

SHARED = """
    sources:
      ops: {type: sqlite, path: ops.db}
      landing: {type: filesystem, bucket_url: file://landing}
    destinations:
      lake: {type: duckdb, path: lake.duckdb}
"""
OTHER = """
    stack: other
    sources:
      erp:
        type: sql  # the old one
        url: postgresql+psycopg://reader:${secret.erp}@db.local/erp
    destinations:
      own: {type: duckdb, path: own.duckdb}
    pipelines:
      tables: {source: erp, destination: own, resources: [A]}
"""
TABLES: tuple[Resource, ...] = (
    appended("orders", cursor_field="at", cursor_initial_value="2024-01-01", primary_key=["id"]),
    appended("yes", cursor_field="no", cursor_initial_value=5),
    merged("Customer: Master", cursor_field="UpdatedAt", primary_key=["#Id", "null"]),
    table("1e3", write_disposition="replace", schema_contract={"columns": "freeze"}),
)
FILES: tuple[Resource, ...] = (
    files("visits", glob="visits/**/*.csv"),
    files("events", glob="*", mode="snapshot", write_disposition="replace"),
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write("databridge.yaml", "project: demo\n")
    project.write("stacks/_shared/places.yaml", SHARED)
    project.write("stacks/other.yaml", OTHER)
    return project


def drafted(source: str, resources: tuple[Resource, ...], **more: object) -> DraftPipeline:
    whole: dict[str, object] = {
        "name": "nightly",
        "source": source,
        "destination": "lake",
        "dataset": "raw",
        "dlt_names": DltNames(pipeline_name="Nightly Load", schema_name="sql_database"),
        "resources": resources,
    }
    return DraftPipeline(**(whole | more))  # type: ignore[arg-type]  # each case names what it is about


@pytest.mark.parametrize(("source", "resources"), [("ops", TABLES), ("landing", FILES)])
def test_it_is_read_back_as_it_was_drafted(
    project: Project, source: str, resources: tuple[Resource, ...]
) -> None:
    pipeline = drafted(source, resources, above=("Left out: x: for a reason.",))
    text = stack_text(Draft("shop", (pipeline,), ("Written by hand.",)), sources={}, destinations={})
    read = load_project(
        project.root, target=None, variables={}, environ={}, draft=parse_document("stacks/shop.yaml", text)
    )
    stack = read.desired.stack("shop")
    assert stack
    (made,) = stack.pipelines
    assert (made.resources, made.dlt_names, made.dataset) == (resources, pipeline.dlt_names, "raw")


def test_it_reads_as_written_by_a_person() -> None:
    pipeline = drafted(
        "ops", TABLES[:1], remarks={"orders": {"name": "mind the key"}}, above=("Left out: log: why.",)
    )
    text = stack_text(Draft("shop", (pipeline,), ("Written by a test.",)), sources={}, destinations={})
    assert text == (
        "# yaml-language-server: $schema=../.databridge/stack.schema.json\n"
        "# Written by a test.\n"
        "stack: shop\n"
        "pipelines:\n"
        "  # Left out: log: why.\n"
        "  nightly:\n"
        "    source: ops\n"
        "    destination: lake\n"
        "    dataset: raw\n"
        "    dlt: {pipeline_name: Nightly Load, schema_name: sql_database}\n"
        "    resources:\n"
        "      - name: orders  # mind the key\n"
        "        mode: incremental\n"
        "        primary_key: [id]\n"
        "        cursor_field: at\n"
        "        cursor_initial_value: '2024-01-01'\n"
    )


def test_what_only_another_stack_defines_is_copied_as_it_is_written(project: Project) -> None:
    read = load_project(project.root, target=None, variables={}, environ={})
    (erp,), (own,) = read.sources["erp"], read.destinations["own"]
    assert (erp.shared, own.shared, read.sources["ops"][0].shared) == (False, False, True)
    pipeline = drafted("erp", TABLES[:1], destination="own")
    text = stack_text(
        Draft("shop", (pipeline,)), sources={"erp": erp.document}, destinations={"own": own.document}
    )
    assert "url: postgresql+psycopg://reader:${secret.erp}@db.local/erp\n" in text
    assert "type: sql  # the old one\n" in text
    draft = parse_document("stacks/shop.yaml", text)
    again = load_project(project.root, target=None, variables={}, environ={}, draft=draft).desired.stack(
        "shop"
    )
    assert again
    assert (again.pipelines[0].source, again.pipelines[0].destination) == (erp.value, own.value)


def test_a_draft_is_judged_like_any_stack(project: Project) -> None:
    text = stack_text(Draft("other", (drafted("ops", TABLES[:1]),)), sources={}, destinations={})
    with pytest.raises(DatabridgeError, match="DB113"):
        load_project(
            project.root, target=None, variables={}, environ={}, draft=parse_document("stacks/x.yaml", text)
        )
