"""A scenario is a change as loads that follow each other, with what should come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import pyarrow as pa
from dlt.common.schema.typing import TColumnSchema, TSchemaContractDict, TWriteDisposition

from databridge.plan.dltchange import DltChange as Change
from databridge.plan.dltchange import Rows
from tests.dlt_behaviour.classifier import Asked
from tests.dlt_behaviour.sighting import Row


class Where(Enum):
    """Where a load goes to; the working folder stays."""

    HERE = "here"
    OTHER_DATASET = "other dataset"
    OTHER_DATASET_IN_USE = "other dataset, where another pipeline loads too"
    OTHER_DESTINATION = "other destination"
    OTHER_DESTINATION_IN_USE = "the same dataset of another destination, where another pipeline loads too"


@dataclass(frozen=True, slots=True)
class Load:
    """What the source holds, and what is declared of it."""

    rows: tuple[Row, ...]
    disposition: TWriteDisposition = "append"
    primary_key: tuple[str, ...] = ()
    merge_key: str = ""
    columns: Mapping[str, TColumnSchema] = field(default_factory=dict)
    contract: TSchemaContractDict | None = None
    cursor: str = ""
    initial: int | None = None
    kinds: Mapping[str, pa.DataType] = field(default_factory=dict)
    """Types of an Arrow table, where they do not follow from its values."""
    table: str = ""
    """Another name than that of the change."""
    where: Where = Where.HERE


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A change: the first load was made before it, the last one meets it."""

    change: Change
    loads: tuple[Load, ...]
    asked: Asked
    ways: tuple[Rows, ...] = tuple(Rows)
    """How rows may come; an Arrow table has no tables nested in it."""

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it fills, but for nested ones."""
        return frozenset(load.table or self.change.value for load in self.loads)

    @property
    def stays(self) -> bool:
        """Whether all its loads go to one place."""
        return all(load.where is Where.HERE for load in self.loads)


def row(number: int, thing: int | None = None, **more: object) -> Row:
    """A version of a thing; of one of its own if none is given."""
    return {"row": number, "id": number if thing is None else thing, **more}


def scenario(
    change: Change,
    *loads: Load,
    rows: set[int],
    fresh: int | None = None,
    ways: tuple[Rows, ...] = tuple(Rows),
    **more: object,
) -> Scenario:
    """A change with what is asked of it; all rows of the last load are fresh if nothing else is said."""
    last = loads[-1]
    asked = Asked(
        table=last.table or change.value,
        rows=frozenset(rows),
        sent=last.rows,
        fresh=len(last.rows) if fresh is None else fresh,
    )
    return Scenario(change, loads, replace(asked, **more), ways)  # type: ignore[arg-type]  # fields of Asked
