"""A small shop for dlt: orders are appended, customers merged with what hangs on them, a dimension replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
from dlt.destinations import databricks

Item = dict[str, Any]


def shop(*, later: bool) -> list[Any]:
    """The resources as they are on the first day, or later: with new orders, columns, customers."""

    @dlt.resource(name="orders", write_disposition="append", primary_key="id")
    def orders(
        changed: dlt.sources.incremental[datetime] = dlt.sources.incremental(  # noqa: B008 - dlt's way
            "changed_at", initial_value=datetime(2024, 1, 1, tzinfo=UTC)
        ),
    ) -> Iterator[list[Item]]:
        first = [
            {
                "id": number,
                "amount": Decimal("1.25") * number,
                "changed_at": datetime(2024, 1, 1 + number, tzinfo=UTC),
                "note": f"it's {number}\\",
                "tags": [{"tag": "a"}, {"tag": "b"}],
                "raw": b"\x00\x01",
                "day": date(2024, 1, number),
                "paid": True,
            }
            for number in range(1, 6)
        ]
        more = [
            {
                "id": number,
                "amount": Decimal(2),
                "changed_at": datetime(2024, 2, number, tzinfo=UTC),
                "tags": [{"tag": "c"}],
                "new_one": 7,
                "another": "x",
            }
            for number in (6, 7)
        ]
        yield first + (more if later else [])

    @dlt.resource(name="customers", write_disposition="merge", primary_key="id")
    def customers() -> Iterator[list[Item]]:
        yield [
            {"id": 1, "name": "A", "address": {"city": "X"}, "items": [{"n": 1}]},
            {
                "id": 2,
                "name": "B2" if later else "B",
                "address": {"city": "Y"},
                "items": [{"n": 2}, {"n": 3}],
            },
        ]
        if later:
            yield [{"id": 3, "name": "C", "address": {"city": "Z"}, "items": []}]

    @dlt.resource(name="dimension", write_disposition="replace")
    def dimension() -> Iterator[list[Item]]:
        yield [{"k": 9, "v": 9.5}] if later else [{"k": 1, "v": 1.5}, {"k": 2, "v": 2.5}]

    return [orders(), customers(), dimension()]


def pipeline(
    name: str, credentials: dict[str, Any], folder: Path, *, dataset: str | None = None, **more: Any
) -> dlt.Pipeline:
    """A pipeline to dlt's own `databricks` destination."""
    staging = more.pop("staging", None)
    return dlt.pipeline(
        name,
        destination=databricks(credentials=credentials, **more),
        dataset_name=dataset or name,
        pipelines_dir=str(folder),
        staging=staging,
    )


def load(into: dlt.Pipeline, data: Any, **more: Any) -> None:
    into.run(data, **more).raise_on_failed_jobs()


def select(of: dlt.Pipeline, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in of.dataset()(query).fetchall()]


def check_first_day(of: dlt.Pipeline) -> None:
    assert counts(of) == {
        "orders": 5,
        "orders__tags": 10,
        "customers": 2,
        "customers__items": 3,
        "dimension": 2,
    }
    assert select(of, "SELECT id, note, raw, day, paid FROM orders ORDER BY id LIMIT 1") == [
        (1, "it's 1\\", b"\x00\x01", date(2024, 1, 1), True)
    ]


def check_later(of: dlt.Pipeline) -> None:
    assert counts(of) == {
        "orders": 7,
        "orders__tags": 12,
        "customers": 3,
        "customers__items": 3,
        "dimension": 1,
    }
    found = select(of, "SELECT id, name, address__city FROM customers ORDER BY id")
    assert found == [(1, "A", "X"), (2, "B2", "Y"), (3, "C", "Z")]
    added = select(of, "SELECT id, new_one, another FROM orders WHERE id IN (5, 7) ORDER BY id")
    assert added == [(5, None, None), (7, 7, "x")]
    assert select(of, "SELECT k FROM dimension") == [(9,)]


def counts(of: dlt.Pipeline) -> dict[str, int]:
    tables = ("orders", "orders__tags", "customers", "customers__items", "dimension")
    return {table: select(of, f"SELECT count(*) AS c FROM {table}")[0][0] for table in tables}
