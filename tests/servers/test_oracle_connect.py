"""The driver gets in by every name of a database, and nobody else does."""

from __future__ import annotations

from contextlib import closing

import oracledb
import pytest
import sqlalchemy as sa

from tests.servers.oracle.place import OracleSchema
from tests.servers.oracle.server import SID


def test_service_name(oracle: OracleSchema) -> None:
    with closing(oracle.connect()) as connection:
        assert connection.thin
        assert int(connection.version.split(".")[0]) >= 19
        user = connection.cursor().execute("SELECT USER FROM DUAL").fetchone()
    assert user == (oracle.user,)


def test_address_in_one_string(oracle: OracleSchema) -> None:
    url = oracle.at.url
    with closing(oracle.connect(dsn=f"{url.host}:{url.port}/{oracle.at.service}")) as connection:
        assert connection.is_healthy()


def test_whole_descriptor(oracle: OracleSchema) -> None:
    url = oracle.at.url
    address = f"(ADDRESS=(PROTOCOL=TCP)(HOST={url.host})(PORT={url.port}))"
    padding = "(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT=1))" * 4  # too long for the first packet
    descriptor = f"(DESCRIPTION=(ADDRESS_LIST={address}{padding})(CONNECT_DATA=(SERVER=DEDICATED)(SERVICE_NAME={oracle.at.service})))"
    with closing(oracle.connect(dsn=descriptor)) as connection:
        connection.ping()


def test_sid(oracle: OracleSchema) -> None:
    if oracle.at.server is None:
        pytest.skip("the SID of a real server is not known")
    with closing(oracle.connect(service_name=None, sid=SID)) as connection:
        connection.ping()


def test_sqlalchemy_takes_the_same_url(oracle: OracleSchema) -> None:
    engine = oracle.engine()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1 FROM DUAL")) == 1
    version = engine.dialect.server_version_info
    assert version is not None
    assert int(version[0]) >= 19


def test_wrong_password(oracle: OracleSchema) -> None:
    with pytest.raises(oracledb.DatabaseError, match="ORA-01017") as refused:
        oracle.connect(password="wrong")
    assert oracle.password not in str(refused.value)


def test_unknown_user_is_told_no_more(oracle: OracleSchema) -> None:
    with pytest.raises(oracledb.DatabaseError, match="ORA-01017"):
        oracle.connect(user="nobody_here")


def test_unknown_service(oracle: OracleSchema) -> None:
    with pytest.raises(oracledb.OperationalError, match=r"DPY-6001.*ORA-12514") as refused:
        oracle.connect(service_name="NOWHERE")
    assert "NOWHERE" in str(refused.value)


def test_unknown_sid(oracle: OracleSchema) -> None:
    with pytest.raises(oracledb.OperationalError, match=r"DPY-6003.*ORA-12505"):
        oracle.connect(service_name=None, sid="NOWHERE")
