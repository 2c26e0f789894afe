"""Sessions work side by side; one that is cut off harms no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import oracledb
import pyarrow as pa
import pytest

from tests.servers.oracle.fault import DropConnection
from tests.servers.oracle.place import OracleSchema
from tests.servers.oracle.server import ADMINISTRATOR, PASSWORD, SERVICE, OracleServer


@pytest.fixture
def numbers(oracle: OracleSchema) -> OracleSchema:
    oracle.run("CREATE TABLE n (id NUMBER(10) PRIMARY KEY, v VARCHAR2(20))")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO n VALUES (:1, :2)", [(i, f"row {i}") for i in range(1000)])
        connection.commit()
    return oracle


def server_of(oracle: OracleSchema) -> OracleServer:
    if oracle.at.server is None:
        pytest.skip("nothing is made to fail in a real server")
    return oracle.at.server


def test_many_at_once(numbers: OracleSchema) -> None:
    def one(number: int) -> int:
        with closing(numbers.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO n VALUES (:1, 'new')", [10_000 + number])
            connection.commit()
            return sum(id_ for (id_,) in cursor.execute("SELECT id FROM n WHERE id < 1000"))

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(one, range(32))) == {sum(range(1000))}
    with closing(numbers.connect()) as connection:
        assert connection.cursor().execute("SELECT COUNT(*) FROM n").fetchone() == (1032,)


def test_what_is_not_committed_is_seen_by_nobody_else(numbers: OracleSchema) -> None:
    with closing(numbers.connect()) as one, closing(numbers.connect()) as other:
        count = "SELECT COUNT(*) FROM n"
        one.cursor().execute("DELETE FROM n WHERE id < 10")
        assert one.cursor().execute(count).fetchone() == (990,)
        assert other.cursor().execute(count).fetchone() == (1000,)
        one.rollback()
        assert one.cursor().execute(count).fetchone() == (1000,)
        other.cursor().execute("DELETE FROM n WHERE id < 20")
        other.commit()
        assert one.cursor().execute(count).fetchone() == (980,)


def test_several_cursors_of_one_connection(numbers: OracleSchema) -> None:
    with closing(numbers.connect()) as connection:
        first, second = (
            connection.cursor().execute(f"SELECT id FROM n ORDER BY id {order}") for order in ("ASC", "DESC")
        )
        pairs = zip(first, second, strict=True)
        assert all(one + other == 999 for (one,), (other,) in pairs)


@pytest.mark.parametrize("rows", [0, 150, 999])
def test_cut_off_in_a_fetch(numbers: OracleSchema, rows: int) -> None:
    server_of(numbers).faults.add(DropConnection(after_rows=rows, containing="FROM N"))
    got: list[Any] = []
    with closing(numbers.connect()) as connection, connection.cursor() as cursor:
        with pytest.raises(oracledb.DatabaseError, match=r"DPY-4011|DPY-6005|DPY-1001"):
            got.extend(cursor.execute("SELECT id FROM n ORDER BY id"))
        assert not connection.is_healthy()
    assert len(got) <= rows
    with closing(numbers.connect()) as connection:
        assert len(connection.cursor().execute("SELECT id FROM n").fetchall()) == 1000


def test_cut_off_in_batches(numbers: OracleSchema) -> None:
    server_of(numbers).faults.add(DropConnection(after_rows=250))
    got: list[int] = []
    with closing(numbers.connect()) as connection, pytest.raises(oracledb.DatabaseError, match="DPY-"):
        got.extend(
            pa.table(one).num_rows for one in connection.fetch_df_batches("SELECT id FROM n", size=100)
        )
    assert got == [100, 100]


def test_a_change_is_undone_with_its_session(numbers: OracleSchema) -> None:
    with closing(numbers.connect()) as connection:
        connection.cursor().execute("DELETE FROM n")
    with closing(numbers.connect()) as connection:
        assert connection.cursor().execute("SELECT COUNT(*) FROM n").fetchone() == (1000,)


def test_whoever_is_killed_is_gone() -> None:
    with OracleServer() as server:
        address = {"host": "127.0.0.1", "port": server.port, "service_name": SERVICE}
        connection = oracledb.connect(user=ADMINISTRATOR, password=PASSWORD, **address)
        server.kill_sessions()
        with pytest.raises(oracledb.DatabaseError, match="DPY-"):
            connection.cursor().execute("SELECT 1 FROM DUAL")
        oracledb.connect(user=ADMINISTRATOR, password=PASSWORD, **address).close()
