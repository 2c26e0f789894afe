"""Every kind of change has one scenario; no row of it bears a number that another one has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
from dlt.common.schema.typing import TColumnSchema, TSchemaContractDict

from databridge.plan.dltchange import DltChange as Change
from databridge.plan.dltchange import Rows
from tests.dlt_behaviour.scenario import Load, Scenario, Where, row, scenario

KEY = ("id",)
BOTH = ("id", "tenant")
EVOLVE: TSchemaContractDict = {"tables": "evolve", "columns": "evolve", "data_type": "evolve"}
NOON = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
TWO = (row(1), row(2))


def of(data_type: str, **more: object) -> Mapping[str, TColumnSchema]:
    """The declaration of column `v`."""
    return {"v": TColumnSchema(**{"name": "v", "data_type": data_type, **more})}  # type: ignore[typeddict-item]  # as in YAML


def _dispositions() -> list[Scenario]:
    return [
        scenario(
            Change.APPEND_TO_MERGE,
            Load((row(1), row(2, 2), row(3, 2))),
            Load((row(4, 2),), "merge", KEY),
            rows={1, 4},
        ),
        scenario(
            Change.MERGE_TO_APPEND,
            Load(TWO, "merge", KEY),
            Load((row(3, 2),), "append", KEY),
            rows={1, 2, 3},
        ),
        scenario(Change.APPEND_TO_REPLACE, Load(TWO), Load((row(3),), "replace"), rows={3}),
        scenario(Change.MERGE_TO_REPLACE, Load(TWO, "merge", KEY), Load((row(3),), "replace", KEY), rows={3}),
        scenario(
            Change.REPLACE_TO_APPEND, Load(TWO, "replace"), Load((row(3, 1), row(4, 2))), rows={1, 2, 3, 4}
        ),
        scenario(
            Change.REPLACE_TO_MERGE,
            Load(TWO, "replace", KEY),
            Load((row(3, 2),), "merge", KEY),
            rows={1, 3},
        ),
        scenario(
            Change.APPEND_TO_REPLACE_AND_BACK,
            Load(TWO),
            Load((row(3),), "replace"),
            Load((row(4),)),
            rows={3, 4},
        ),
    ]


def _keys() -> list[Scenario]:
    versions = (row(1), row(2, 2), row(3, 2))
    tenants = (row(1, 1, tenant="a"), row(2, 1, tenant="b"))
    days = (row(1, day=1, region="a"), row(2, day=1, region="b"), row(3, day=2, region="a"))
    return [
        scenario(
            Change.PRIMARY_KEY_ADDED,
            Load(versions, "merge"),
            Load((row(4, 2),), "merge", KEY),
            rows={1, 4},
        ),
        scenario(
            Change.PRIMARY_KEY_WIDENED,
            Load(tenants[:1], "merge", KEY),
            Load(tenants[1:], "merge", BOTH),
            rows={1, 2},
        ),
        scenario(
            Change.PRIMARY_KEY_NARROWED,
            Load(tenants, "merge", BOTH),
            Load((row(3, 1, tenant="a"),), "merge", KEY),
            rows={3},
        ),
        scenario(
            Change.PRIMARY_KEY_REMOVED,
            Load(TWO, "merge", KEY),
            Load((row(3, 2),), "merge"),
            rows={1, 2, 3},
        ),
        scenario(
            Change.MERGE_KEY_CHANGED,
            Load(days, "merge", merge_key="day"),
            Load((row(4, day=1, region="a"),), "merge", merge_key="region"),
            rows={2, 4},
        ),
    ]


def _types() -> list[Scenario]:
    fine = Decimal("1.2345")
    coarse, wide = of("decimal", precision=10, scale=2), of("decimal", precision=18, scale=4)
    kinds = {"v": pa.decimal128(18, 4)}
    retyped: list[tuple[Change, Load, Load]] = [
        (
            Change.BIGINT_TO_TEXT,
            Load((row(1, v=1),), columns=of("bigint")),
            Load((row(2, v="x"),), columns=of("text")),
        ),
        (
            Change.TEXT_TO_BIGINT,
            Load((row(1, v="x"),), columns=of("text")),
            Load((row(2, v=7),), columns=of("bigint")),
        ),
        (
            Change.BIGINT_TO_DOUBLE,
            Load((row(1, v=1),), columns=of("bigint")),
            Load((row(2, v=1.5),), columns=of("double")),
        ),
        (
            Change.DOUBLE_TO_BIGINT,
            Load((row(1, v=1.5),), columns=of("double")),
            Load((row(2, v=2.5),), columns=of("bigint")),
        ),
        (
            Change.DECIMAL_WIDENED,
            Load((row(1, v=Decimal("1.25")),), columns=coarse, kinds={"v": pa.decimal128(10, 2)}),
            Load((row(2, v=fine),), columns=wide, kinds=kinds),
        ),
        (
            Change.DECIMAL_NARROWED,
            Load((row(1, v=fine),), columns=wide, kinds=kinds),
            Load((row(2, v=fine),), columns=coarse, kinds=kinds),
        ),
        (
            Change.TIMESTAMP_TO_DATE,
            Load((row(1, v=NOON),), columns=of("timestamp")),
            Load((row(2, v=date(2024, 5, 2)),), columns=of("date")),
        ),
        (
            Change.DATE_TO_TIMESTAMP,
            Load((row(1, v=date(2024, 5, 1)),), columns=of("date")),
            Load((row(2, v=NOON),), columns=of("timestamp")),
        ),
    ]
    return [
        *(scenario(change, first, last, rows={1, 2}, redefined="v") for change, first, last in retyped),
        scenario(
            Change.BIGINT_TO_TEXT_OF_REPLACED,
            Load((row(1, v=1),), "replace", columns=of("bigint")),
            Load((row(2, 1, v="x"),), "replace", columns=of("text")),
            rows={2},
            redefined="v",
        ),
        scenario(
            Change.BIGINT_TO_DOUBLE_OF_REPLACED,
            Load((row(1, v=1),), "replace", columns=of("bigint")),
            Load((row(2, 1, v=1.5),), "replace", columns=of("double")),
            rows={2},
            redefined="v",
        ),
        scenario(
            Change.BIGINT_TO_TEXT_UNDECLARED,
            Load((row(1, v=1),)),
            Load((row(2, v="x"),)),
            rows={1, 2},
            redefined="v",
        ),
        scenario(
            Change.BIGINT_TO_DOUBLE_UNDECLARED,
            Load((row(1, v=1),)),
            Load((row(2, v=1.5),)),
            rows={1, 2},
            redefined="v",
        ),
    ]


def _nullability() -> list[Scenario]:
    free, required = of("text", nullable=True), of("text", nullable=False)
    first = (row(1, v="a"),)
    nothing = Load((row(2, v=None),), columns=free, kinds={"v": pa.string()})
    return [
        scenario(
            Change.NULLABLE_TO_REQUIRED,
            Load(first, columns=free),
            Load((row(2, v="b"),), columns=required),
            rows={1, 2},
            redefined="v",
        ),
        scenario(
            Change.NULLABLE_TO_REQUIRED_WITH_NULL,
            Load(first, columns=free),
            replace(nothing, columns=required),
            rows={1},
            failing=True,
        ),
        scenario(
            Change.REQUIRED_TO_NULLABLE, Load(first, columns=required), nothing, rows={1, 2}, redefined="v"
        ),
    ]


def _shapes() -> list[Scenario]:
    wide, narrow = (row(1, v="a"),), (row(2),)
    items = (row(3, items=[{"x": 1}]),)
    frozen: TSchemaContractDict = {**EVOLVE, "columns": "freeze"}
    back = Change.COLUMNS_FROZEN_AND_BACK
    return [
        scenario(
            Change.COLUMN_ADDED, Load(narrow), Load(wide), rows={1, 2}, new=(f"{Change.COLUMN_ADDED}.v",)
        ),
        scenario(
            Change.COLUMN_DROPPED,
            Load(wide),
            Load(narrow),
            rows={1, 2},
            gone=(f"{Change.COLUMN_DROPPED}.v",),
        ),
        scenario(
            Change.CHILD_TABLE_APPEARS,
            Load(narrow),
            Load(items),
            rows={2, 3},
            ways=(Rows.DICTS,),
            new=(f"{Change.CHILD_TABLE_APPEARS}__items",),
        ),
        scenario(
            Change.CHILD_TABLE_DISAPPEARS,
            Load(items),
            Load(narrow),
            rows={2, 3},
            ways=(Rows.DICTS,),
            gone=(f"{Change.CHILD_TABLE_DISAPPEARS}__items",),
        ),
        scenario(
            Change.COLUMNS_FROZEN_WITH_NEW_COLUMN,
            Load(narrow, contract=EVOLVE),
            Load(wide, contract=frozen),
            rows={2},
            failing=True,
        ),
        scenario(
            back,
            Load(narrow, contract=EVOLVE),
            Load((row(3),), contract=frozen),
            Load(wide, contract=EVOLVE),
            rows={1, 2, 3},
            new=(f"{back}.v",),
        ),
        scenario(
            Change.TYPES_FROZEN_WITH_OTHER_TYPE,
            Load((row(1, v=1),), contract=EVOLVE),
            Load((row(2, v=1.5),), contract={**EVOLVE, "data_type": "freeze"}),
            rows={1},
            failing=True,
        ),
    ]


def _cursors() -> list[Scenario]:
    first = tuple(row(n, a=n, b=10 * n) for n in (1, 2, 3))
    more = (*first, row(4, a=4, b=40))
    earlier, later = (row(1, a=5), row(2, a=10)), (row(1, a=10), row(2, a=15), row(3, a=25))
    return [
        scenario(
            Change.CURSOR_FIELD_OF_APPEND,
            Load(first, cursor="a"),
            Load(more, cursor="b"),
            rows={1, 2, 3, 4},
            fresh=1,
            cursor="b",
        ),
        scenario(
            Change.CURSOR_FIELD_OF_MERGE,
            Load(first, "merge", KEY, cursor="a"),
            Load(more, "merge", KEY, cursor="b"),
            rows={1, 2, 3, 4},
            fresh=1,
            cursor="b",
        ),
        scenario(
            Change.INITIAL_VALUE_EARLIER,
            Load(earlier, cursor="a", initial=10),
            Load((*earlier, row(3, a=20)), cursor="a", initial=0),
            rows={1, 2, 3},
            fresh=2,
        ),
        scenario(
            Change.INITIAL_VALUE_LATER,
            Load(later[:1], cursor="a", initial=0),
            Load(later, cursor="a", initial=20),
            rows={1, 3},
            fresh=2,
        ),
    ]


def _places() -> list[Scenario]:
    first = Load(tuple(row(n, a=n) for n in (1, 2)), cursor="a")
    last = replace(first, rows=(*first.rows, row(3, a=3)))
    renamed = Change.RESOURCE_RENAMED
    moves = {
        Change.DATASET_CHANGED: Where.OTHER_DATASET,
        Change.DATASET_CHANGED_TO_ONE_IN_USE: Where.OTHER_DATASET_IN_USE,
        Change.DESTINATION_CHANGED: Where.OTHER_DESTINATION,
        Change.DESTINATION_CHANGED_TO_ONE_IN_USE: Where.OTHER_DESTINATION_IN_USE,
    }
    return [
        scenario(
            renamed,
            first,
            replace(last, table=f"{renamed}_anew"),
            rows={1, 2, 3},
            fresh=1,
            gone=(renamed.value,),
        ),
        *(
            scenario(
                change,
                first,
                replace(last, where=where),
                rows={1, 2, 3},
                fresh=1,
                gone=(f"{change}@old",),
            )
            for change, where in moves.items()
        ),
    ]


SCENARIOS: tuple[Scenario, ...] = (
    *_dispositions(),
    *_keys(),
    *_types(),
    *_nullability(),
    *_shapes(),
    *_cursors(),
    *_places(),
)
"""One for each kind of change."""
