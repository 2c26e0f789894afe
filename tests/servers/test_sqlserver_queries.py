"""Queries as loaders and people write them give the rows that T-SQL gives."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.servers.sqlserverground import SqlServerGround

QUERIES: list[tuple[str, list[tuple[object, ...]]]] = [
    ("SELECT TOP 2 id FROM t ORDER BY id DESC", [(3,), (2,)]),
    ("SELECT TOP (1) id FROM t WITH (NOLOCK) ORDER BY id", [(1,)]),
    ("SELECT id FROM t ORDER BY id OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY", [(2,)]),
    ("SELECT MAX(at), MIN(day), COUNT(*), COUNT(DISTINCT name) FROM t", [(dt.datetime.fromisoformat("2024-01-03"), dt.date(2024, 1, 1), 3, 2)]),
    ("SELECT id FROM t WHERE at >= '2024-01-02' AND at < '2024-01-03'", [(2,)]),
    ("SELECT id FROM t WHERE at BETWEEN '2024-01-01' AND '2024-01-02' ORDER BY id", [(1,), (2,)]),
    ("SELECT id FROM t WHERE day = '20240103' OR day IN ('2024-01-01') ORDER BY 1", [(1,), (3,)]),
    ("SELECT CAST(at AS date), CAST(id AS varchar(5)) + 'x' FROM t WHERE id = 1", [(dt.date(2024, 1, 1), "1x")]),
    ("SELECT a.id, b.id FROM t AS a LEFT JOIN t b ON a.id = b.id + 1 WHERE a.id < 3 ORDER BY a.id", [(1, None), (2, 1)]),
    ("WITH x AS (SELECT id, at FROM t) SELECT x.id FROM x WHERE x.at > '2024-01-02' ", [(3,)]),
    ("SELECT s.n FROM (SELECT id AS n, at FROM t) s WHERE s.at = '2024-01-03'", [(3,)]),
    ("SELECT id FROM t o WHERE EXISTS (SELECT 1 FROM t i WHERE i.id = o.id AND i.at > '2024-01-02')", [(3,)]),
    ("SELECT id FROM t WHERE at = (SELECT MAX(at) FROM t)", [(3,)]),
    ("SELECT at FROM t WHERE id = 1 UNION ALL SELECT at FROM t WHERE id = 2 ORDER BY at DESC", [
        (dt.datetime.fromisoformat("2024-01-02"),), (dt.datetime.fromisoformat("2024-01-01"),)
    ]),
    ("SELECT CASE WHEN id = 1 THEN amount ELSE 0 END AS c FROM t WHERE id < 3 ORDER BY id", [(Decimal("1.10"),), (Decimal("0.00"),)]),
    ("SELECT ISNULL(name, N'none'), COALESCE(amount, 0) FROM t WHERE name IS NULL", [("none", Decimal("0.00"))]),
    ("SELECT name, SUM(amount) FROM t WHERE name IS NOT NULL GROUP BY name HAVING COUNT(*) > 0 ORDER BY name", [
        ("50%", Decimal("1.10")), ("x", Decimal("2.20"))
    ]),
    ("SELECT id FROM t WHERE name LIKE '50!%' ESCAPE '!'", [(1,)]),
    ("SELECT ROW_NUMBER() OVER (ORDER BY at DESC) AS n, id FROM t WHERE id > 1 ORDER BY n", [(1, 3), (2, 2)]),
    ("SELECT LEN(N'ab  '), DATALENGTH(N'ab'), UPPER('é')", [(2, 4, "É")]),
    ("SELECT DB_NAME(), SCHEMA_NAME(), SERVERPROPERTY('EngineEdition')", [("DATABASE", "dbo", "3")]),
]  # fmt: skip


@pytest.fixture
def table(sqlserver: SqlServerGround) -> SqlServerGround:
    sqlserver.execute(
        "CREATE TABLE dbo.t (id int NOT NULL, name nvarchar(9), amount decimal(9, 2), at datetime2(7), day date)",
        "INSERT INTO dbo.t VALUES (1, N'50%', 1.1, '2024-01-01', '2024-01-01'), (2, N'x', 2.2, '2024-01-02', '2024-01-02'),"
        " (3, NULL, NULL, '2024-01-03', '2024-01-03')",
    )
    return sqlserver


@pytest.mark.parametrize("quoted", [True, False])
def test_queries(table: SqlServerGround, quoted: bool):
    found = []
    with table.connect() as connection:
        for query, _ in QUERIES:
            where = f"FROM [{table.database}].[dbo].[t]" if quoted else "FROM t"
            rows = connection.execute(query.replace("FROM t", where)).fetchall()
            found.append((query, [tuple(row) for row in rows]))
    wanted = [
        (query, [tuple(table.database if value == "DATABASE" else value for value in row) for row in rows])
        for query, rows in QUERIES
    ]
    assert found == wanted
