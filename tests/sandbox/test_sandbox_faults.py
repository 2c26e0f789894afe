from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sql.exc import Error, RequestError, ServerOperationError

from databridge.sandbox.failure import SqlError
from databridge.sandbox.fault import Fault, FaultKind, Faults
from databridge.sandbox.server import Sandbox
from tests.sandbox.places import NO_ANSWER, Place, rows


@pytest.fixture
def counted(own_place: Place) -> Iterator[Place]:
    own_place.run("CREATE TABLE t (a INT)")
    yield own_place
    assert own_place.run("SELECT 1") == [(1,)]


def met(faults: Faults, statement: str) -> FaultKind | None:
    found = faults.meet(statement).fault
    return found.kind if found else None


def test_the_nth_statement_that_matches_is_met_and_so_many_after_it() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.FAIL, matching=r"insert\s.*t", nth=2, times=2))
    statements = ["INSERT INTO t", "SELECT 1", "insert\ninto t", "INSERT INTO t", "INSERT INTO t"]
    assert [met(faults, one) for one in statements] == [None, None, FaultKind.FAIL, FaultKind.FAIL, None]


def test_without_a_number_of_times_it_never_ends() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.FAIL, times=None))
    assert [met(faults, "x") for _ in range(5)] == [FaultKind.FAIL] * 5
    faults.clear()
    assert met(faults, "x") is None


def test_delays_add_up_and_one_more_thing_happens() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.DELAY, seconds=1), Fault(FaultKind.DELAY, seconds=2))
    faults.add(Fault(FaultKind.FAIL, message="[A] a"), Fault(FaultKind.DROP))
    injected = faults.meet("x")
    assert injected.delay == 3
    assert injected.fault is not None
    assert injected.fault.kind is FaultKind.FAIL


@pytest.mark.parametrize(("nth", "times", "seconds"), [(0, 1, 0), (1, 0, 0), (1, 1, -1)])
def test_a_fault_that_makes_no_sense(nth: int, times: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="counts from 1"):
        Fault(FaultKind.FAIL, nth=nth, times=times, seconds=seconds)


def test_a_statement_fails_before_it_is_carried_out(own_sandbox: Sandbox, counted: Place) -> None:
    message = "[PERMISSION_DENIED] User does not have MODIFY on Table 'main.default.t'. SQLSTATE: 42501"
    own_sandbox.faults.add(Fault(FaultKind.FAIL, matching="^INSERT", message=message))
    with pytest.raises(ServerOperationError) as failure:
        counted.run("INSERT INTO t VALUES (1)")
    assert failure.value.message == message
    counted.run("INSERT INTO t VALUES (2)")
    assert counted.run("SELECT a FROM t") == [(2,)]


def test_a_statement_fails_after_it_was_carried_out(own_sandbox: Sandbox, counted: Place) -> None:
    own_sandbox.faults.add(Fault(FaultKind.FAIL, matching="^INSERT", after=True))
    with pytest.raises(ServerOperationError, match="An injected fault"):
        counted.run("INSERT INTO t VALUES (1)")
    assert counted.run("SELECT a FROM t") == [(1,)]


@pytest.mark.parametrize(("after", "left"), [(False, 0), (True, 2)])
def test_a_connection_is_dropped(own_sandbox: Sandbox, counted: Place, after: bool, left: int) -> None:
    own_sandbox.faults.add(Fault(FaultKind.DROP, matching="^INSERT", times=None, after=after))
    # One attempt more than the first is the least that the connector makes.
    with (
        counted.connection(_retry_stop_after_attempts_count=1) as opened,
        pytest.raises(NO_ANSWER, match=r"(?i)aborted|closed"),
    ):
        rows(opened, "INSERT INTO t VALUES (1)")
    own_sandbox.faults.clear()
    assert counted.run("SELECT count(*) FROM t") == [(left,)]


def test_the_connector_repeats_what_it_got_no_answer_to(own_sandbox: Sandbox, counted: Place) -> None:
    own_sandbox.faults.add(Fault(FaultKind.DROP, matching="^INSERT", after=True))
    counted.run("INSERT INTO t VALUES (1)")
    assert counted.run("SELECT a FROM t") == [(1,), (1,)]


def test_a_delay_holds_up_its_statement_and_no_other(own_sandbox: Sandbox, counted: Place) -> None:
    own_sandbox.faults.add(Fault(FaultKind.DELAY, matching="slow", seconds=3600))
    failures: list[str] = []
    with counted.connection() as opened, opened.cursor() as cursor:

        def wait() -> None:
            try:
                cursor.execute("SELECT 'slow'")
            except Error as failure:
                failures.append(str(failure))

        thread = threading.Thread(target=wait)
        thread.start()
        assert counted.run("SELECT 'other'") == [("other",)]
        counted.run("INSERT INTO t VALUES (1)")
        assert thread.is_alive()
        while thread.is_alive():
            cursor.cancel()
            thread.join(0.1)
    assert "OPERATION_CANCELED" in failures[0]


def test_a_short_delay_only_delays(own_sandbox: Sandbox, counted: Place) -> None:
    own_sandbox.faults.add(Fault(FaultKind.DELAY, seconds=0.01, times=None))
    assert counted.run("SELECT 1") == [(1,)]


def test_a_warehouse_that_is_starting(own_sandbox: Sandbox, counted: Place) -> None:
    own_sandbox.faults.add(Fault(FaultKind.UNAVAILABLE, matching="^INSERT", seconds=7))
    # The connector would wait for a minute, and may not.
    with counted.connection(_retry_stop_after_attempts_duration=1.0) as opened, pytest.raises(RequestError):
        rows(opened, "INSERT INTO t VALUES (1)")
    assert counted.run("SELECT a FROM t") == []
    counted.run("INSERT INTO t VALUES (2)")
    assert counted.run("SELECT a FROM t") == [(2,)]


def test_a_client_that_is_told_to_retry_succeeds(own_sandbox: Sandbox, counted: Place) -> None:
    own_sandbox.faults.add(Fault(FaultKind.UNAVAILABLE, matching="^INSERT", seconds=1))
    # The connector waits for its own longest delay, and lets none be set below five seconds.
    with counted.connection(_retry_delay_max=5.0) as opened:
        rows(opened, "INSERT INTO t VALUES (1)")
    assert counted.run("SELECT a FROM t") == [(1,)]


def test_faults_may_be_there_from_the_start(tmp_path: Path) -> None:
    from databridge.sandbox.settings import SandboxSettings

    settings = SandboxSettings(root=tmp_path, faults=(Fault(FaultKind.FAIL, message="[X] first"),))
    with Sandbox(settings) as running:
        where = Place(running.connection.dlt_credentials, "default", real=False)
        with pytest.raises(ServerOperationError, match="first"):
            where.run("SELECT 1")
        assert where.run("SELECT 1") == [(1,)]


def test_the_error_of_a_fault_keeps_its_class_and_state() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.FAIL, message="[SOME_CLASS] words. SQLSTATE: 42501"))
    with pytest.raises(SqlError) as failure:
        faults.meet("x").before(threading.Event())
    assert (failure.value.error_class, failure.value.sqlstate) == ("SOME_CLASS", "42501")


def test_retry_after_is_in_the_answer(own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    from databricks.sql.thrift_api.TCLIService import TCLIService, ttypes
    from thrift.protocol.TBinaryProtocol import TBinaryProtocol
    from thrift.transport.TTransport import TMemoryBuffer

    own_sandbox.faults.add(Fault(FaultKind.UNAVAILABLE, seconds=7))
    connection = own_sandbox.connection
    with Place(connection.dlt_credentials, "default", real=False).connection() as opened:
        identifier = opened.session.session_id.to_thrift_handle()
        written = TMemoryBuffer()
        TCLIService.Client(TBinaryProtocol(written)).send_ExecuteStatement(
            ttypes.TExecuteStatementReq(identifier, "SELECT 1")
        )
        request = urllib.request.Request(
            connection.url + connection.http_path,
            data=written.getvalue(),
            headers={"Authorization": f"Bearer {connection.access_token}"},
        )
        context = ssl.create_default_context(cafile=connection.ca_file)
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request, context=context)
    with refusal.value:
        assert refusal.value.code == 503
        assert refusal.value.headers["Retry-After"] == "7"
