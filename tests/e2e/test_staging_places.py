"""Where files wait belongs to one pipeline: it deletes its own and nobody else's, and two that would share a place are refused."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from databricks import sql

from databridge.buckets.objects import Objects
from databridge.engine import berth
from databridge.model.destination import DatabricksDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.marker import Owner
from databridge.model.staging import Claim, StagingPlace, staging_place
from databridge.model.storage import Staging
from databridge.sandbox.server import Sandbox
from tests.support.buckets import NAME, Cloud, s3_cloud
from tests.support.project import Project
from tests.support.secrets import NO_SECRETS
from tests.support.staged import sandbox_for

STACK = """\
stack: shop
sources:
  ops: {{type: sqlite, path: ops.db}}
destinations:
  lake:
    type: databricks
    server_hostname: ${{env.DATABRIDGE_SANDBOX_HOST}}
    port: ${{env.DATABRIDGE_SANDBOX_PORT}}
    http_path: ${{env.DATABRIDGE_SANDBOX_HTTP_PATH}}
    ca_file: ${{env.DATABRIDGE_SANDBOX_CA_FILE}}
    catalog: ${{var.catalog}}
    access_token: ${{secret.sandbox_token}}
    staging:
      type: filesystem
      bucket_url: s3://{name}/${{var.folder}}
      endpoint: {endpoint}
      credentials:
        aws_access_key_id: key
        aws_secret_access_key: ${{secret.key_secret}}
        aws_session_token: ${{secret.session}}
pipelines:
  main:
    source: ops
    destination: lake
    dataset: raw
    resources: [{{name: orders, mode: incremental, cursor_field: id}}]
"""


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with s3_cloud() as cloud:
        yield cloud.enter(monkeypatch)


@pytest.fixture
def shop(tmp_path: Path, s3: Cloud) -> Project:
    project = Project(tmp_path / "shop")
    project.write("databridge.yaml", "project: shop\nvariables: {catalog: main, folder: staging}\n")
    project.write("stacks/shop.yaml", STACK.format(name=NAME, endpoint=s3.endpoint))
    project.environ.update(
        DATABRIDGE_SECRET_KEY_SECRET="made-up-secret", DATABRIDGE_SECRET_SESSION="made-up-session"
    )
    add_order(project)
    return project


@pytest.fixture(autouse=True)
def warehouse(shop: Project, s3: Cloud) -> Iterator[Sandbox]:
    with sandbox_for(shop, s3_endpoint=s3.endpoint, catalogs=("main", "other")) as sandbox:
        yield sandbox


def orders(warehouse: Sandbox) -> list[int]:
    with (
        sql.connect(**warehouse.connection.connect_arguments) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT id FROM main.raw.orders ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def add_order(project: Project) -> None:
    with closing(sqlite3.connect(project.root / "ops.db")) as ops, ops:
        ops.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT)")
        ops.execute("INSERT INTO orders (item) VALUES ('tea')")


def paths(objects: Objects) -> set[str]:
    return {each.path for each in objects.list("")}


OWN = "staging/shop/dev/shop_main/raw"
CLAIM = f"{OWN}/_databridge.json"
OTHERS = {
    "staging/raw/orders/1.a.parquet",  # of dlt by itself, with the same bucket, prefix and dataset
    "staging/shop/prod/shop_main/raw/orders/1.a.parquet",  # of another target
    "staging/shop/dev/shop_other/raw/orders/1.a.parquet",  # of another pipeline
    "staging/shop/dev/shop_main/raw_2/orders/1.a.parquet",
}


def test_a_load_deletes_what_it_staged_and_what_others_stage_stays(shop: Project, s3: Cloud) -> None:
    objects = s3.objects()
    for path in (*OTHERS, f"{OWN}/gone/1.a.parquet"):
        objects.replace(path, b"waits")
    shop.apply()
    assert paths(objects) == {*OTHERS, CLAIM}
    add_order(shop)
    assert "    orders  1 row\n" in shop.apply().out
    assert paths(objects) == {*OTHERS, CLAIM}


def test_killed_it_loads_every_row_once_and_leaves_nothing(
    shop: Project, s3: Cloud, warehouse: Sandbox
) -> None:
    for count, failpoint in enumerate(("job-1", "job-2", "before-complete", "after-complete"), start=1):
        shop.killed_apply(failpoint=failpoint)
        shop.apply()
        assert orders(warehouse) == [*range(1, count + 1)]
        assert paths(s3.objects()) == {CLAIM}
        add_order(shop)


def test_a_pipeline_that_is_removed_gives_up_its_place(shop: Project, s3: Cloud) -> None:
    shop.apply()
    (shop.root / "stacks" / "shop.yaml").unlink()
    assert "1 forgotten" in shop.apply().out
    assert paths(s3.objects()) == set()


def test_the_same_pipeline_of_another_project_folder_goes_on(shop: Project, tmp_path: Path) -> None:
    shop.apply()
    twin = shop.copy(tmp_path / "twin")
    shutil.rmtree(twin.root / "state")
    assert not twin.has_changes()
    add_order(twin)
    assert "    orders  1 row\n" in twin.apply().out


def test_another_environment_in_the_same_place_is_refused(shop: Project, s3: Cloud, tmp_path: Path) -> None:
    shop.apply()
    twin = shop.copy(tmp_path / "twin")
    shutil.rmtree(twin.root / "state")
    before = paths(s3.objects())
    twin.edit("databridge.yaml", "catalog: main", "catalog: other")
    planned = twin.run("plan")
    assert "DB237, blocks apply" in planned.out
    assert f"s3://{NAME}/{OWN} belongs to shop.main of project shop, target dev" in planned.out
    twin.apply(expect=3)
    assert paths(s3.objects()) == before
    twin.edit("databridge.yaml", "folder: staging", "folder: mine")
    assert "1 created" in twin.apply().out


def test_a_place_that_is_left_is_emptied(shop: Project, s3: Cloud) -> None:
    shop.apply()
    objects = s3.objects()
    objects.replace(f"{OWN}/orders/1.a.parquet", b"of a load that was killed")
    objects.replace("staging/shop/dev/shop_other/raw/orders/1.a.parquet", b"waits")
    shop.edit("databridge.yaml", "folder: staging", "folder: elsewhere")
    assert "1 migrated" in shop.apply().out
    assert paths(objects) == {
        "staging/shop/dev/shop_other/raw/orders/1.a.parquet",
        CLAIM.replace("staging", "elsewhere", 1),
    }
    assert not shop.has_changes()


def test_no_staging_any_more(shop: Project, s3: Cloud) -> None:
    shop.apply()
    stack = (shop.root / "stacks" / "shop.yaml").read_text()
    head, _, rest = stack.partition("    staging:\n")
    shop.write("stacks/shop.yaml", head + "pipelines:" + rest.partition("pipelines:")[2])
    add_order(shop)
    done = shop.apply()
    assert "1 migrated" in done.out
    assert "    orders  1 row\n" in done.out
    assert paths(s3.objects()) == set()
    assert not shop.has_changes()


def test_files_of_an_unknown_table_are_drift_and_are_pruned(shop: Project, s3: Cloud) -> None:
    shop.apply()
    objects = s3.objects()
    for path in (*OTHERS, f"{OWN}/gone/1.a.parquet", f"{OWN}/gone/1.b.parquet", f"{OWN}/orders/1.a.parquet"):
        objects.replace(path, b"waits")
    done = shop.run("drift")
    assert done.code == 2, done.text
    assert f"s3://{NAME}/{OWN} holds table gone with 2 files, which no schema knows" in done.out
    assert "mend: databridge repair shop.main\n" in done.out
    assert done.out.endswith("\n1 drift. 1 pipeline looked at.\n")
    pruned = shop.run("state", "prune", "shop.main", "--auto-approve")
    assert pruned.code == 0, pruned.text
    assert paths(objects) == {*OTHERS, CLAIM}
    assert shop.run("drift").code == 0
    assert "No changes." in shop.run("state", "prune").out


def place(s3: Cloud, catalog: str) -> StagingPlace:
    staging = Staging(type="filesystem", bucket_url=f"s3://{NAME}/staging", endpoint=s3.endpoint)
    destination = DatabricksDestination(
        type="databricks", server_hostname="h", http_path="/w", catalog=catalog, staging=staging
    )
    owner = Owner(project="shop", target="dev", stack="shop", pipeline="main")
    found = staging_place(destination, owner=owner, dlt_name="shop_main", dataset="raw")
    assert found
    return found


def test_of_two_that_claim_a_place_at_once_one_has_it(s3: Cloud) -> None:
    def claims(catalog: str) -> bool:
        try:
            berth.claim(place(s3, catalog), NO_SECRETS)
        except DatabridgeError as error:
            return error.diagnostics[0].code != "DB527"
        return True

    catalogs = [f"c{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = [name for name, has in zip(catalogs, pool.map(claims, catalogs), strict=True) if has]
    assert len(won) == 1
    found = s3.objects().get(CLAIM)
    assert found
    claim = Claim.decode(found.content)
    assert claim
    assert claim.destination["catalog"] == won[0]
    assert claims(won[0])  # once more
