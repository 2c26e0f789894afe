from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sql.client import Connection
from databricks.sql.exc import DatabaseError, Error, ServerOperationError

from tests.sandbox.places import Place, rows

Run = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def connection(place: Place, tmp_path: Path) -> Iterator[Connection]:
    with place.connection(staging_allowed_local_path=str(tmp_path)) as opened:
        yield opened


@pytest.fixture
def volume(run: Run, place: Place) -> str:
    run("CREATE VOLUME IF NOT EXISTS held")
    return f"/Volumes/{place.catalog}/{place.schema}/held"


def test_a_file_goes_there_and_back(run: Run, volume: str, tmp_path: Path) -> None:
    (tmp_path / "there.bin").write_bytes(b"\x00\x01 it's")
    run(f"PUT '{tmp_path}/there.bin' INTO '{volume}/a/b c.bin' OVERWRITE")
    run(f"GET '{volume}/a/b c.bin' TO '{tmp_path}/back.bin'")
    assert (tmp_path / "back.bin").read_bytes() == b"\x00\x01 it's"


def test_a_file_is_replaced_only_where_that_is_said(run: Run, volume: str, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("one")
    run(f"PUT '{file}' INTO '{volume}/f' OVERWRITE")
    file.write_text("two")
    with pytest.raises(DatabaseError):
        run(f"PUT '{file}' INTO '{volume}/f'")
    run(f"PUT '{file}' INTO '{volume}/f' OVERWRITE")
    run(f"GET '{volume}/f' TO '{file}.back'")
    assert Path(f"{file}.back").read_text() == "two"


def test_what_was_removed_is_gone(run: Run, volume: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    run(f"PUT '{tmp_path}/f' INTO '{volume}/gone/f' OVERWRITE")
    run(f"REMOVE '{volume}/gone/f'")
    with pytest.raises(DatabaseError):
        run(f"GET '{volume}/gone/f' TO '{tmp_path}/never'")
    run(f"REMOVE '{volume}/gone'")


def test_files_are_listed(run: Run, volume: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("four")
    run(f"PUT '{tmp_path}/f' INTO '{volume}/listed/f' OVERWRITE")
    assert [(row[0], row[1], str(row[2])) for row in run(f"LIST '{volume}/listed'")] == [
        (f"{volume}/listed/f", "f", "4")
    ]


def test_volumes_are_listed_and_dropped(run: Run, place: Place) -> None:
    run("CREATE VOLUME IF NOT EXISTS dropped COMMENT 'soon'")
    assert (place.schema, "dropped") in run("SHOW VOLUMES")
    named = f"volume_schema = '{place.schema}' AND volume_name = 'dropped'"
    assert run(f"SELECT comment FROM information_schema.volumes WHERE {named}") == [("soon",)]
    run("DROP VOLUME dropped")
    assert (place.schema, "dropped") not in run("SHOW VOLUMES")
    assert run(f"SELECT comment FROM information_schema.volumes WHERE {named}") == []


def test_only_files_below_the_allowed_folder_are_sent(run: Run, volume: str) -> None:
    with pytest.raises(Error, match="staging_allowed_local_path"):
        run(f"PUT '/etc/hostname' INTO '{volume}/hostname' OVERWRITE")


@pytest.mark.parametrize(
    "path", ["/Volumes/nowhere/s/v/f", "/Volumes/{catalog}/{schema}/no_volume/f", "/tmp/f"]
)
def test_a_path_outside_of_volumes_is_refused(run: Run, place: Place, tmp_path: Path, path: str) -> None:
    with pytest.raises(ServerOperationError):
        run(f"PUT '{tmp_path}/f' INTO '{path.format(catalog=place.catalog, schema=place.schema)}' OVERWRITE")


def test_a_path_never_leads_out_of_its_volume(own_place: Place, tmp_path: Path) -> None:
    own_place.run("CREATE VOLUME v")
    (tmp_path / "f").write_text("x")
    with own_place.connection(staging_allowed_local_path=str(tmp_path)) as opened:
        with pytest.raises(ServerOperationError, match="INVALID_VOLUME_PATH"):
            rows(opened, f"PUT '{tmp_path}/f' INTO '/Volumes/main/default/v/../../../../f' OVERWRITE")
        with pytest.raises(ServerOperationError, match="INVALID_VOLUME_PATH"):
            rows(opened, "LIST '/Volumes/main/default/v/../../..'")
