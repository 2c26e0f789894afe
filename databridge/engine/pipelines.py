"""A dlt pipeline is always built here, from a place: its working folder, its destination and its dataset are never dlt's defaults."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import assert_never

import dlt
from dlt.common.destination.client import WithStateSync
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.destinations import databricks, duckdb, filesystem, sqlalchemy
from dlt.destinations.job_client_impl import SqlJobClientWithStagingDataset

from databridge.apply.engine import Place
from databridge.engine.database import database_at
from databridge.engine.storage import filesystem_in
from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.paths import local_folder, resolve_path
from databridge.model.secret import Secrets
from databridge.model.staging import StagingPlace
from databridge.warehouse.databricks import Login

AnyDestination = duckdb | filesystem | databricks | sqlalchemy


def open_pipeline(place: Place, *, root: Path, pipelines_dir: Path, secrets: Secrets) -> dlt.Pipeline:
    """The dlt pipeline of a place, with nothing read or written yet.

    Args:
        place: where it lives.
        root: the project's folder; relative paths start there.
        pipelines_dir: where dlt's working folders lie.
        secrets: for the credentials of its destination.
    """
    return dlt.pipeline(
        pipeline_name=place.dlt_name,
        pipelines_dir=str(pipelines_dir),
        destination=_destination(place.destination, root, secrets),
        staging=_staging(place.staging, secrets),
        dataset_name=place.dataset,
    )


def has_dataset(pipeline: dlt.Pipeline) -> bool:
    """Whether the dataset is there, whoever made it."""
    with pipeline.destination_client() as client:
        return bool(client.is_storage_initialized())


def lacks_staging(pipeline: dlt.Pipeline) -> bool:
    """Whether the load that waits merges or replaces, and the dataset for that is not there."""
    tables = pipeline.default_schema.data_tables()
    if not any(table.get("write_disposition") in {"merge", "replace"} for table in tables):
        return False
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientWithStagingDataset):
            return False
        with client.with_staging_dataset():
            return not client.is_storage_initialized()


def is_stored(pipeline: dlt.Pipeline, place: Place) -> bool:
    """Whether the destination holds a state or a schema of the pipeline; without either no row of it can be there."""
    with pipeline.destination_client() as client:
        if not client.is_storage_initialized() or not isinstance(client, WithStateSync):
            return False
        for stored, name in (
            (client.get_stored_state, place.dlt_name),
            (client.get_stored_schema, place.schema_name),
        ):
            with suppress(DestinationUndefinedEntity):
                if stored(name) is not None:
                    return True
    return False


def schema_of(pipeline: dlt.Pipeline) -> dlt.Schema | None:
    """The pipeline's schema; None before its first load."""
    name: str | None = pipeline.default_schema_name  # dlt declares it a text, and has None
    return pipeline.schemas[name] if name else None


def _destination(destination: Destination, root: Path, secrets: Secrets) -> AnyDestination:
    match destination:
        case DuckDbDestination(path=path):
            file = Path(resolve_path(str(root), path))
            file.parent.mkdir(parents=True, exist_ok=True)
            # Replaced tables change hands in one transaction: nobody ever sees one empty.
            return duckdb(str(file), replace_strategy="insert-from-staging")
        case FilesystemDestination(bucket_url=url, bucket=bucket, credentials=credentials):
            if bucket is not None:
                return filesystem_in(bucket, credentials, secrets)
            return filesystem(Path(local_folder(str(root), url)).as_uri())
        case DatabricksDestination():
            login = Login.of(destination, root=root, secrets=secrets)
            # A replaced table is swapped by one statement; files do not stay in the volume they were loaded from.
            return databricks(
                _credentials(login), replace_strategy="staging-optimized", keep_staged_files=False
            )
        case SqlDestination():
            return database_at(destination, root, secrets)
        case _:
            assert_never(destination)


def _staging(place: StagingPlace | None, secrets: Secrets) -> filesystem | None:
    return filesystem_in(place.bucket, place.staging.credentials, secrets) if place else None


def _credentials(login: Login) -> dict[str, object]:
    """As dlt's `DatabricksCredentials` has them.

    Its SDK is not told a port, so for a service principal the port stands in the host's name, and the connector gets the
    whole address.
    """
    parameters = dict(login.connection_parameters)
    host = login.server_hostname
    if login.client_id and (port := parameters.pop("_port", None)):
        host = f"{host}:{port}"
        parameters["_connection_uri"] = f"https://{host}{login.http_path}"
    credentials = {
        "server_hostname": host,
        "http_path": login.http_path,
        "catalog": login.catalog,
        "access_token": login.access_token,
        "client_id": login.client_id,
        "client_secret": login.client_secret,
        "connection_parameters": parameters,
    }
    return {name: value for name, value in credentials.items() if value is not None}
