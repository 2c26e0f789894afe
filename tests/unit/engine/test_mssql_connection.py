"""What a stack says of a SQL Server becomes what its ODBC driver is told, and nothing in a value can say more than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from databridge.engine.extraction.connection import engine_of
from databridge.model.source import MsSqlSource
from databridge.secrets.chain import secret_chain

PLACE = "DRIVER={ODBC Driver 18 for SQL Server};Server=h,1433;Database=d"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"username": "u", "password": "${secret.pw}"},
            f"{PLACE};UID=u;PWD={{a;Encrypt=no}}}}}};Encrypt=yes",
        ),
        ({"authentication": "integrated"}, f"{PLACE};Trusted_Connection=Yes;Encrypt=yes"),
        (
            {"authentication": "entra_integrated"},
            f"{PLACE};Authentication=ActiveDirectoryIntegrated;Encrypt=yes",
        ),
        ({"authentication": "entra_managed"}, f"{PLACE};Authentication=ActiveDirectoryMsi;Encrypt=yes"),
        (
            {"authentication": "entra_principal", "username": "id", "password": "s"},
            f"{PLACE};UID=id;PWD=s;Encrypt=yes;Authentication=ActiveDirectoryServicePrincipal",
        ),
        (
            {
                "username": "u",
                "encrypt": "strict",
                "trust_server_certificate": True,
                "options": {"ApplicationIntent": "ReadOnly;UID=sa"},
            },
            f"{PLACE};UID=u;Encrypt=strict;TrustServerCertificate=yes;ApplicationIntent={{ReadOnly;UID=sa}}",
        ),
        (
            {"username": "u", "odbc_driver": "ODBC Driver 17 for SQL Server", "port": 1434},
            "DRIVER={ODBC Driver 17 for SQL Server};Server=h,1434;Database=d;UID=u;Encrypt=yes",
        ),
    ],
)
def test_the_driver_is_told(fields: dict[str, object], told: str, tmp_path: Path) -> None:
    source = MsSqlSource.model_validate({"type": "mssql", "host": "h", "database": "d", **fields})
    secrets = secret_chain(tmp_path, {"DATABRIDGE_SECRET_PW": "a;Encrypt=no}"})
    engine = engine_of(source, tmp_path, secrets)
    (text,), _ = engine.dialect.create_connect_args(engine.url)
    assert text == told
