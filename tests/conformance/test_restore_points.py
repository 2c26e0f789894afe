"""What every state store does with restore points: what was kept is found, to the last character."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from databridge.model.address import Address
from databridge.model.destination import DuckDbDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.ledger import Ledger
from databridge.model.restorepoint import Origin, RestorePoint, SavedCopy, SavedPipeline
from databridge.state.store import StateStore

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEDGER = Ledger(project="demo", target="dev", stack="sales", lineage="l1", spec_serial=3)

Open = Callable[[], StateStore]
"""Opens the same store once more, as another process would."""


def point(restore_id: str) -> RestorePoint:
    copy = SavedCopy(
        status="found", version=3, version_hash="h", load_id="1.1", raw="\uf0272024", readable={"ä": [1]}
    )
    saved = SavedPipeline(
        address=Address("sales", "main"),
        dlt_name="sales_main",
        schema_name="sales_main",
        destination=DuckDbDestination(type="duckdb", path="w.duckdb"),
        dataset="raw",
        local=SavedCopy(status="missing"),
        at_destination=copy,
        starts_from=Origin.DESTINATION,
    )
    return RestorePoint(
        restore_id=restore_id,
        project="demo",
        target="dev",
        created_at=NOON,
        who="ada@desk",
        command="state set",
        ledgers={"sales": LEDGER, "north": None},
        pipelines=(saved,),
        absent=(Address("north", "main"),),
    )


def test_a_restore_point_is_kept_to_the_last_character(open_store: Open) -> None:
    open_store().keep(point("20261123T110000Z-b"))

    assert open_store().restore_point("20261123T110000Z-b") == point("20261123T110000Z-b")
    assert open_store().restore_points(newest=9) == (point("20261123T110000Z-b"),)


def test_restore_points_come_newest_first_and_are_no_stacks_and_no_runs(open_store: Open) -> None:
    for restore_id in ("20261123T110000Z-b", "20261123T120000Z-a", "20261122T110000Z-c"):
        open_store().keep(point(restore_id))

    found = [each.restore_id for each in open_store().restore_points(newest=2)]

    assert found == ["20261123T120000Z-a", "20261123T110000Z-b"]
    assert open_store().stacks() == ()
    assert open_store().runs(newest=9) == ()


def test_a_restore_point_is_found_by_its_beginning(open_store: Open) -> None:
    store = open_store()
    for restore_id in ("p1", "p10", "p2"):
        store.keep(point(restore_id))

    assert store.restore_point("p2") == point("p2")
    assert store.restore_point("p1") == point("p1"), "a whole id is meant, though another one begins with it"
    assert store.restore_point("q") is None
    with pytest.raises(DatabridgeError, match="3 restore points begin with `p`") as refusal:
        store.restore_point("p")
    assert refusal.value.diagnostics[0].code == "DB421"


def test_a_new_store_has_none(open_store: Open) -> None:
    assert open_store().restore_points(newest=10) == ()
    assert open_store().restore_point("r") is None
