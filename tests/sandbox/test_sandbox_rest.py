"""The REST that databridge calls, through databricks-sdk itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service.catalog import ColumnInfo, DataSourceFormat, TableType
from databricks.sdk.service.jobs import CronSchedule, PauseStatus

from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.sandbox.places import Place


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    settings = SandboxSettings(root=tmp_path_factory.mktemp("workspace"), tls=False)
    with Sandbox(settings) as running:
        yield running


@pytest.fixture(scope="module")
def client(workspace: Sandbox) -> WorkspaceClient:
    return WorkspaceClient(host=workspace.connection.url, token=workspace.connection.access_token)


@pytest.fixture(scope="module")
def sql(workspace: Sandbox) -> Place:
    return Place(workspace.connection.dlt_credentials, "default", real=False)


def test_secrets_come_back_as_they_were_put(client: WorkspaceClient) -> None:
    client.secrets.create_scope("team")
    client.secrets.put_secret("team", "password", string_value="geheim ü")
    client.secrets.put_secret("team", "bytes", bytes_value=base64.b64encode(b"\x00\xff").decode())
    assert base64.b64decode(client.secrets.get_secret("team", "password").value).decode() == "geheim ü"
    assert base64.b64decode(client.secrets.get_secret("team", "bytes").value) == b"\x00\xff"
    assert [one.key for one in client.secrets.list_secrets("team")] == ["bytes", "password"]
    assert "team" in [scope.name for scope in client.secrets.list_scopes()]
    client.secrets.delete_secret("team", "bytes")
    with pytest.raises(NotFound):
        client.secrets.get_secret("team", "bytes")
    with pytest.raises(ResourceAlreadyExists):
        client.secrets.create_scope("team")


def test_a_secret_that_is_not_there(client: WorkspaceClient) -> None:
    with pytest.raises(NotFound):
        client.secrets.get_secret("nowhere", "x")
    client.secrets.create_scope("empty")
    with pytest.raises(NotFound):
        client.secrets.get_secret("empty", "x")
    client.secrets.delete_scope("empty")
    assert "empty" not in [scope.name for scope in client.secrets.list_scopes()]


def test_jobs_are_created_listed_and_deleted(client: WorkspaceClient) -> None:
    schedule = CronSchedule("0 0 6 * * ?", "UTC", PauseStatus.UNPAUSED)
    made = [client.jobs.create(name=f"job {n}", schedule=schedule, tasks=[]).job_id for n in range(25)]
    listed = list(client.jobs.list())
    assert [job.job_id for job in listed] == made
    assert [job.settings.name for job in client.jobs.list(name="JOB 3")] == ["job 3"]
    got = client.jobs.get(made[3]).settings
    assert (got.name, got.schedule.quartz_cron_expression) == ("job 3", "0 0 6 * * ?")
    client.jobs.delete(made[3])
    with pytest.raises(NotFound):
        client.jobs.get(made[3])


def test_catalogs_and_schemas_are_those_of_sql(client: WorkspaceClient, sql: Place) -> None:
    client.catalogs.create("lake", comment="it's a lake")
    assert client.catalogs.get("lake").comment == "it's a lake"
    client.schemas.create("raw", "lake", comment="as it came")
    sql.run("CREATE SCHEMA lake.made_in_sql")
    named = {schema.name: schema.comment for schema in client.schemas.list("lake")}
    assert named == {"default": None, "made_in_sql": None, "raw": "as it came"}
    assert client.schemas.get("lake.raw").full_name == "lake.raw"
    client.schemas.delete("lake.made_in_sql")
    assert ("made_in_sql",) not in sql.run("SHOW SCHEMAS IN lake")
    client.catalogs.delete("lake", force=True)
    assert "lake" not in [catalog.name for catalog in client.catalogs.list()]
    with pytest.raises(NotFound):
        client.catalogs.get("lake")


def test_tables_tell_their_columns_and_properties(client: WorkspaceClient, sql: Place) -> None:
    sql.run("CREATE TABLE told (id BIGINT NOT NULL COMMENT 'key', v ARRAY<STRING>) TBLPROPERTIES ('p' = 'q')")
    sql.run("COMMENT ON TABLE told IS 'a table'")
    table = client.tables.get("main.default.told")
    assert (table.comment, table.properties) == ("a table", {"p": "q"})
    assert table.table_type is TableType.MANAGED
    columns = [(one.name, one.type_text, one.type_name.value, one.nullable) for one in table.columns]
    assert columns == [("id", "bigint", "LONG", False), ("v", "array<string>", "ARRAY", True)]
    assert "told" in [one.name for one in client.tables.list("main", "default")]
    client.tables.delete("main.default.told")
    with pytest.raises(NotFound):
        client.tables.get("main.default.told")


def test_a_table_is_made(client: WorkspaceClient, sql: Place) -> None:
    column = ColumnInfo(name="a", type_text="decimal(5,1)", comment="it's", nullable=False)
    client.tables.create(
        name="made",
        catalog_name="main",
        schema_name="default",
        table_type=TableType.EXTERNAL,
        data_source_format=DataSourceFormat.DELTA,
        storage_location="",
        columns=[column],
        properties={"p": "it's"},
    )
    assert sql.run("DESCRIBE made") == [("a", "decimal(5,1)", "it's")]
    assert ("p", "it's") in sql.run("SHOW TBLPROPERTIES made")


@pytest.mark.parametrize("name", ["no_catalog.default.t", "main.no_schema.t", "main.default.no_table"])
def test_what_is_not_there_is_not_found(client: WorkspaceClient, name: str) -> None:
    with pytest.raises(NotFound):
        client.tables.get(name)


def test_a_wrong_token_is_refused(workspace: Sandbox) -> None:
    stranger = WorkspaceClient(host=workspace.connection.url, token="wrong")
    with pytest.raises(PermissionDenied):
        list(stranger.catalogs.list())


def test_what_the_sandbox_lacks_is_told(client: WorkspaceClient) -> None:
    with pytest.raises(NotFound, match="No API found"):
        list(client.clusters.list())


def test_secrets_and_jobs_are_there_after_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("kept")
    settings = SandboxSettings(root=root, tls=False)
    with Sandbox(settings) as first:
        before = WorkspaceClient(host=first.connection.url, token=settings.token)
        before.secrets.create_scope("s")
        before.secrets.put_secret("s", "k", string_value="v")
        number = before.jobs.create(name="j").job_id
    assert (root / "workspace.json").stat().st_mode & 0o077 == 0
    with Sandbox(settings) as second:
        after = WorkspaceClient(host=second.connection.url, token=settings.token)
        assert base64.b64decode(after.secrets.get_secret("s", "k").value) == b"v"
        assert after.jobs.get(number).settings.name == "j"
        assert after.jobs.create(name="next").job_id == number + 1
