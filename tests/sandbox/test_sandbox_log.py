from __future__ import annotations

from pathlib import Path

import pytest
from databricks.sql.exc import ServerOperationError

from databridge.sandbox.redaction import redacted
from databridge.sandbox.server import Sandbox
from tests.sandbox.places import Place


def test_statements_are_logged_with_how_they_ended(
    own_sandbox: Sandbox, own_place: Place, tmp_path: Path
) -> None:
    own_place.run("SELECT\n  1")
    with pytest.raises(ServerOperationError):
        own_place.run("SELECT * FROM nope")
    lines = (tmp_path / "statements.log").read_text().splitlines()
    assert lines == [
        "1 > SELECT 1",
        "1 < done",
        "2 > SELECT * FROM nope",
        "2 < [TABLE_OR_VIEW_NOT_FOUND]",
    ]


COPIES = [
    "COPY INTO t FROM 's3://b/x' WITH(CREDENTIAL(AWS_ACCESS_KEY='geheim', AWS_SECRET_KEY='geheim)', AWS_SESSION_TOKEN='ge\\'heim')) FILEFORMAT = JSON",
    "COPY INTO t FROM 'abfss://c@a' WITH (CREDENTIAL (AZURE_SAS_TOKEN = \"sv=1&sig=geheim\")) FILEFORMAT = JSON",
    "COPY INTO t FROM 's3://b/x' WITH (CREDENTIAL (AWS_SECRET_KEY = 'geheim",
    "COPY INTO t FROM 's3://b/x' WITH (CREDENTIAL (SOMETHING_NEW = 'geheim')) FILEFORMAT = JSON",
    "CREATE CONNECTION c TYPE x OPTIONS (host 'h', password = 'geheim')",
    "SELECT secret_token => 'geheim', \"my_password\" = 'geheim'",
    "SELECT * FROM 'https://h/x?sig=geheim&a=b'",
]


@pytest.mark.parametrize("statement", COPIES)
def test_what_nobody_may_read_is_hidden(statement: str) -> None:
    shown = redacted(statement)
    assert "geheim" not in shown
    assert "heim" not in shown
    assert "***" in shown
    assert shown.startswith(statement[:6])


def test_the_log_hides_credentials(own_place: Place, tmp_path: Path) -> None:
    own_place.run("CREATE TABLE t (a INT)")
    for statement in COPIES:
        with pytest.raises(ServerOperationError):
            own_place.run(statement)
    assert "geheim" not in (tmp_path / "statements.log").read_text()
