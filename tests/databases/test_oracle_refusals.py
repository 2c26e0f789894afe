"""What goes wrong at an Oracle is one error each, nothing is loaded then, and the next load is right."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from databridge.engine.extraction.connection import engine_of
from databridge.engine.extraction.oracleconnection import oracle_arguments
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.resource import Mode, TableResource
from databridge.model.source import OracleSource
from databridge.secrets.chain import secret_chain
from tests.servers.oracle.fault import DropConnection
from tests.servers.oracle.place import OracleSchema
from tests.support.oraclesource import oracle_source
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="id")


def refusal(bench: Workbench, source: OracleSource, resource: TableResource = ORDERS) -> Diagnostic:
    with pytest.raises(DatabridgeError) as raised:
        bench.load(resource, source=source)
    (said,) = raised.value.diagnostics
    return said


def orders(oracle: OracleSchema, numbers: range, *, create: bool = False) -> None:
    if create:
        oracle.run("CREATE TABLE orders (id NUMBER(9) NOT NULL, a VARCHAR2(4000), b CLOB)")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO orders VALUES (:1, :2, NULL)", [(n, f"row {n}") for n in numbers])
        connection.commit()


@pytest.mark.parametrize(
    ("fields", "words", "advice"),
    [
        ({"password": "wrong"}, "ORA-01017", "`username`"),
        ({"service_name": "nowhere"}, "not registered", "`service_name`"),
        ({"service_name": "", "sid": "nowhere"}, "not registered", "`sid`"),
        ({"port": 1}, "cannot connect", "host, port"),
        ({"host": "no.such.host.invalid"}, "cannot connect", "host, port"),
    ],
)
def test_where_no_connection_comes_about(
    bench: Workbench, oracle: OracleSchema, fields: dict[str, object], words: str, advice: str
) -> None:
    said = refusal(bench, oracle_source(oracle, **fields))
    assert said.code == "DB550"
    assert words in said.summary
    assert advice in said.hint
    assert oracle.password not in f"{said}"


def test_a_table_that_is_not_there(bench: Workbench, oracle: OracleSchema) -> None:
    assert refusal(bench, oracle_source(oracle)).code == "DB513"


def test_a_view_of_a_table_that_is_gone(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (id NUMBER(9))", "CREATE VIEW orders AS SELECT id FROM t", "DROP TABLE t")
    assert refusal(bench, oracle_source(oracle)).code == "DB550"


def test_a_server_that_goes_away_in_the_middle(bench: Workbench, oracle: OracleSchema) -> None:
    if oracle.at.server is None:
        pytest.skip("nobody cuts off a real server")
    orders(oracle, range(1, 1001), create=True)
    bench.load(ORDERS, source=oracle_source(oracle))
    orders(oracle, range(1001, 2001))
    oracle.at.server.faults.add(DropConnection(after_rows=500, containing="orders"))
    said = refusal(bench, oracle_source(oracle))
    assert said.code == "DB550"
    assert "no cursor moved" in said.detail
    assert len(bench.rows("orders", "id")) == 1000
    assert bench.load(ORDERS, source=oracle_source(oracle)).rows == {"orders": 1000}
    assert bench.rows("orders", "id") == [(n,) for n in range(1, 2001)]


def test_a_column_that_is_dropped_before_it_is_read(bench: Workbench, oracle: OracleSchema) -> None:
    orders(oracle, range(1, 3), create=True)
    wanted = ORDERS.model_copy(update={"include_columns": ("id", "c")})
    said = refusal(bench, oracle_source(oracle), wanted)
    assert (said.code, "id, a, b" in said.hint) == ("DB514", True)


@pytest.mark.parametrize("declared", ["NUMBER", "FLOAT", "CHAR(5)", "NVARCHAR2(9)", "CLOB", "RAW(4)"])
def test_a_cursor_that_would_pass_rows_by(bench: Workbench, oracle: OracleSchema, declared: str) -> None:
    oracle.run(f"CREATE TABLE orders (id {declared})")
    assert refusal(bench, oracle_source(oracle)).code == "DB551"


def test_a_number_without_precision_is_a_cursor_once_it_is_declared(
    bench: Workbench, oracle: OracleSchema
) -> None:
    oracle.run("CREATE TABLE orders (id NUMBER)", "INSERT INTO orders VALUES (9)", "INSERT INTO orders VALUES (10)")  # fmt: skip
    declared = TableResource.model_validate(
        {**ORDERS.model_dump(), "columns": {"id": {"data_type": "decimal", "precision": 20, "scale": 2}}}
    )
    bench.load(declared, source=oracle_source(oracle))
    oracle.run("INSERT INTO orders VALUES (100.25)", "INSERT INTO orders VALUES (9.5)")
    assert bench.load(declared, source=oracle_source(oracle)).rows == {"orders": 1}


def test_the_source_can_not_be_written(oracle: OracleSchema, tmp_path: Path) -> None:
    oracle.run("CREATE TABLE log (a NUMBER(9))")
    engine = engine_of(oracle_source(oracle), tmp_path, secret_chain(tmp_path, {}))
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="ORA-01456"):
        connection.exec_driver_sql("INSERT INTO log VALUES (1)")
    engine.dispose()


def test_an_answer_may_take_so_long(oracle: OracleSchema, tmp_path: Path) -> None:
    source = oracle_source(oracle, query_timeout=3)
    engine = engine_of(source, tmp_path, secret_chain(tmp_path, {}))
    with engine.connect() as connection:
        assert connection.connection.driver_connection.call_timeout == 3000  # type: ignore[union-attr]  # oracledb's
    engine.dispose()


def test_a_name_of_the_wallet_leads_there(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE orders (id NUMBER(9))", "INSERT INTO orders VALUES (1)")
    wallet, url = bench.root / "wallets" / "erp", oracle.at.url
    wallet.mkdir(parents=True)
    address = f"(ADDRESS=(PROTOCOL=TCP)(HOST={url.host})(PORT={url.port}))"
    wallet.joinpath("tnsnames.ora").write_text(
        f"erp_high = (DESCRIPTION={address}(CONNECT_DATA=(SERVICE_NAME={oracle.at.service})))"
    )
    where = {"host": "", "service_name": "", "dsn": "erp_high", "wallet": "wallets/erp"}
    assert bench.load(ORDERS, source=oracle_source(oracle, **where)).rows == {"orders": 1}


def test_the_password_of_a_wallet_is_a_secret(tmp_path: Path) -> None:
    fields = {"type": "oracle", "dsn": "erp_high", "wallet": "w", "wallet_password": "${secret.w}"}
    secrets = secret_chain(tmp_path, {"DATABRIDGE_SECRET_W": "open"})
    arguments = oracle_arguments(OracleSource.model_validate(fields), tmp_path, secrets)
    folder = str(tmp_path / "w")
    assert arguments == {
        "dsn": "erp_high",
        "wallet_location": folder,
        "config_dir": folder,
        "wallet_password": "open",
    }
