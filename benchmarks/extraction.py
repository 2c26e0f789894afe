"""How quickly a table leaves PostgreSQL, side by side: databridge, dlt's own backends, the driver alone, and the wire.

`python -m benchmarks.extraction [ROWS]`; each way is a process of its own that times its load, without its imports.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.support.postgres import postgres

ROWS = 1_000_000
_SHARE = {"dlt sqlalchemy": 10, "dlt pyarrow": 5}
"""These read so much less of the table, or the run would take minutes; their rate is what is compared."""
_TABLE = """
CREATE TABLE big AS SELECT i::bigint AS id, (i % 1000)::int AS kind, (i * 1.2345)::numeric(18,4) AS amount,
    i / 7.0::float8 AS ratio, 'customer name ' || i AS name, date '2020-01-01' + (i % 1000)::int AS day,
    timestamp '2020-01-01' + i * interval '1 second 1 microsecond' AS at,
    jsonb_build_object('a', i, 'b', 'x') AS extra, md5(i::text)::uuid AS ref, i % 2 = 0 AS paid
FROM generate_series(1, {rows}) i
"""
_COPY = "COPY (SELECT * FROM {table}) TO STDOUT (FORMAT {format})"


def _databridge(server: str, table: str, folder: Path) -> None:
    from databridge.apply.engine import Job, Place
    from databridge.engine.foreman import Foreman
    from databridge.model.address import Address
    from databridge.model.destination import FilesystemDestination
    from databridge.model.resource import TableResource, WriteDisposition
    from databridge.model.source import SqlSource
    from databridge.secrets.chain import secret_chain

    lake = FilesystemDestination(type="filesystem", bucket_url="file://lake")
    job = Job(
        address=Address("s", "p"),
        place=Place("s_p", "s_p", lake, "raw"),
        source=SqlSource(type="sql", url=_url(server)),
        load=(TableResource(name=table, write_disposition=WriteDisposition.REPLACE),),
    )
    foreman = Foreman(folder, folder / "pipelines", secret_chain(folder, os.environ), os.getpid())
    foreman.perform(job, prepared=lambda _: None, emit=lambda _: None)


def _dlt(backend: str) -> Callable[[str, str, Path], None]:
    def load(server: str, table: str, folder: Path) -> None:
        import dlt
        from dlt.sources.sql_database import sql_table

        pipeline = dlt.pipeline(
            "bench",
            destination=dlt.destinations.filesystem(str(folder / "lake")),
            dataset_name="raw",
            pipelines_dir=str(folder / "pipelines"),
        )
        rows = sql_table(
            _url(server), table, backend=backend, chunk_size=50_000, reflection_level="full_with_precision"
        )
        pipeline.run(rows, loader_file_format="parquet")

    return load


def _driver(server: str, table: str, folder: Path) -> None:
    """COPY as CSV, parsed and written as Parquet: what there is to do, and nothing around it."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv
    import pyarrow.parquet as pq

    kinds = (
        *(pa.int64(), pa.int32(), pa.decimal128(18, 4), pa.float64(), pa.string(), pa.date32()),
        *(pa.timestamp("us"), pa.string(), pa.string(), pa.bool_()),
    )
    types = {f"c{number}": kind for number, kind in enumerate(kinds)}
    options = arrow_csv.ConvertOptions(
        column_types=types, null_values=[""], strings_can_be_null=True, true_values=["t"], false_values=["f"]
    )

    def parsed(block: bytearray) -> pa.Table:
        reading = arrow_csv.ReadOptions(column_names=list(types), block_size=len(block) + 1)
        return arrow_csv.read_csv(pa.py_buffer(block), read_options=reading, convert_options=options)

    with (
        pq.ParquetWriter(folder / "big.parquet", pa.schema(list(types.items()))) as file,
        psycopg.connect(_dsn(server)) as connection,
        connection.cursor() as cursor,
        cursor.copy(_COPY.format(table=table, format="csv").encode()) as rows,
    ):
        block = bytearray()
        for row in rows:
            block += row
            if len(block) > 8 << 20:
                file.write_table(parsed(block))
                block = bytearray()
        file.write_table(parsed(block))


def _drain(form: str) -> Callable[[str, str, Path], None]:
    def drain(server: str, table: str, folder: Path) -> None:  # noqa: ARG001 - as the others
        with (
            psycopg.connect(_dsn(server)) as connection,
            connection.cursor() as cursor,
            cursor.copy(_COPY.format(table=table, format=form).encode()) as rows,
        ):
            for _ in rows:
                pass

    return drain


WAYS: dict[str, Callable[[str, str, Path], None]] = {
    "databridge": _databridge,
    "dlt sqlalchemy": _dlt("sqlalchemy"),
    "dlt pyarrow": _dlt("pyarrow"),
    "driver to Parquet": _driver,
    "wire, CSV": _drain("csv"),
    "wire, binary": _drain("binary"),
}


def _url(server: str) -> str:
    return f"postgresql+psycopg://postgres@{server}/postgres"


def _dsn(server: str) -> str:
    host, port = server.split(":")
    return f"host={host} port={port} user=postgres dbname=postgres"


def _one(way: str, server: str, table: str) -> None:
    """In a process of its own: warm up over an empty table, load, and say what that took."""
    from databridge.engine import settings

    settings.enforce()
    with tempfile.TemporaryDirectory() as warm, tempfile.TemporaryDirectory() as folder:
        if not way.startswith("wire"):
            WAYS[way](server, "small", Path(warm))
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        WAYS[way](server, table, Path(folder))
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": after.ru_maxrss / 1000}))


def main(rows: int = ROWS) -> int:
    """Print rows a second, CPU and memory of each way, and how they compare."""
    found: dict[str, dict[str, float]] = {}
    with postgres() as server:
        with psycopg.connect(_dsn(server), autocommit=True) as connection:
            connection.execute(_TABLE.format(rows=rows).encode())
            connection.execute("CREATE TABLE small AS SELECT * FROM big LIMIT 10")
            for share in _SHARE.values():
                part = f"CREATE TABLE big_{share} AS SELECT * FROM big WHERE id % {share} = 0"  # noqa: S608 - our own
                connection.execute(part.encode())
        print(f"{'':20}{'k rows/s':>10}{'wall s':>9}{'CPU s':>8}{'peak MB':>9}   (of {rows:,} rows)")
        for way in WAYS:
            share = _SHARE.get(way, 1)
            table = f"big_{share}" if share > 1 else "big"
            done = subprocess.run(  # noqa: S603 - this very file
                [sys.executable, "-m", "benchmarks.extraction", "--one", way, server, table],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                print(f"{way:20} failed: {done.stderr.strip().splitlines()[-1]}")
                return 1
            told = json.loads(done.stdout.splitlines()[-1])
            # Of a part of the table the time of all of it is told; its memory is what it is.
            found[way] = told | {"seconds": told["seconds"] * share, "cpu": told["cpu"] * share}
            part = f"   measured on {rows // share:,} rows" if share > 1 else ""
            print(
                f"{way:20}{rows / found[way]['seconds'] / 1000:10,.0f}{found[way]['seconds']:9.2f}"
                f"{found[way]['cpu']:8.2f}{told['megabytes']:9.0f}{part}",
                flush=True,
            )
    ours = found["databridge"]
    for way, told in found.items():
        if way != "databridge":
            print(
                f"databridge is {told['seconds'] / ours['seconds']:.2f} times as fast as {way}, with "
                f"{ours['cpu'] / told['cpu']:.2f} times its CPU"
            )
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(*sys.argv[2:])
    else:
        sys.exit(main(*map(int, sys.argv[1:2])))
