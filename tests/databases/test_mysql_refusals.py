"""A MySQL that can't be reached or read gives one error that names the cause; nothing is loaded, and the next load is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databridge.engine.extraction import csvblocks as reader
from databridge.model.source import MySqlSource
from databridge.sandbox.certificate import make_certificate
from tests.support.mariadb import mariadb
from tests.support.mysqldatabase import MySqlDatabase, mysql_database
from tests.support.servers import free_port
from tests.support.sourceloads import ORDERS, T, refusal, whole
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


@pytest.mark.parametrize(
    ("changed", "cause", "hint"),
    [
        ({"username": "nobody_at_all"}, "Access denied", "username"),
        ({"database": "nowhere"}, "Unknown database", "database"),
        ({"host": "host.invalid"}, "host.invalid", "host, port and network"),
        ({"port": free_port()}, "refused", "host, port and network"),
        ({"sslmode": "require"}, "SSL is required", "sslmode"),
    ],
)
def test_a_server_that_is_not_reached(
    bench: Workbench, mysql: MySqlDatabase, changed: dict[str, object], cause: str, hint: str
) -> None:
    said = refusal(bench, mysql.source.model_copy(update=changed))
    assert said.code == "DB550"
    assert cause in said.summary
    assert hint in said.hint


def test_a_wrong_password_and_a_right_that_is_not_there(bench: Workbench, mysql: MySqlDatabase) -> None:
    user = f"u_{mysql.name[5:]}"
    mysql.run("CREATE TABLE t (a integer)", "CREATE TABLE u (a integer)", "INSERT INTO t VALUES (1)")
    mysql.run(f"CREATE USER {user} IDENTIFIED BY 'right'", f"GRANT SELECT ON {mysql.name}.t TO {user}")
    source = mysql.source.model_copy(update={"username": user, "password": "wrong"})
    try:
        said = refusal(bench, source)
        assert (said.code, "wrong" in str(said)) == ("DB550", False)
        assert "`password`" in said.hint
        allowed = source.model_copy(update={"password": "right"})
        bench.load(T, source=allowed)
        assert bench.rows("t", "a") == [(1,)]
        mysql.run(f"REVOKE SELECT ON {mysql.name}.t FROM {user}", f"GRANT SELECT ON {mysql.name}.u TO {user}")
        assert refusal(bench, allowed).code in ("DB513", "DB550")
    finally:
        mysql.run(f"DROP USER {user}")


def test_a_table_and_a_column_that_are_not_there(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run("CREATE TABLE t (a integer)")
    assert refusal(bench, mysql.source, whole("no_table")).code == "DB513"
    assert refusal(bench, mysql.source, whole("t", include_columns=["b"])).code == "DB514"


def test_a_server_that_dies_in_the_middle(
    bench: Workbench, mysql: MySqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    mysql.run("CREATE TABLE orders (id integer, at integer, w text)", "INSERT INTO orders VALUES (1, 1, 'x')")
    bench.load(ORDERS, source=mysql.source)
    mysql.run("INSERT INTO orders SELECT seq, seq, repeat('x', 200) FROM seq_2_to_100000")
    monkeypatch.setattr(reader, "_BLOCK", 1 << 20)
    blocks = reader._blocks

    def dying(lines: Iterable[bytes]) -> Iterator[bytearray]:
        for number, block in enumerate(blocks(lines)):
            if number == 2:
                at_work = "info LIKE 'SELECT CAST(concat%' AND db = %s"
                for (connection,) in mysql.run(
                    f"SELECT id FROM information_schema.processlist WHERE {at_work}".replace(
                        "concat%", "concat%%"
                    ),
                    values=(mysql.name,),
                ):
                    mysql.run(f"KILL {connection}")
            yield block

    monkeypatch.setattr(reader, "_blocks", dying)
    said = refusal(bench, mysql.source, ORDERS)
    assert said.code == "DB550"
    assert "up; then apply again" in said.hint
    monkeypatch.setattr(reader, "_blocks", blocks)
    assert bench.rows("orders", "id") == [(1,)]
    assert bench.load(ORDERS, source=mysql.source).rows == {"orders": 99_999}


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MySqlDatabase, Path]]:
    """A database whose server has a certificate for this machine, and the authority that vouches for it."""
    folder = tmp_path_factory.mktemp("tls")
    authority = make_certificate(folder, datetime.now(UTC)).ca_file
    with mariadb(folder / "server.pem") as server, mysql_database(server) as made:
        made.run("CREATE TABLE t (a integer)", "INSERT INTO t VALUES (1)")
        yield made, authority


@pytest.mark.parametrize("sslmode", [None, "require", "verify-ca", "verify-full"])
def test_a_connection_is_encrypted(
    bench: Workbench, encrypted: tuple[MySqlDatabase, Path], sslmode: str | None
) -> None:
    database, authority = encrypted
    database.run(
        "CREATE OR REPLACE VIEW v AS SELECT variable_value AS cipher FROM information_schema.session_status"
        " WHERE variable_name = 'Ssl_cipher'"
    )
    options = {"ssl_ca": str(authority)} if sslmode else {}
    source = database.source.model_copy(update={"sslmode": sslmode, "options": options})
    bench.load(whole("v"), source=source)
    assert bench.rows("v", "cipher") != [("",)]
    bench.load(whole("v"), source=source.model_copy(update={"sslmode": "disable", "options": {}}))
    assert bench.rows("v", "cipher") == [("",)]


@pytest.mark.parametrize(
    ("sslmode", "host", "trusted", "cause"),
    [
        ("verify-ca", "127.0.0.1", False, "certificate verify failed"),
        ("verify-full", "127.0.0.1", False, "certificate verify failed"),
        ("verify-full", "127.0.0.2", True, "127.0.0.2"),
    ],
)
def test_a_certificate_that_does_not_vouch_for_the_server(
    bench: Workbench,
    encrypted: tuple[MySqlDatabase, Path],
    sslmode: str,
    host: str,
    trusted: bool,
    cause: str,
) -> None:
    database, authority = encrypted
    options = {"ssl_ca": str(authority)} if trusted else {}
    changed = {"sslmode": sslmode, "host": host, "options": options}
    said = refusal(bench, database.source.model_copy(update=changed))
    assert said.code == "DB550"
    assert cause in said.summary
    assert "sslmode" in said.hint


def test_a_file_that_is_no_certificate(bench: Workbench, mysql: MySqlDatabase, tmp_path: Path) -> None:
    nothing = MySqlSource.model_validate(
        mysql.source.model_dump()
        | {"sslmode": "verify-full", "options": {"ssl_ca": str(tmp_path / "no.pem")}}
    )
    said = refusal(bench, nothing)
    assert said.code == "DB512"
    assert "no.pem" in said.summary
