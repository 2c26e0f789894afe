"""A store of a test is opened as the command line would, with secrets from the environment; so its child processes can too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from databridge.buckets.cloud import open_bucket
from databridge.buckets.objects import Objects
from databridge.model.bucket import Bucket
from databridge.model.destination import DatabricksDestination, DuckDbDestination
from databridge.model.statetable import StateTable
from databridge.sandbox.server import Sandbox
from databridge.secrets.chain import secret_chain
from databridge.state.databrickstable import DatabricksTable
from databridge.state.opening import StorePlace, open_store
from databridge.state.refusal import refusal
from databridge.state.sharedobjects import SharedObjects
from databridge.state.store import StateStore
from databridge.state.tableobjects import TableObjects

SANDBOX_TOKEN = "DATABRIDGE_SECRET_SANDBOX"
"""What holds it in the environment."""


def open_place(place: StorePlace) -> StateStore:
    """The state of target `dev` of project `demo`."""
    root = Path.cwd()
    return open_store(place, project="demo", target="dev", root=root, secrets=secret_chain(root, os.environ))


def sandbox_table(
    sandbox: Sandbox, schema: str, monkeypatch: pytest.MonkeyPatch, *, lock_expiry: float = 60
) -> StateTable:
    """A place in the sandbox that this process and its children can enter."""
    monkeypatch.setenv(SANDBOX_TOKEN, sandbox.connection.access_token)
    destination = DatabricksDestination(
        type="databricks",
        server_hostname=sandbox.connection.server_hostname,
        port=sandbox.connection.port,
        http_path=sandbox.connection.http_path,
        catalog=sandbox.connection.catalog,
        ca_file=str(sandbox.connection.ca_file),
        access_token="${secret.sandbox}",
    )
    return StateTable(destination=destination, schema_name=schema, lock_expiry=lock_expiry)


def shared_objects(place: Bucket | StateTable) -> SharedObjects:
    """The objects of a place."""
    if isinstance(place, StateTable):
        return table_objects(place)
    return Objects(open_bucket(place, refusal), place.prefix, str(place), refusal)


def table_objects(table: StateTable) -> TableObjects:
    """The objects of such a place."""
    assert isinstance(table.destination, DatabricksDestination)
    root = Path.cwd()
    return TableObjects(
        DatabricksTable(
            table.destination,
            table.schema_name,
            location=str(table),
            root=root,
            secrets=secret_chain(root, os.environ),
        )
    )


def file_table(folder: Path, *, lock_expiry: float = 60) -> StateTable:
    """A place in a DuckDB file."""
    destination = DuckDbDestination(type="duckdb", path=str(folder / "state.duckdb"))
    return StateTable(destination=destination, lock_expiry=lock_expiry)
