"""What `databridge import` asks, refuses, writes and never overwrites."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from databridge.cli.app import run
from databridge.cli.completion import destination_names, source_names
from databridge.cli.newstack import write_stack
from databridge.model.diagnostic import DatabridgeError, ExitCode
from tests.support.project import Project
from tests.unit.locations.places import add_loads, add_schemas, add_states, make_dataset, state_text

SHARED = """
    sources:
      erp: {type: sql, url: "postgresql+psycopg://reader:${secret.erp}@db.local/erp"}
      ftp: {type: filesystem, bucket_url: file://ftp}
    destinations:
      lake: {type: filesystem, bucket_url: file://lake}
"""
COLUMNS = {
    "id": {"data_type": "bigint", "primary_key": True},
    "at": {"data_type": "timestamp", "incremental": True},
}
ORDERS = {"resource": "ORDERS", "write_disposition": "merge", "columns": COLUMNS}
SOURCES = {"nightly": {"resources": {"ORDERS": {"incremental": {"AT": {"last_value": 5}}}}}}


def keep(file: Path, dataset: str, *, tables: dict[str, object]) -> None:
    """What a dlt pipeline `nightly` left."""
    text = state_text("nightly", sources=SOURCES, schema_names=["nightly"])
    add_states(file, dataset, [("nightly", "1.5", text)])
    add_loads(file, dataset, [("1.5", "nightly", 0)])
    schema = json.dumps({"version": 1, "tables": tables})
    add_schemas(file, dataset, [("2024-01-01", "nightly", "hash", schema)])


@pytest.fixture
def nightly(shop: Project) -> Project:
    """The shop beside a dlt pipeline that was made by hand."""
    shop.write("stacks/_shared/places.yaml", SHARED)
    file = shop.root / "warehouse.duckdb"
    make_dataset(file, "crm")
    keep(file, "crm", tables={"orders": ORDERS})
    return shop


def imported(*options: str) -> int:
    return run(["import", "--destination", "warehouse", "--source", "erp", *options])


def test_a_stack_is_written_that_names_what_is_shared_and_copies_what_is_not(
    nightly: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported() == ExitCode.DONE
    said = capsys.readouterr()
    assert said.err == "Wrote stacks/crm.yaml.\n"
    assert said.out.endswith("Plan: 1 to adopt.\n")
    text = (nightly.root / "stacks" / "crm.yaml").read_text()
    assert text.partition("stack: crm\n")[2] == (
        "destinations:\n"
        "  warehouse: {type: duckdb, path: warehouse.duckdb}\n"
        "pipelines:\n"
        "  nightly:\n"
        "    source: erp\n"
        "    destination: warehouse\n"
        "    dataset: crm\n"
        "    dlt: {pipeline_name: nightly}\n"
        "    resources:\n"
        "      - name: ORDERS  # its key is written as the destination has it; write the source's own name where that is another\n"
        "        mode: merge\n"
        "        primary_key: [id]\n"
        "        cursor_field: AT\n"
    )
    assert run(["validate"]) == ExitCode.DONE


def test_machines_are_told_the_same(nightly: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("--format", "json", "--stack", "nightly_crm") == ExitCode.DONE
    answer = json.loads(capsys.readouterr().out)
    (pipeline,) = answer["pipelines"]
    assert (answer["file"], pipeline["resources"], pipeline["left_out"]) == (
        "stacks/nightly_crm.yaml",
        ["ORDERS"],
        [],
    )
    assert [action["kind"] for action in answer["plan"]["actions"]] == ["adopt"]


@pytest.mark.parametrize("given", ["shop", "stacks/shop.yaml"])
def test_a_file_that_is_there_stays_as_it_is(
    nightly: Project, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (nightly.root / "stacks" / "shop.yaml").read_text()
    assert imported("--stack", given) == ExitCode.ERROR
    assert "DB642" in capsys.readouterr().err
    assert (nightly.root / "stacks" / "shop.yaml").read_text() == before
    assert sorted(path.name for path in (nightly.root / "stacks").iterdir()) == ["_shared", "shop.yaml"]


def test_one_that_appears_meanwhile_is_not_replaced(nightly: Project) -> None:
    with pytest.raises(DatabridgeError, match="DB642"):
        write_stack(nightly.root, "stacks/shop.yaml", "stack: other\n")
    assert "stack: shop" in (nightly.root / "stacks" / "shop.yaml").read_text()
    write_stack(nightly.root, "stacks/de/more.yaml", "stack: more\n")
    files = (path.name for path in (nightly.root / "stacks").rglob("*") if path.is_file())
    assert sorted(files) == ["more.yaml", "places.yaml", "shop.yaml"]


@pytest.mark.parametrize("given", ["../crm.yaml", "elsewhere/crm.yaml", "stacks/_shared/crm.yaml", "stacks"])
def test_what_would_not_be_read_as_a_stack_is_not_written(
    nightly: Project, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = imported("--stack", given)
    assert (code, "DB600" in capsys.readouterr().err) == ((1, True) if given != "stacks" else (0, False))


@pytest.mark.usefixtures("nightly")
@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--source", "erp"), "DB646"),
        (("--destination", "warehouse", "--source", "none"), "DB646"),
        (("--destination", "warehouse"), "DB600"),
        (("--destination", "lake", "--source", "erp"), "DB640"),
        (("--destination", "warehouse", "--source", "erp", "--dataset", "none"), "DB640"),
        (("--destination", "warehouse", "--source", "erp", "--pipeline", "none"), "DB640"),
        (("--destination", "warehouse", "--source", "ftp"), "DB641"),
        (("--destination", "warehouse", "--source", "erp", "--glob", "orders"), "DB644"),
    ],
)
def test_what_is_refused(options: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    if options[0] != "--destination":
        options = ("--destination", "none", *options)
    assert run(["import", *options]) in (ExitCode.ERROR, ExitCode.REFUSED)
    assert f"error[{code}]" in capsys.readouterr().err
    assert not Path("stacks/crm.yaml").exists()


def test_a_name_that_several_stacks_define_their_own_way(
    nightly: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (nightly.root / "stacks" / "shop.yaml").read_text()
    nightly.write("stacks/more.yaml", text.replace("stack: shop", "stack: more").replace("raw", "raw2"))
    assert imported() == ExitCode.ERROR
    said = capsys.readouterr().err
    assert "DB645" in said
    assert "stacks/more.yaml and stacks/shop.yaml" in said


def test_a_stack_that_would_not_be_valid_is_not_written(
    nightly: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    nightly.edit("stacks/shop.yaml", "stack: shop", "stack: crm")
    assert imported() == ExitCode.ERROR
    assert "DB113" in capsys.readouterr().err
    assert not (nightly.root / "stacks" / "crm.yaml").exists()


def test_what_waits_where_the_script_runs_is_waited_for(
    nightly: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (nightly.root / "dlt" / "nightly" / "load" / "normalized" / "1.7").mkdir(parents=True)
    assert imported("--pipelines-dir", "dlt") == ExitCode.REFUSED
    assert "load packages of its script wait" in capsys.readouterr().err.lower()
    assert imported("--pipelines-dir", "elsewhere") == ExitCode.DONE


def test_unapproved_it_is_written_and_not_applied(
    nightly: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported("--apply") == ExitCode.REFUSED
    assert "DB601" in capsys.readouterr().err
    assert (nightly.root / "stacks" / "crm.yaml").exists()


def test_a_shell_completes_what_the_files_define(nightly: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (source_names(""), source_names("e")) == (["erp", "ftp", "landing"], ["erp"])
    assert destination_names("w") == ["warehouse"]
    monkeypatch.chdir(nightly.root.parent)
    assert source_names("") == []
