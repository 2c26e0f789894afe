"""What the driver gives becomes what is declared, each value exactly, or it is refused by name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import oracle

from databridge.engine.extraction.oraclecolumn import OracleColumn
from databridge.engine.extraction.oracletypes import oracle_asked, oracle_type
from databridge.engine.extraction.sourcecolumn import wanted
from databridge.model.diagnostic import DatabridgeError

DOUBLE, TEXT, MOMENT, NUMBER = oracle.BINARY_DOUBLE(), sa.VARCHAR(40), oracle.DATE(), oracle.NUMBER(9, 0)
MIDNIGHT, NOON = 1_704_067_200_000_000, 1_704_110_400_000_000
"""Of 2024-01-01, in microseconds."""


def made(source: sa.types.TypeEngine[object], hints: dict[str, object], *values: object) -> list[object]:
    known = oracle_type(source)
    kind = wanted(known, {"name": "a", **hints})  # type: ignore[typeddict-item]  # as a stack declares it
    selected, asked = oracle_asked(sa.column("a"), known, kind, 6)
    given = pa.chunked_array([pa.array([*values, None]).cast(asked)])
    column = OracleColumn("t", "a", known, selected, asked, kind)
    found: list[object] = column.made(given).to_pylist()
    assert found.pop() is None
    return found


@pytest.mark.parametrize(
    ("source", "hints", "given", "becomes"),
    [
        (DOUBLE, {}, 0.1, 0.1),
        (DOUBLE, {"data_type": "decimal", "precision": 9, "scale": 2}, 0.25, Decimal("0.25")),
        (DOUBLE, {"data_type": "bigint"}, 7.0, 7),
        (DOUBLE, {"data_type": "text"}, 0.1, "0.1"),
        (MOMENT, {"data_type": "date"}, MIDNIGHT, date(2024, 1, 1)),
        (TEXT, {"data_type": "decimal", "precision": 5, "scale": 1}, "-1.5", Decimal("-1.5")),
        (TEXT, {"data_type": "bigint"}, "9007199254740993", 9007199254740993),
        (TEXT, {"data_type": "double"}, "0.1", 0.1),
        (TEXT, {"data_type": "date"}, "2024-02-29", date(2024, 2, 29)),
        (TEXT, {"data_type": "text"}, " .5", " .5"),
        (NUMBER, {"data_type": "text"}, "-.5", "-0.5"),
        (NUMBER, {"data_type": "double"}, ".5", 0.5),
        (NUMBER, {"data_type": "bool"}, Decimal(1), True),
    ],
)
def test_a_value_that_fits(
    source: sa.types.TypeEngine[object], hints: dict[str, object], given: object, becomes: object
) -> None:
    assert made(source, hints, given) == [becomes]


@pytest.mark.parametrize(
    ("source", "hints", "given"),
    [
        (DOUBLE, {"data_type": "decimal", "precision": 9, "scale": 1}, 0.25),
        (DOUBLE, {"data_type": "bigint"}, 7.5),
        (MOMENT, {"data_type": "date"}, NOON),
        (MOMENT, {"data_type": "time"}, NOON),
        (TEXT, {"data_type": "decimal", "precision": 5, "scale": 1}, "1.25"),
        (TEXT, {"data_type": "bigint"}, "1.5"),
        (TEXT, {"data_type": "double"}, "9007199254740993"),
        (TEXT, {"data_type": "date"}, "2024-02-29 12:00:00"),
        (TEXT, {"data_type": "time"}, "12:00:00"),
        (NUMBER, {"data_type": "bool"}, Decimal(2)),
    ],
)
def test_a_value_that_does_not_fit(
    source: sa.types.TypeEngine[object], hints: dict[str, object], given: object
) -> None:
    with pytest.raises(DatabridgeError, match=r"column `a` is read as .*does not fit without loss"):
        made(source, hints, given)
