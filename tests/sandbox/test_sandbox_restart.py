from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.sandbox.places import NO_ANSWER, Place, rows


def place(sandbox: Sandbox) -> Place:
    return Place(sandbox.connection.dlt_credentials, "kept", real=False)


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    settings = SandboxSettings(root=tmp_path / "sandbox", catalogs=("main",))
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "f.parquet")
    copy = "COPY INTO loaded FROM '/Volumes/main/kept/v' FILEFORMAT = PARQUET"
    with Sandbox(settings) as first:
        before = place(first)
        before.run("CREATE CATALOG extra")
        before.run("CREATE SCHEMA kept COMMENT 'stays'")
        before.run("CREATE TABLE loaded (id BIGINT COMMENT 'c') TBLPROPERTIES ('p' = 'q')")
        before.run("CREATE VOLUME v")
        with before.connection(staging_allowed_local_path=str(tmp_path)) as opened:
            rows(opened, f"PUT '{tmp_path}/f.parquet' INTO '/Volumes/main/kept/v/f.parquet'")
        assert before.run(copy)[0][0] == 2
    with Sandbox(settings) as second:
        after = place(second)
        assert after.run("SELECT count(*) FROM loaded") == [(2,)]
        assert after.run(copy)[0][0] == 0
        assert ("p", "q") in after.run("SHOW TBLPROPERTIES loaded")
        assert after.run("DESCRIBE loaded") == [("id", "bigint", "c")]
        assert ("extra",) in after.run("SHOW CATALOGS")
        assert after.run(
            "SELECT comment FROM information_schema.schemata WHERE schema_name = 'kept'"
        ) == [("stays",)]  # fmt: skip


def test_one_that_is_left_is_gone(tmp_path: Path) -> None:
    with Sandbox(SandboxSettings(root=tmp_path)) as running:
        arguments = place(running)
    with pytest.raises(RuntimeError, match="does not run"):
        _ = running.connection
    with pytest.raises(NO_ANSWER), arguments.connection(_retry_stop_after_attempts_count=1):
        pass


def test_leaving_ends_statements_and_connections(tmp_path: Path) -> None:
    ended = threading.Event()
    begun = threading.Event()
    with Sandbox(SandboxSettings(root=tmp_path)) as running:
        where = Place(running.connection.dlt_credentials, "default", real=False)

        def wait() -> None:
            try:
                with where.connection(_retry_stop_after_attempts_count=1) as opened:
                    begun.set()
                    rows(
                        opened,
                        "SELECT count(*) FROM range(10000000) a CROSS JOIN range(10000000) b WHERE a.id = -b.id - 1",
                    )
            except NO_ANSWER:
                ended.set()

        thread = threading.Thread(target=wait)
        thread.start()
        assert begun.wait(60)
    thread.join(60)
    assert ended.is_set()


def test_two_at_once_have_two_roots(tmp_path: Path) -> None:
    with (
        Sandbox(SandboxSettings(root=tmp_path / "one")) as one,
        Sandbox(SandboxSettings(root=tmp_path / "two")) as two,
    ):
        assert one.connection.port != two.connection.port
        Place(one.connection.dlt_credentials, "default", real=False).run("CREATE TABLE t (a INT)")
        assert Place(two.connection.dlt_credentials, "default", real=False).run("SHOW TABLES") == []
