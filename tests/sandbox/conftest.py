"""The sandbox that all tests of a process share, and one of their own for those that break or restart it."""

from __future__ import annotations

import importlib.util
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

NEEDED = ("databricks", "databricks.sql", "databricks.sdk", "thrift", "cryptography", "boto3")
INSTALLED = all(importlib.util.find_spec(name) for name in NEEDED)
collect_ignore_glob = [] if INSTALLED else ["test_sandbox_*.py"]

if TYPE_CHECKING or INSTALLED:
    from databricks.sql.client import Connection

    from databridge.sandbox.server import Sandbox
    from databridge.sandbox.settings import SandboxSettings
    from tests.sandbox.places import REAL, Place, real_credentials, rows
else:
    REAL = False

PLACES = ["sandbox", *(["databricks"] if REAL else [])]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(
        SandboxSettings(root=tmp_path_factory.mktemp("sandbox"), catalogs=("main", "dev"))
    ) as running:
        yield running


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Place]:
    """A schema that nobody else uses, in each warehouse that there is."""
    real = request.param == "databricks"
    credentials: dict[str, Any] = real_credentials() if real else sandbox.connection.dlt_credentials
    made = Place(credentials, f"sandbox_{secrets.token_hex(4)}", real=real)
    made.run(f"CREATE SCHEMA {made.schema}")
    yield made
    made.run(f"DROP SCHEMA {made.schema} CASCADE")


@pytest.fixture
def connection(place: Place) -> Iterator[Connection]:
    with place.connection() as opened:
        yield opened


@pytest.fixture
def run(connection: Connection) -> Callable[[str], list[tuple[Any, ...]]]:
    """Runs a statement and returns its rows, within one session a test."""
    return lambda statement: rows(connection, statement)


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox that a test may break."""
    settings = SandboxSettings(root=tmp_path / "sandbox", statement_log=tmp_path / "statements.log")
    with Sandbox(settings) as running:
        yield running


@pytest.fixture
def own_place(own_sandbox: Sandbox) -> Place:
    return Place(own_sandbox.connection.dlt_credentials, "default", real=False)
