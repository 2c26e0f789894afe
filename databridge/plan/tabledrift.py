"""The tables that dlt's schema says are there, against those that are: dlt itself trusts its schema and looks at none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from databridge.model.address import Address
from databridge.model.observed import DeclaredTable, may_be_empty
from databridge.model.recorded import LocationKind, RecordedPipeline, ResourceState
from databridge.plan.drift import Drift


def table_drifts(address: Address, found: RecordedPipeline, dataset: str) -> Iterator[Drift]:
    """What differs, table by table.

    Args:
        address: the pipeline's.
        found: its places.
        dataset: where its tables are.
    """
    seen, state = found.observed, found.destination.state
    if seen is None or state is None:
        return
    sql = _Sql(seen.dialect or found.destination.kind, dataset)
    for name, table in sorted(seen.declared.items()):
        about = Address(address.stack, address.pipeline, table.resource)
        if name.lower() not in seen.tables:
            if not may_be_empty(table, found.destination.kind):
                yield _missing(about, table, sql, state.resources.get(table.resource))
        elif (columns := seen.tables[name.lower()]) is not None:
            yield from _columns(about, table, columns, sql)


def _missing(address: Address, table: DeclaredTable, sql: _Sql, state: ResourceState | None) -> Drift:
    return Drift(
        code="DB710",
        address=address,
        summary=f"table {sql.dataset}.{table.name} is not there, though dlt's schema has it",
        detail=f"Its rows are gone, and {_by_itself(table, state)}.{sql.without_table}",
        command=f"databridge repair {address}",
    )


def _by_itself(table: DeclaredTable, state: ResourceState | None) -> str:
    """What loads would bring of it."""
    if state and state.cursors:
        return "a load brings only what is new by its cursor"
    if state and state.files:
        return "a load brings only files that were not loaded yet"
    if table.write_disposition == "append":
        return "a load brings what the source has now, not what earlier loads brought"
    return "a load brings all that the source has now"


def _columns(
    address: Address, table: DeclaredTable, columns: Mapping[str, str], sql: _Sql
) -> Iterator[Drift]:
    there = {name.lower(): kind for name, kind in columns.items()}
    for name, column in table.columns.items():
        if column.stored_as is None:
            continue
        where = f"column {name} of {sql.dataset}.{table.name}"
        real = there.get(name.lower())
        if real is None:
            yield Drift(
                code="DB711",
                address=address,
                summary=f"{where} is not there, though dlt's schema has it",
                statement=sql.add(table.name, name, column.stored_as),
            )
        elif not _alike(real, column.stored_as):
            yield Drift(
                code="DB712",
                address=address,
                summary=f"{where} is of type {real}, and dlt made it {column.stored_as}",
                statement=sql.retype(table.name, name, column.stored_as),
            )
    known = {name.lower() for name in table.columns}
    for name in columns:
        if name.lower() not in known:
            yield Drift(
                code="DB713",
                address=address,
                summary=f"column {name} of {sql.dataset}.{table.name} is in no schema of dlt's",
                detail="Loads leave it empty. If it shall stay, ignore it in databridge.yaml.",
                statement=sql.drop(table.name, name),
            )


def _alike(real: str, declared: str) -> bool:
    return "".join(real.split()).casefold() == "".join(declared.split()).casefold()


class _Sql:
    """Statements that put a table right, in the destination's words."""

    def __init__(self, dialect: str, dataset: str) -> None:
        self.dataset = dataset
        self._dialect = dialect

    @property
    def without_table(self) -> str:
        """What comes of a load into a table that is not there; a folder is made by its first file."""
        if self._dialect == LocationKind.FILESYSTEM:
            return ""
        return " Until the table is made again, a load with rows for it fails."

    def add(self, table: str, column: str, kind: str) -> str:
        """An empty column."""
        return f"ALTER TABLE {self._name(table)} ADD COLUMN {self._quoted(column)} {kind}"

    def drop(self, table: str, column: str) -> str:
        """Its values go too."""
        return f"ALTER TABLE {self._name(table)} DROP COLUMN {self._quoted(column)}"

    def retype(self, table: str, column: str, kind: str) -> str:
        """Values are cast; Databricks makes the table anew for it, and in SQLite no one statement does."""
        if self._dialect == "sqlite":
            return ""
        if self._dialect == LocationKind.DATABRICKS:
            name, quoted = self._name(table), self._quoted(column)
            return (
                f"CREATE OR REPLACE TABLE {name} AS SELECT * EXCEPT ({quoted}),"  # noqa: S608 - shown, never run
                f" CAST({quoted} AS {kind}) AS {quoted} FROM {name}"
            )
        return f"ALTER TABLE {self._name(table)} ALTER COLUMN {self._quoted(column)} TYPE {kind}"

    def _name(self, table: str) -> str:
        return f"{self._quoted(self.dataset)}.{self._quoted(table)}"

    def _quoted(self, name: str) -> str:
        sign = "`" if self._dialect == LocationKind.DATABRICKS else '"'
        return sign + name.replace(sign, sign * 2) + sign
