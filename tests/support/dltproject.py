"""A project in which dlt itself loads, without databridge: what it writes is what we must be able to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import dlt
import pytest
from dlt.common.destination.client import WithStateSync
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.pipeline.state_sync import load_pipeline_state_from_destination

from databridge.locations.read import Wanted, read_locations
from databridge.model.destination import Destination, DuckDbDestination, FilesystemDestination
from databridge.model.marker import MARKER_KEY, MarkedResource, Marker, Owner
from databridge.model.recorded import DltState, RecordedPipeline
from tests.support.secrets import NO_SECRETS

WAREHOUSE = DuckDbDestination(type="duckdb", path="data/w.duckdb")
LAKE = FilesystemDestination(type="filesystem", bucket_url="file://data/lake")
DESTINATIONS = pytest.mark.parametrize("destination", [WAREHOUSE, LAKE], ids=["duckdb", "filesystem"])
CURSORS: dict[str, list[Any]] = {
    "INT": [1, 2**53 + 1],
    "FLOAT": [0.5, 1.25],
    "DECIMAL": [Decimal("1.10"), Decimal("99999999999999999999.123456789")],
    "AWARE": [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 5, 31, 8, 15, 0, 123456, tzinfo=UTC)],
    "ZONED": [datetime(2024, 5, 31, 8, 15, tzinfo=timezone(timedelta(hours=2)))],
    "NAIVE": [datetime(2024, 1, 1), datetime(2024, 5, 31, 8, 15)],  # noqa: DTZ001 - naive on purpose
    "DATE": [date(2024, 1, 1), date(2024, 5, 31)],
    "TIME": [time(8), time(23, 59, 59, 5)],
    "TEXT": ["a", "z"],
    "Ünïcödé 東京": ["žluťoučký", "東京"],
}


@dataclass(frozen=True)
class DltProject:
    """A project's folder, and dlt pipelines in it."""

    root: Path

    @property
    def pipelines_dir(self) -> Path:
        return self.root / "pipelines"

    def pipeline(self, name: str, destination: Destination = WAREHOUSE, dataset: str = "raw") -> dlt.Pipeline:
        target = (
            dlt.destinations.duckdb(str(self.root / destination.path))
            if isinstance(destination, DuckDbDestination)
            else dlt.destinations.filesystem((self.root / "data" / "lake").as_uri())
        )
        return dlt.pipeline(
            name, pipelines_dir=str(self.pipelines_dir), destination=target, dataset_name=dataset
        )

    def read(
        self, *names: str, destination: Destination = WAREHOUSE, dataset: str = "raw"
    ) -> list[RecordedPipeline]:
        wanted = [Wanted(f"s.{name}", name, name, destination, dataset, with_tables=True) for name in names]
        return list(
            read_locations(
                wanted, root=self.root, pipelines_dir=self.pipelines_dir, secrets=NO_SECRETS
            ).values()
        )


def source(
    name: str, cursors: dict[str, list[Any]] = CURSORS, marker: Marker | None = None
) -> dlt.sources.DltSource:
    """A resource per cursor type, the cursor in the column `at` and in a nested one."""

    @dlt.source(name=name)
    def of_all_types() -> Iterator[dlt.sources.DltResource]:
        for resource, values in cursors.items():
            yield resource_of(resource, values)

    def resource_of(resource: str, values: list[Any]) -> dlt.sources.DltResource:
        cursor: Any = dlt.sources.incremental("$.meta.at", initial_value=values[0])

        @dlt.resource(name=resource, primary_key="id", write_disposition="merge")
        def rows(at: Any = cursor) -> Iterator[Any]:
            dlt.current.resource_state()["databridge_files"] = {
                f"{resource}/a.csv": [3, "2024-05-31T08:15:00.000000+00:00"]
            }
            if marker is not None:
                dlt.current.source_state(MARKER_KEY).update(marker.model_dump(mode="json"))
            yield [{"id": i, "meta": {"at": value}, "kids": [{"x": i}]} for i, value in enumerate(values)]

        return rows

    return of_all_types()


def marker_of(pipeline: str) -> Marker:
    return Marker(
        owner=Owner(project="demo", target="dev", stack="s", pipeline=pipeline),
        spec={"dataset": "raw", "source": {"type": "sqlite", "path": "é.db"}},
        resources={"INT": MarkedResource(spec={"mode": "merge", "primary_key": ["id"]})},
    )


def dlt_remote(pipeline: dlt.Pipeline) -> Any:
    """The destination's state, as dlt would restore it."""
    with pipeline.destination_client() as client:
        try:
            return load_pipeline_state_from_destination(pipeline.pipeline_name, cast(WithStateSync, client))
        except DestinationUndefinedEntity:
            return None


def exactly(value: object) -> tuple[object, type, str]:
    """A value with what `==` overlooks: 1 is not 1.0, and 8:15+02:00 is not 6:15+00:00."""
    return value, type(value), str(value)


def assert_equal(ours: DltState | None, theirs: Any, schema_name: str) -> None:
    assert ours is not None
    assert (ours.pipeline_name, ours.version) == (theirs["pipeline_name"], theirs["_state_version"])
    assert (ours.version_hash, ours.engine_version) == (
        theirs["_version_hash"],
        theirs["_state_engine_version"],
    )
    assert ours.dataset == theirs["dataset_name"]
    resources = theirs["sources"].get(schema_name, {}).get("resources", {})
    assert list(ours.resources) == list(resources)
    for name, resource in resources.items():
        found = [
            (c.path, exactly(c.last_value), exactly(c.initial_value)) for c in ours.resources[name].cursors
        ]
        assert found == [
            (path, exactly(cursor["last_value"]), exactly(cursor["initial_value"]))
            for path, cursor in resource.get("incremental", {}).items()
        ]
        assert {k: [m.size, m.modified] for k, m in ours.resources[name].files.items()} == resource.get(
            "databridge_files", {}
        )
    stored = theirs["sources"].get(MARKER_KEY)
    assert (ours.marker and ours.marker.model_dump(mode="json")) == stored
