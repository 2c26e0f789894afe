"""A ground is sources, a destination and an engine over them: what every engine's conformance is tried on."""

from __future__ import annotations

import os
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from databridge.apply.engine import Engine, Job, Loaded, Place, Prepared
from databridge.apply.events import JobEvent
from databridge.apply.fake import Crash, FakeEngine, Fuse
from databridge.apply.places import Places, ProjectPlaces
from databridge.apply.world import LandedFile, StoredRow, World
from databridge.engine.engine import DltEngine
from databridge.locations.wanted import Wanted
from databridge.model.destination import Destination, DuckDbDestination, FilesystemDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import FileMark, LocationState
from databridge.model.source import FilesystemSource, SqliteSource
from tests.support.secrets import NO_SECRETS
from tests.support.world import NOON

Row = dict[str, int]

SHOP = SqliteSource(type="sqlite", path="shop.db")
LANDING = FilesystemSource(type="filesystem", bucket_url="file://landing")
USUAL = ("fake", "duckdb", "filesystem", "databricks", "postgres")
"""The grounds that an engine is tried on."""
WITH_FILES = (*USUAL, "sqlite")
"""And one more for what is done otherwise where a database's datasets are files: rows are loaded there, and taken back."""
WITH_BUCKET = (*USUAL, "lake in s3")
"""And one more for what is done otherwise in a bucket than in a folder: the files that are there are read, or deleted."""
MERGING = ("fake", "duckdb", "databricks", "sqlite", "postgres")
"""The grounds whose destination can merge: a stack that merges into another is refused (DB125)."""


class Ground(ABC):
    """One engine over its own sources and destination; the tests know nothing else of it."""

    destination: Destination
    places: Places

    def __init__(self) -> None:
        self.engine = self.another_engine()

    def place(self, name: str = "shop_main") -> Place:
        """Where a pipeline lives; all of them share one dataset."""
        return Place(name, name, self.destination, "raw")

    def perform(
        self,
        job: Job,
        *,
        prepared: Callable[[Prepared], None] = lambda _: None,
        emit: Callable[[JobEvent], None] = lambda _: None,
    ) -> Loaded:
        """Carry out a job."""
        return self.engine.perform(job, prepared=prepared, emit=emit)

    def stored(self, name: str = "shop_main") -> LocationState:
        """What the destination says of a pipeline."""
        wanted = Wanted("shop.main", name, name, self.destination, "raw", with_tables=True)
        return self.places.states([wanted], refresh=True)["shop.main"].destination

    @abstractmethod
    def another_engine(self) -> Engine:
        """An engine as another process would have it."""

    @abstractmethod
    def table(self, name: str, rows: Sequence[Row]) -> None:
        """Make a source table hold exactly these rows."""

    @abstractmethod
    def file(self, path: str, rows: Sequence[Row], *, version: int = 0) -> None:
        """Make a file of the landing folder hold these rows; another version has another time."""

    @abstractmethod
    def rows(self, table: str) -> list[Row]:
        """What a table at the destination holds, without columns that engines add, in order of its values."""

    @abstractmethod
    def loads(self) -> frozenset[str]:
        """The load ids that the destination calls complete."""

    @abstractmethod
    def leave_rows(self, table: str, rows: Sequence[Row], load_id: str) -> None:
        """Put rows into a table of the destination, as a load leaves them that died before it was complete."""

    @abstractmethod
    def load_half(self, job: Job, broken: str) -> str:
        """Carry out a job that dies when it wrote rows of all its tables but one, new and empty; the load id."""

    @abstractmethod
    def lose_destination(self) -> None:
        """Delete the dataset."""

    @abstractmethod
    def lose_table(self, table: str) -> None:
        """Drop a table of the destination, as a person does: nothing that is recorded says so."""

    @abstractmethod
    def lose_state(self) -> None:
        """Delete what dlt's state says there; rows and schemas stay."""

    def close(self) -> None:
        """Leave no process behind."""
        self.engine.stop()


class FakeGround(Ground):
    """The fake engine over its world."""

    destination = DuckDbDestination(type="duckdb", path="warehouse.duckdb")

    def __init__(self, folder: Path) -> None:
        self.world = World(tables={SHOP: {}}, landing={LANDING: {}})
        self.places = self.world
        super().__init__()

    def another_engine(self) -> Engine:
        return FakeEngine(self.world)

    def table(self, name: str, rows: Sequence[Row]) -> None:
        self.world.tables[SHOP][name] = [dict(row) for row in rows]

    def file(self, path: str, rows: Sequence[Row], *, version: int = 0) -> None:
        mark = FileMark.of(len(rows), NOON.replace(second=version))
        self.world.landing[LANDING][path] = LandedFile(mark, tuple(dict(row) for row in rows))

    def rows(self, table: str) -> list[Row]:
        stored = self.world.dataset(self.place()).tables.get(table, [])
        return ordered([{k: v for k, v in s.row.items() if isinstance(v, int)} for s in stored])

    def loads(self) -> frozenset[str]:
        return frozenset(self.world.dataset(self.place()).loads)

    def leave_rows(self, table: str, rows: Sequence[Row], load_id: str) -> None:
        self.world.dataset(self.place()).tables[table] += [StoredRow(load_id, dict(row)) for row in rows]

    def load_half(self, job: Job, broken: str) -> str:
        calm = Fuse()
        FakeEngine(deepcopy(self.world), calm).perform(job, prepared=lambda _: None, emit=lambda _: None)
        dying = FakeEngine(self.world, Fuse(calm.effects.index("complete the load")))
        told: list[str] = []
        with suppress(Crash):
            dying.perform(job, prepared=lambda p: told.append(p.load_id), emit=lambda _: None)
        return told[0]

    def lose_destination(self) -> None:
        self.world.datasets.clear()

    def lose_table(self, table: str) -> None:
        del self.world.dataset(self.place()).tables[table]

    def lose_state(self) -> None:
        for dataset in self.world.datasets.values():
            dataset.states.clear()


class DltGround(Ground):
    """dlt over real files."""

    def __init__(self, folder: Path) -> None:
        # A name that means something else in a URL.
        folder /= "a#b c"
        folder.mkdir()
        self.root, self.pipelines_dir = folder, folder / "pipelines"
        self.places = ProjectPlaces(folder, self.pipelines_dir, NO_SECRETS)
        (folder / "landing").mkdir()
        sqlite3.connect(folder / "shop.db").close()
        super().__init__()

    def another_engine(self) -> Engine:
        return DltEngine(self.root, self.pipelines_dir)

    def table(self, name: str, rows: Sequence[Row]) -> None:
        connection = sqlite3.connect(self.root / "shop.db")
        with connection:
            connection.execute(f"DROP TABLE IF EXISTS {name}")
            connection.execute(f"CREATE TABLE {name} (id INTEGER, at INTEGER, v INTEGER)")
            connection.executemany(f"INSERT INTO {name} VALUES (:id, :at, :v)", rows)
        connection.close()

    def file(self, path: str, rows: Sequence[Row], *, version: int = 0) -> None:
        file = self.root / "landing" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        names = list(rows[0]) if rows else ["line"]
        pq.write_table(
            pa.table({name: pa.array([row[name] for row in rows], pa.int64()) for name in names}), file
        )
        os.utime(file, (NOON.timestamp() + version,) * 2)


class DuckDbGround(DltGround):
    """dlt into a DuckDB file."""

    destination = DuckDbDestination(type="duckdb", path="warehouse.duckdb")

    def rows(self, table: str) -> list[Row]:
        if not self._all("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'raw' AND table_name = ?", table):
            return []
        with duckdb.connect(self._file, read_only=True) as connection:
            cursor = connection.execute(f"SELECT * FROM raw.{table}")
            names = [column[0] for column in cursor.description or ()]
            return ordered([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])

    def loads(self) -> frozenset[str]:
        there = self._all(
            "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'raw' AND table_name = '_dlt_loads'"
        )
        return (
            frozenset(str(row[0]) for row in self._all("SELECT load_id FROM raw._dlt_loads"))
            if there
            else frozenset()
        )

    def leave_rows(self, table: str, rows: Sequence[Row], load_id: str) -> None:
        with duckdb.connect(self._file) as connection:
            for row in rows:
                values = {**row, "_dlt_load_id": load_id}
                names = ", ".join(f'"{name}"' for name in values)
                marks = ", ".join("?" for _ in values)
                connection.execute(f"INSERT INTO raw.{table} ({names}) VALUES ({marks})", [*values.values()])

    def load_half(self, job: Job, broken: str) -> str:
        # A table that takes no row: its part of the load fails, the others' parts stand.
        columns = 'id BIGINT CHECK (false), "at" BIGINT, v BIGINT, _dlt_load_id VARCHAR'
        with duckdb.connect(self._file) as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS raw; CREATE TABLE raw.{broken} ({columns})")
        load_id = failed_load(self, job)
        with duckdb.connect(self._file) as connection:
            connection.execute(f"CREATE OR REPLACE TABLE raw.{broken} AS FROM raw.{broken} LIMIT 0")
        return load_id

    def lose_destination(self) -> None:
        with duckdb.connect(self._file) as connection:
            connection.execute("DROP SCHEMA raw CASCADE")

    def lose_table(self, table: str) -> None:
        self.run(f"DROP TABLE raw.{table}")

    def run(self, statement: str) -> None:
        """Do something to the file that nothing here does."""
        with duckdb.connect(self._file) as connection:
            connection.execute(statement)

    def lose_state(self) -> None:
        with duckdb.connect(self._file) as connection:
            connection.execute("DELETE FROM raw._dlt_pipeline_state")

    @property
    def _file(self) -> Path:
        return self.root / "warehouse.duckdb"

    def _all(self, query: str, *values: str) -> list[tuple[object, ...]]:
        if not self._file.exists():
            return []
        with duckdb.connect(self._file, read_only=True) as connection:
            return connection.execute(query, values).fetchall()


class LakeGround(DltGround):
    """dlt into Parquet files of a folder."""

    destination = FilesystemDestination(type="filesystem", bucket_url="file://lake")

    def rows(self, table: str) -> list[Row]:
        files = (self._dataset / table).glob("*.parquet")
        return ordered([row for file in files for row in pq.ParquetFile(file).read().to_pylist()])

    def loads(self) -> frozenset[str]:
        return frozenset(
            file.stem.rpartition("__")[2] for file in (self._dataset / "_dlt_loads").glob("*.jsonl")
        )

    def leave_rows(self, table: str, rows: Sequence[Row], load_id: str) -> None:
        file = self._dataset / table / f"{load_id}.0123456789.parquet"
        pq.write_table(pa.Table.from_pylist([{**row, "_dlt_load_id": load_id} for row in rows]), file)

    def load_half(self, job: Job, broken: str) -> str:
        # A file where the table's folder should be: its part of the load fails, the others' parts stand.
        if not self._dataset.exists():  # as dlt makes one; one without its version it takes for another's
            self._dataset.mkdir(parents=True)
            (self._dataset / "init").write_text('{"initial_version": 2, "current_version": 2}')
        (self._dataset / broken).write_text("")
        load_id = failed_load(self, job)
        (self._dataset / broken).unlink()
        return load_id

    def lose_table(self, table: str) -> None:
        shutil.rmtree(self._dataset / table)

    def lose_destination(self) -> None:
        shutil.rmtree(self._dataset)

    def lose_state(self) -> None:
        for file in (self._dataset / "_dlt_pipeline_state").glob("*__*.jsonl"):
            file.unlink()

    @property
    def _dataset(self) -> Path:
        return self.root / "lake" / "raw"


def failed_load(ground: Ground, job: Job) -> str:
    told: list[str] = []
    try:
        ground.perform(job, prepared=lambda package: told.append(package.load_id))
    except DatabridgeError:
        return told[0]
    raise AssertionError("the broken table was loaded")


def ordered(rows: Iterable[Mapping[str, int]]) -> list[Row]:
    bare = [{k: v for k, v in row.items() if k != "load_date" and not k.startswith("_dlt")} for row in rows]
    return sorted(bare, key=lambda row: [*row.values()])
