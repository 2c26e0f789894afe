"""Where the files of one pipeline wait is its own: below project, target, pipeline and dataset, and marked with whose it is.

dlt empties the folders of the tables that it is about to load; two pipelines in one place would delete each other's files.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError

from databridge.model.bucket import Bucket
from databridge.model.destination import Destination, staging_of
from databridge.model.frozen import Frozen
from databridge.model.marker import Owner
from databridge.model.naming import snake_case
from databridge.model.storage import Identity, Staging

CLAIM_FILE = "_databridge.json"
"""Lies beside the folders of the tables, and says whose they are."""


class Claim(Frozen):
    """Whose a staging place is: one pipeline of one target, into one destination."""

    format_version: Literal[1] = 1
    owner: Owner
    destination: Identity

    def __str__(self) -> str:
        owner = self.owner
        where = ", ".join(str(value) for value in self.destination.values())
        return (
            f"{owner.stack}.{owner.pipeline} of project {owner.project}, target {owner.target}, for {where}"
        )

    def encode(self) -> bytes:
        """The content of its file."""
        return self.model_dump_json(indent=2).encode() + b"\n"

    @classmethod
    def decode(cls, content: bytes) -> Claim | None:
        """What a file says; None where it is no claim."""
        try:
            return cls.model_validate_json(content)
        except ValidationError:
            return None


class StagingPlace(Frozen):
    """Where the files of one pipeline wait."""

    staging: Staging
    folder: str
    """Below the staging's `bucket_url`; dlt adds the dataset."""
    dataset: str
    claim: Claim

    @property
    def bucket(self) -> Bucket:
        """Where dlt is sent."""
        return self._below(self.folder)

    @property
    def own(self) -> Bucket:
        """What belongs to the pipeline alone: the dataset's folder."""
        return self._below(f"{self.folder}/{self.dataset}")

    def _below(self, folder: str) -> Bucket:
        bucket = self.staging.bucket
        if bucket is None:
            raise ValueError("a staging place lies in a bucket")
        prefix = f"{bucket.prefix}/{folder}" if bucket.prefix else folder
        return bucket.model_copy(update={"prefix": prefix})


def staging_place(
    destination: Destination, *, owner: Owner, dlt_name: str, dataset: str
) -> StagingPlace | None:
    """Where a pipeline's files wait; None where the destination takes them directly.

    Args:
        destination: where they go.
        owner: the pipeline.
        dlt_name: dlt's pipeline name.
        dataset: at the destination.
    """
    staging = staging_of(destination)
    if staging is None:
        return None
    return StagingPlace(
        staging=staging,
        folder=f"{owner.project}/{owner.target}/{snake_case(dlt_name)}",
        dataset=dataset,
        claim=Claim(owner=owner, destination=destination.identity),
    )
