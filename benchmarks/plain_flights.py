"""What a careful person would write with dlt alone to load the flights: new files only, as Parquet, with a load id on each row.

    python benchmarks/plain_flights.py LANDING WAREHOUSE WORKING_FOLDER

It knows nothing of databridge; `overhead.py` measures databridge against it. As databridge does, it lets DuckDB tell the
types of the first CSV file, has pyarrow read, and casts later files to the same types.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID"] = "true"

import dlt
import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

NULLS = ["", "NA"]
ARROW = {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC")}


@dlt.resource(name="flights", write_disposition="append")
def flights(landing: Path) -> Iterator[pa.Table]:
    """The rows of all files that were not loaded yet."""
    seen = dlt.current.resource_state().setdefault("files", {})
    types: dict[str, pa.DataType] = {}
    for path in sorted(landing.iterdir()):
        found = path.stat()
        mark = [found.st_size, found.st_mtime]
        if seen.get(path.name) != mark:
            yield from read(path, types)
            seen[path.name] = mark


def read(path: Path, types: dict[str, pa.DataType]) -> Iterator[pa.Table]:
    """The rows of one file; the first one sets the types."""
    if path.suffix == ".csv":
        types.update(types or csv_types(path))
        convert = pa_csv.ConvertOptions(column_types=types, null_values=NULLS, strings_can_be_null=True)
        with pa_csv.open_csv(
            path, pa_csv.ReadOptions(block_size=8 << 20), convert_options=convert
        ) as batches:
            for batch in batches:
                yield pa.Table.from_batches([batch])
    else:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(50_000):
                table = pa.Table.from_batches([batch])
                yield table.cast(pa.schema([(name, types.get(name, kind)) for name, kind in _columns(table)]))


def csv_types(path: Path) -> dict[str, pa.DataType]:
    """The types that hold every value of a CSV file."""
    query = "DESCRIBE FROM read_csv(?, header = true, sample_size = -1, nullstr = ?)"
    with duckdb.connect() as connection:
        described = connection.execute(query, [str(path), NULLS]).fetchall()
    return {name: ARROW.get(kind, pa.string()) for name, kind, *_ in described}


def _columns(table: pa.Table) -> Iterator[tuple[str, pa.DataType]]:
    return zip(table.schema.names, table.schema.types, strict=True)


if __name__ == "__main__":
    source, warehouse, working_folder = sys.argv[1:]
    pipeline = dlt.pipeline(
        "plain_flights",
        pipelines_dir=working_folder,
        destination=dlt.destinations.duckdb(warehouse),
        dataset_name="flights_raw",
    )
    pipeline.run(flights(Path(source)), loader_file_format="parquet")
