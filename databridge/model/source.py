"""A source says where rows come from, with secrets only by reference."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from databridge.model.frozen import Frozen
from databridge.model.paths import NormalPath


class _SourceFields(Frozen):
    description: str = ""
    """For readers; changes nothing."""


class SqliteSource(_SourceFields):
    """Tables of an SQLite file."""

    type: Literal["sqlite"]
    path: NormalPath = Field(min_length=1, examples=["data/ops.db"])
    """The file; a relative path starts at the project's folder."""


class SqlSource(_SourceFields):
    """Tables of any database that SQLAlchemy reaches."""

    type: Literal["sql"]
    url: str = Field(
        min_length=1, examples=["postgresql+psycopg://reader:${secret.erp_password}@db.local/erp"]
    )
    """A SQLAlchemy URL with an explicit driver; the password by reference."""


class FilesystemSource(_SourceFields):
    """Files below a folder or bucket."""

    type: Literal["filesystem"]
    bucket_url: NormalPath = Field(min_length=1, examples=["file://data/landing"])
    """`file://` and a folder; a relative path starts at the project's folder."""


Source = Annotated[SqliteSource | SqlSource | FilesystemSource, Field(discriminator="type")]
"""Any source; `type` tells which."""

TABLE_SOURCES = (SqliteSource, SqlSource)
"""The sources whose resources are tables; those of the others are file sets."""
