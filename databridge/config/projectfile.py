"""`databridge.yaml` has this shape; its smallest form is `project: NAME`."""

from __future__ import annotations

from pydantic import Field

from databridge.config.stackfile import VariableValue
from databridge.model.bucket import SHORTEST_EXPIRY
from databridge.model.drift import DriftIgnore
from databridge.model.frozen import Frozen


class StoreBlock(Frozen):
    """A state store in a bucket, for several machines that share it."""

    url: str
    """`s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX` or `gs://BUCKET/PREFIX`."""
    endpoint: str | None = None
    """The address of the service where it is not the cloud's own: `https://minio.corp:9000`."""
    region: str | None = None
    """S3's region; by default `AWS_REGION`."""
    account: str | None = None
    """The storage account of Azure; by default `AZURE_STORAGE_ACCOUNT_NAME`."""
    lock_expiry: float = Field(default=60, ge=SHORTEST_EXPIRY)
    """Seconds after which the lock of a command that died is free; living ones renew it."""


class TargetBlock(Frozen):
    """An environment such as `dev` or `prod`."""

    variables: dict[str, VariableValue] = Field(default_factory=dict)
    """Values for `${var.NAME}`; they override those of the project."""
    store: str | StoreBlock | None = None
    """Where this target's state lies; by default where the project says."""


class DriftBlock(Frozen):
    """What `databridge drift` does not count."""

    ignore: tuple[DriftIgnore, ...] = ()
    """Drifts that are well known, each with its reason and its last day."""


class ProjectFile(Frozen):
    """The project: what its stacks have in common."""

    project: str
    """The project's name; it stands in the state, so keep it."""
    default_target: str | None = None
    """The target when none is named; by default `dev`, or the only one there is."""
    targets: dict[str, TargetBlock | None] = Field(default_factory=dict)
    """The environments by name; `dev` when there are none."""
    variables: dict[str, VariableValue] = Field(default_factory=dict)
    """Values for `${var.NAME}` in all stacks."""
    store: str | StoreBlock = "state"
    """Where the state lies: a folder, relative to the project's, or the URL of a bucket."""
    drift: DriftBlock = DriftBlock()
    """What `databridge drift` does not count."""
