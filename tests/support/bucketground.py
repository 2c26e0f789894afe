"""A lake in a bucket as the ground of an engine, behind a proxy that can refuse to let a table be written."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from databridge.apply.engine import Job
from databridge.apply.places import ProjectPlaces
from databridge.buckets.cloud import open_bucket
from databridge.buckets.login import BucketLogin
from databridge.buckets.objects import Objects
from databridge.model.destination import FilesystemDestination
from databridge.model.storage import StorageCredentials
from databridge.secrets.chain import secret_chain
from databridge.state.refusal import refusal
from tests.support.buckets import NAME, Cloud
from tests.support.grounds import DltGround, Row, failed_load, ordered
from tests.support.proxy import Proxy
from tests.support.servers import serving_here

_CREDENTIALS = StorageCredentials(aws_access_key_id="key", aws_secret_access_key="${secret.key}")


class BucketGround(DltGround):
    """dlt into Parquet files of a bucket of S3."""

    def __init__(self, folder: Path, cloud: Cloud) -> None:
        super().__init__(folder)
        self._open = ExitStack()
        self._proxy = Proxy(cloud.endpoint)
        self.destination = FilesystemDestination(
            type="filesystem",
            bucket_url=f"s3://{NAME}/{uuid4().hex}",
            endpoint=self._open.enter_context(serving_here(self._proxy.handler())),
            credentials=_CREDENTIALS,
        )
        secrets = self.root / ".dlt" / "secrets.toml"
        secrets.parent.mkdir(exist_ok=True)
        secrets.write_text('[databridge.secrets]\nkey = "made-up-secret"\n')
        chain = secret_chain(self.root, {})
        self.places = ProjectPlaces(self.root, self.pipelines_dir, chain)
        bucket = self.destination.bucket
        assert bucket
        store = open_bucket(bucket, refusal, BucketLogin.of(self.destination.credentials, chain))
        self._objects = Objects(store, bucket.prefix, str(bucket), refusal)

    def rows(self, table: str) -> list[Row]:
        found: list[Row] = []
        for path in self._paths(f"raw/{table}", ".parquet"):
            stored = self._objects.get(path)
            assert stored
            found += pq.ParquetFile(io.BytesIO(stored.content)).read().to_pylist()
        return ordered(found)

    def loads(self) -> frozenset[str]:
        return frozenset(
            path.removesuffix(".jsonl").rpartition("__")[2]
            for path in self._paths("raw/_dlt_loads", ".jsonl")
        )

    def leave_rows(self, table: str, rows: Sequence[Row], load_id: str) -> None:
        content = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([{**row, "_dlt_load_id": load_id} for row in rows]), content)
        self._objects.replace(f"raw/{table}/{load_id}.0123456789.parquet", content.getvalue())

    def load_half(self, job: Job, broken: str) -> str:
        self._proxy.refuses = f"/raw/{broken}/"
        try:
            return failed_load(self, job)
        finally:
            self._proxy.refuses = None

    def lose_destination(self) -> None:
        self._objects.remove(self._paths("raw", ""))

    def lose_table(self, table: str) -> None:
        self._objects.remove(self._paths(f"raw/{table}", ""))

    def lose_state(self) -> None:
        self._objects.remove(self._paths("raw/_dlt_pipeline_state", ".jsonl"))

    def close(self) -> None:
        super().close()
        self._open.close()

    def _paths(self, folder: str, ending: str) -> Iterable[str]:
        return [each.path for each in self._objects.list(folder) if each.path.endswith(ending)]
