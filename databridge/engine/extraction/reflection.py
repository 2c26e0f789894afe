"""The tables of a source are reflected together, once for each schema; what is not there is told before anything is read."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from databridge.engine.boundary import cursor_columns
from databridge.engine.extraction.dialects import DIALECTS, Dialect
from databridge.engine.extraction.sourcecolumn import Known, orders
from databridge.engine.extraction.trouble import told_as_source
from databridge.engine.sqlite import read_exactly
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.resource import TableResource


@dataclass(frozen=True, slots=True)
class Reflection:
    """What a source says of the tables that are read from it."""

    _by_schema: Mapping[str | None, sa.MetaData]

    def table(self, resource: TableResource) -> sa.Table:
        """The table of a resource.

        Raises:
            KeyError: it is not there, which `reflected` has told.
        """
        return self._by_schema[resource.schema_name].tables[_key(resource)]


def reflected(engine: sa.Engine, resources: Iterable[TableResource]) -> Reflection:
    """Reflect the tables of resources.

    Args:
        engine: the source.
        resources: whose tables.

    Raises:
        DatabridgeError: the source can't be reached; or a table or column is not there, or is no cursor; all of them at once.
    """
    listed = list(resources)
    found: dict[str | None, sa.MetaData] = {}
    with told_as_source(engine), engine.connect() as connection, warnings.catch_warnings():
        # A column of a type that SQLAlchemy does not know is read as text, or refused where it is read.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        for schema in dict.fromkeys(resource.schema_name for resource in listed):
            names = {resource.name for resource in listed if resource.schema_name == schema}
            # One for each: with a schema of its own dlt finds the tables in it, and reflects none a second time.
            metadata = found[schema] = sa.MetaData(schema=schema)
            there = names & _names(sa.inspect(connection), schema)
            metadata.reflect(connection, only=sorted(there), views=True, resolve_fks=False)
    dialect = DIALECTS.get(engine.dialect.name)
    if engine.dialect.name == "sqlite":
        for metadata in found.values():
            read_exactly(metadata)
    problems = [p for r in listed for p in _problems(found[r.schema_name].tables.get(_key(r)), r, dialect)]
    if problems:
        raise DatabridgeError(*problems)
    return Reflection(found)


def _names(inspector: sa.Inspector, schema: str | None) -> set[str]:
    names = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
    with suppress(NotImplementedError):  # most databases have none
        names |= {*inspector.get_materialized_view_names(schema)}
    return names


def _key(resource: TableResource) -> str:
    return f"{resource.schema_name}.{resource.name}" if resource.schema_name else resource.name


def _problems(
    table: sa.Table | None, resource: TableResource, dialect: Dialect | None
) -> Iterator[Diagnostic]:
    if table is None:
        where = f" in schema `{resource.schema_name}`" if resource.schema_name else ""
        yield Diagnostic(
            code="DB513",
            summary=f"there is no table `{resource.name}`{where}",
            hint="Correct the resource's name.",
        )
        return
    for use, names in (
        ("cursor_field", [resource.cursor_field] if resource.cursor_field else []),
        ("primary_key", resource.primary_key),
        ("include_columns", resource.include_columns),
    ):
        for name in names:
            if name not in table.columns:
                listed = ", ".join(column.name for column in table.columns)
                yield Diagnostic(
                    code="DB514",
                    summary=f"table `{resource.name}` has no column `{name}`, named in {use}",
                    hint=f"Its columns are: {listed}",
                )
    for name in cursor_columns(resource):
        if dialect and name in table.columns:
            yield from _disordered(dialect.known(table.columns[name].type), resource, name)


def _disordered(known: Known, resource: TableResource, name: str) -> Iterator[Diagnostic]:
    declared = resource.columns.get(name)
    if orders(known, declared.data_type if declared else None):
        return
    as_number = known.type.name.startswith(("numeric", "number"))
    declare = f"columns: {{{name}: {{data_type: decimal, precision: 38, scale: 9}}}}"
    yield Diagnostic(
        code="DB551",
        summary=f"the cursor `{name}` of `{resource.name}` is {known.type.name}, and has another order as it is read",
        detail="Rows that come later could be passed by. Nothing was loaded.",
        hint=f"Declare it as a number: {declare}" if as_number else "Choose another column as cursor_field.",
    )
