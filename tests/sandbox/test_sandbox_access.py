from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from databricks import sql
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config, oauth_service_principal
from databricks.sql.exc import RequestError

from databridge.sandbox.protocol.access import Access
from databridge.sandbox.protocol.message import Request
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.sandbox.places import NO_ANSWER, Place


def test_a_wrong_token_is_refused_at_once(sandbox: Sandbox) -> None:
    with pytest.raises(RequestError, match="Invalid access token") as refusal:
        sql.connect(**{**sandbox.connection.connect_arguments, "access_token": "wrong"})
    assert sandbox.connection.access_token not in str(refusal.value)


def test_no_part_is_open_to_those_without_a_token(sandbox: Sandbox) -> None:
    context = ssl.create_default_context(cafile=sandbox.connection.ca_file)
    for path in ("/sql/1.0/warehouses/sandbox", "/api/2.0/secrets/scopes/list", "/_volumes/main/default/v/f"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(sandbox.connection.url + path, context=context)
        with refusal.value:
            assert refusal.value.code in {401, 403}


def test_plain_http_where_that_is_asked_for(tmp_path: Path) -> None:
    with Sandbox(SandboxSettings(root=tmp_path, tls=False)) as plain:
        assert plain.connection.url.startswith("http://127.0.0.1:")
        with sql.connect(**plain.connection.connect_arguments) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert tuple(cursor.fetchone()) == (1,)


def test_a_client_that_does_not_know_the_authority_does_not_talk(sandbox: Sandbox) -> None:
    arguments = {**sandbox.connection.connect_arguments, "_retry_stop_after_attempts_count": 1}
    del arguments["_tls_trusted_ca_file"]
    with pytest.raises(NO_ANSWER, match=r"(?i)certificate"):
        sql.connect(**arguments)
    assert Place(sandbox.connection.dlt_credentials, "default", real=False).run("SELECT 1") == [(1,)]


def test_the_key_is_for_its_owner_alone(own_sandbox: Sandbox, tmp_path: Path) -> None:
    assert own_sandbox.connection.ca_file is not None
    folder = own_sandbox.connection.ca_file.parent
    assert (folder / "server.pem").stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in (folder / "ca.pem").read_text()


@pytest.fixture
def trusted(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.connection.ca_file))
    for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    return sandbox


def test_a_service_principal_gets_a_token_and_gets_in(trusted: Sandbox) -> None:
    connection = trusted.connection
    credentials: dict[str, Any] = connection.dlt_m2m_credentials

    def provider() -> object:
        return oauth_service_principal(
            Config(
                host=connection.url,
                client_id=connection.client_id,
                client_secret=connection.client_secret,
            )
        )

    with (
        sql.connect(
            server_hostname=credentials["server_hostname"],
            http_path=connection.http_path,
            credentials_provider=provider,
            **credentials["connection_parameters"],
        ) as opened,
        opened.cursor() as cursor,
    ):
        cursor.execute("SELECT current_catalog()")
        assert tuple(cursor.fetchone()) == ("main",)


def test_a_service_principal_with_a_wrong_secret_is_refused(trusted: Sandbox) -> None:
    client = WorkspaceClient(
        host=trusted.connection.url, client_id=trusted.connection.client_id, client_secret="wrong"
    )
    with pytest.raises(Exception, match=r"(?i)client authentication failed|invalid_client"):
        list(client.catalogs.list())


def test_a_token_of_a_service_principal_ends() -> None:
    now = 0.0
    settings = SandboxSettings(root=Path("unused"), client_id="me", client_secret="s", token_lifetime=10)
    access = Access(settings, lambda: now)
    body = b"grant_type=client_credentials&client_id=me&client_secret=s"
    answer = access.issue(Request("POST", "/oidc/v1/token", {}, body))
    token = json.loads(answer.body)["access_token"]
    mine = Request("GET", "/", {"authorization": f"Bearer {token}"}, b"")
    assert access.refusal(mine) is None
    now = 10.0
    refusal = access.refusal(mine)
    assert refusal is not None
    assert refusal.status == 403


def test_a_signature_is_good_for_one_method_and_one_file() -> None:
    access = Access(SandboxSettings(root=Path("unused")), lambda: 0.0)
    signature = access.signature("PUT", "a/b")
    assert access.signed(Request("PUT", f"/x?signature={signature}", {}, b""), "a/b")
    assert not access.signed(Request("GET", f"/x?signature={signature}", {}, b""), "a/b")
    assert not access.signed(Request("PUT", f"/x?signature={signature}", {}, b""), "a/c")
    assert not access.signed(Request("PUT", "/x", {}, b""), "a/b")


def test_no_repr_shows_a_secret(sandbox: Sandbox) -> None:
    settings = SandboxSettings(root=Path("unused"))
    assert settings.token not in repr(settings)
    assert settings.client_secret not in repr(settings)
    assert sandbox.connection.access_token not in repr(sandbox.connection)
    assert sandbox.connection.client_secret not in repr(sandbox.connection)


def test_only_this_machine_is_listened_to(sandbox: Sandbox) -> None:
    assert sandbox._web._server.server_address[0] == "127.0.0.1"
