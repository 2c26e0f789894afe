"""A resource becomes one table at the destination; its fields say which rows, how they are written, and under which key."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from databridge.model.frozen import Frozen

Scalar = str | int | float
"""A value as YAML gives it; dates and times stay text."""


class Mode(StrEnum):
    """Which rows a run takes."""

    INCREMENTAL = "incremental"
    """Rows past the cursor, or new files, appended."""
    MERGE = "merge"
    """Upsert by key; with a cursor only what changed."""
    SNAPSHOT = "snapshot"
    """The whole table in each run, appended with its load date; `write_disposition: replace` overwrites."""


class WriteDisposition(StrEnum):
    """How rows are written; dlt's term."""

    APPEND = "append"
    REPLACE = "replace"
    MERGE = "merge"


class WhenRemoved(StrEnum):
    """What happens when a resource leaves its stack."""

    KEEP = "keep"
    DROP = "drop"
    FAIL = "fail"


class Lifecycle(Frozen):
    """Protection; it is recorded in the ledger too, so it does not vanish with the block it stood in."""

    prevent_reset: bool = False
    """No reset and no rebuild."""
    prevent_drop: bool = False
    """Table and state stay."""
    copy_before_load: bool = False
    """Its tables are copied before each run that merges or replaces rows in them, so that the run can be undone."""
    when_removed: WhenRemoved = WhenRemoved.KEEP
    """`keep`: forget it and leave the data; `fail`: refuse; `drop`: drop its tables and what dlt recorded of it."""


class Column(Frozen):
    """A column's declared type, where the source's own does not serve."""

    data_type: Literal[
        "text", "bigint", "double", "decimal", "bool", "timestamp", "date", "time", "binary", "json"
    ]
    """dlt's data type."""
    precision: int | None = Field(default=None, ge=1)
    """Digits of a decimal, fractional seconds of a time."""
    scale: int | None = Field(default=None, ge=0)
    """Digits of a decimal behind the point."""
    nullable: bool = True
    """Whether NULL may occur; fixed once the column exists."""


class SchemaContract(Frozen):
    """What a run may change of the table; dlt's term."""

    tables: Literal["evolve", "freeze"] = "evolve"
    """New tables (nested ones too)."""
    columns: Literal["evolve", "freeze", "discard_row", "discard_value"] = "evolve"
    """New columns."""
    data_type: Literal["evolve", "freeze", "discard_row", "discard_value"] = "evolve"
    """Values that do not fit their column."""


class _ResourceFields(Frozen):
    name: str = Field(min_length=1)
    """The source's own name of the table or file set."""
    description: str = ""
    """For readers; changes nothing."""
    renamed_from: str | None = Field(default=None, min_length=1)
    """The name that it had in this pipeline until now: its tables, rows and cursor go with it. May stay when that is done."""
    mode: Mode = Mode.SNAPSHOT
    """Which rows a run takes."""
    write_disposition: WriteDisposition | None = None
    """How rows are written; by default what the mode implies."""
    primary_key: tuple[str, ...] = ()
    """Columns that identify a row."""
    columns: dict[str, Column] = Field(default_factory=dict)
    """Declared types by column."""
    schema_contract: SchemaContract = SchemaContract()
    """What a run may change of the table."""
    load_date: bool | None = None
    """Add the column `load_date` with the time of the run; by default only for appended snapshots."""
    lifecycle: Lifecycle = Lifecycle()
    """Protection."""

    @property
    def disposition(self) -> WriteDisposition:
        """How rows are written, given or implied by the mode."""
        if self.write_disposition is not None:
            return self.write_disposition
        return WriteDisposition.MERGE if self.mode is Mode.MERGE else WriteDisposition.APPEND

    @property
    def adds_load_date(self) -> bool:
        """Whether rows carry the time of their run."""
        if self.load_date is not None:
            return self.load_date
        return self.mode is Mode.SNAPSHOT and self.disposition is WriteDisposition.APPEND


class TableResource(_ResourceFields):
    """A table or view of a database."""

    kind: Literal["table"] = "table"
    schema_name: str | None = Field(default=None, alias="schema")
    """The database's schema; by default the connection's own."""
    cursor_field: str | None = None
    """The column by which new rows are known; the source's name."""
    cursor_initial_value: Scalar | None = None
    """Where the first run starts; later ones start at the recorded cursor. Made earlier, what lies between is backfilled."""
    rows_per_load: int = Field(default=5_000_000, ge=1)
    """A first load or a backfill of more rows comes in parts of about so many, by the cursor; a kill costs one of them."""
    include_columns: tuple[str, ...] = ()
    """Only these columns; all when empty."""


class CsvOptions(Frozen):
    """How CSV files are written."""

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """One character."""
    null_values: tuple[str, ...] = ("",)
    """Texts that mean NULL."""
    encoding: str = "utf-8"
    """A Python codec name."""


class FileResource(_ResourceFields):
    """A set of files that share one shape."""

    kind: Literal["files"] = "files"
    mode: Mode = Mode.INCREMENTAL
    """Which rows a run takes: `incremental` takes new files."""
    glob: str = Field(min_length=1, examples=["flights/*"])
    """Which files, relative to the bucket; `**` crosses folders."""
    format: Literal["auto", "csv", "jsonl", "parquet"] = "auto"
    """The files' format; `auto` goes by each file's ending."""
    on_change: Literal["fail", "append"] = "fail"
    """What a run does with a loaded file whose size or time changed: stop, or append its rows again. A file is known
    by its path below the glob's root."""
    csv: CsvOptions = CsvOptions()
    """How CSV files are written."""


Resource = TableResource | FileResource
"""A resource; which kind follows from its pipeline's source."""
