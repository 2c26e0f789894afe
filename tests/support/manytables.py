"""A schema as large as the one that the source description tells of: 38 tables and views, keys, foreign keys, one of 148 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from random import Random

from databridge.model.resource import Mode, TableResource

TABLES, WIDE, VIEWS = 35, "wide", 2
ROWS = 120
"""Of each table."""
_KINDS = (
    ("numeric(38,0)", "({i} * 12345678901234567890)::numeric % 99999999999999999999999999999999999999"),
    ("numeric(18,4)", "{i} * 1.2345"),
    ("bigint", "9007199254740993 + {i}"),
    ("integer", "{i} - 60"),
    ("double precision", "{i} / 7.0::float8"),
    (
        "text",
        "CASE WHEN {i} % 7 = 0 THEN NULL WHEN {i} % 7 = 1 THEN '' ELSE 'näme \"' || {i} || '\" 😀, %' END",
    ),
    ("date", "date '1900-01-01' + {i} * 300"),
    ("timestamp", "timestamp '1970-01-01' + {i} * interval '1 month 1 microsecond'"),
    ("boolean", "{i} % 2 = 0"),
    ("bytea", "decode(md5({i}::text), 'hex')"),
)
_AT = "timestamptz '2024-03-30' + {i} * interval '17 minutes 1 microsecond'"


def statements() -> Iterator[str]:
    """What makes the schema and fills it."""
    random = Random(38)
    for number in range(TABLES):
        kinds = [random.choice(_KINDS) for _ in range(random.randint(3, 12))]
        parent = f" REFERENCES t{random.randrange(number)}" if number else ""
        yield from _table(f"t{number}", kinds, parent)
    yield from _table(WIDE, [_KINDS[n % len(_KINDS)] for n in range(145)], " REFERENCES t0")
    yield "CREATE VIEW v0 AS SELECT * FROM t0"
    yield "CREATE VIEW v1 AS SELECT a.id, a.at, b.parent FROM t1 a JOIN t2 b ON a.id = b.id"


def _table(name: str, kinds: Sequence[tuple[str, str]], parent: str) -> Iterator[str]:
    columns = ", ".join(f"c{n} {kind}" for n, (kind, _) in enumerate(kinds))
    yield f"CREATE TABLE {name} (id bigint PRIMARY KEY, parent bigint{parent}, at timestamptz NOT NULL, {columns})"
    values = ", ".join(value.format(i="i") for _, value in kinds)
    yield f"INSERT INTO {name} SELECT i, i, {_AT.format(i='i')}, {values} FROM generate_series(1, {ROWS}) i"


def resources() -> list[TableResource]:
    """All of it, in each of the modes."""
    names = [*(f"t{n}" for n in range(TABLES)), WIDE, *(f"v{n}" for n in range(VIEWS))]
    merged = {"mode": Mode.MERGE, "primary_key": ("id",), "cursor_field": "at"}
    appended = {"mode": Mode.INCREMENTAL, "cursor_field": "at"}
    return [
        TableResource.model_validate({"name": name, **(merged if n % 3 == 0 else appended)})
        for n, name in enumerate(names)
    ]


def digest(rows: Iterable[Mapping[str, object]]) -> tuple[int, dict[str, object], str]:
    """How many rows, the sum of each column of numbers, and a hash over all values of all rows in order of their ids."""
    listed = sorted(rows, key=lambda row: int(str(row["id"])))
    sums: dict[str, object] = {}
    seen = sha256()
    for row in listed:
        for name in sorted(row):
            if name.startswith("_dlt"):
                continue
            value = row[name]
            if isinstance(value, datetime) and value.tzinfo:
                value = value.astimezone(UTC).isoformat()
            elif isinstance(value, (memoryview, bytearray)):
                value = bytes(value)
            seen.update(f"{name}={value!r};".encode())
            if (
                not isinstance(value, (str, bytes, bool))
                and hasattr(value, "__add__")
                and not hasattr(value, "day")
            ):
                sums[name] = value + sums.get(name, 0)
    return len(listed), sums, seen.hexdigest()
