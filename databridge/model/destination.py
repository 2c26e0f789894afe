"""A destination says where rows go, with secrets only by reference."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from databridge.model.frozen import Frozen


class DuckDbDestination(Frozen):
    """A DuckDB file; it takes one writer at a time."""

    type: Literal["duckdb"]
    description: str = ""
    """For readers; changes nothing."""
    path: str = Field(min_length=1, examples=["data/warehouse.duckdb"])
    """The file; a relative path starts at the project's folder."""

    @property
    def exclusive_key(self) -> str | None:
        """Loads that share this key must not run at the same time; None where any number may."""
        return f"duckdb:{self.path}"

    @property
    def title(self) -> str:
        """How people recognise it."""
        return f"duckdb {self.path}"


class FilesystemDestination(Frozen):
    """Parquet files below a folder or bucket."""

    type: Literal["filesystem"]
    description: str = ""
    """For readers; changes nothing."""
    bucket_url: str = Field(min_length=1, examples=["file://data/lake"])
    """`file://` and a folder; a relative path starts at the project's folder."""

    @property
    def exclusive_key(self) -> str | None:
        """Loads that share this key must not run at the same time; None where any number may."""
        return None

    @property
    def title(self) -> str:
        """How people recognise it."""
        return f"filesystem {self.bucket_url}"


Destination = Annotated[DuckDbDestination | FilesystemDestination, Field(discriminator="type")]
"""Any destination; `type` tells which."""
