"""The dictionary shows a user what he may see, as Oracle's ALL_ views do; USER_ views show what is his.

Source: Oracle Database Reference, Static Data Dictionary Views; of each view the columns that tools read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from tests.servers.oracle.storage.catalog import Catalog
from tests.servers.oracle.storage.table import Key, Table
from tests.servers.oracle.types.oratype import TEXTS, Kind, OraType, text_of

PREFIX = "ORA$"
"""Before the name of a view, as DuckDB knows it."""
Row = tuple[object, ...]
Rows = Callable[[Catalog, str], Iterator[Row]]
_TEXT, _WHOLE = text_of(4000), OraType(Kind.NUMBER, scale=0)


def dictionary_types(view: str) -> dict[str, OraType] | None:
    """The columns of a view of the dictionary; None if there is no such view."""
    found = _view(view)
    return {name: _WHOLE if whole else _TEXT for name, whole in found[0].items()} if found else None


def dictionary_table(view: str, catalog: Catalog, user: str) -> pa.Table:
    """What a view of the dictionary shows to a user."""
    found = _view(view)
    if found is None:
        raise LookupError(view)
    columns, rows = found
    types = [pa.int64() if whole else pa.string() for whole in columns.values()]
    names = list(columns)
    owners = [name for name in names if name in {"OWNER", "INDEX_OWNER"}]
    shown = [list(row) for row in rows(catalog, user)]
    if view.startswith("USER_") and owners:
        place = names.index(owners[0])
        shown = [row for row in shown if row[place] == user]
    arrays = [pa.array([row[place] for row in shown], kind) for place, kind in enumerate(types)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(list(zip(names, types, strict=True))))


def _view(view: str) -> tuple[dict[str, bool], Rows] | None:
    prefix, _, rest = view.partition("_")
    return _VIEWS.get(f"ALL_{rest}" if prefix in {"USER", "DBA"} else view)


def _nothing(_: Catalog, __: str) -> Iterator[Row]:
    yield from ()


def _users(catalog: Catalog, _: str) -> Iterator[Row]:
    yield from ((user, number) for number, user in enumerate(catalog.users))


def _tables(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        if table.query is None:
            name = table.name
            yield name.owner, name.name, "USERS", None, None, "N", "NO", "DISABLED", None, "YES", None


def _views(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        if table.query is not None:
            yield table.name.owner, table.name.name, table.query, len(table.query), None


def _objects(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        kind = "TABLE" if table.query is None else "VIEW"
        yield table.name.owner, table.name.name, None, kind, "VALID", "N"
        for index in _all_indexes(table):
            yield table.name.owner, index[0], None, "INDEX", "VALID", "N"


def _columns(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        for place, column in enumerate(table.columns, 1):
            kind = column.type
            yield (
                table.name.owner,
                table.name.name,
                column.name,
                kind.title,
                None,
                kind.length,
                kind.precision,
                kind.scale,
                "Y" if column.nullable else "N",
                place,
                place,
                column.default,
                (kind.size or 0) if kind.kind in TEXTS else 0,
                ("C" if kind.in_chars else "B") if kind.size and kind.kind in TEXTS else None,
                "NO",
                "NO",
                "NO",
                "NO",
            )


def _constraints(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        for key in table.keys:
            target = _referenced(catalog, key)
            index = key.name if key.kind in {"P", "U"} else None
            yield (
                table.name.owner,
                key.name,
                key.kind,
                table.name.name,
                key.condition,
                key.references.owner if key.references else None,
                target.name if target else None,
                (key.on_delete or "NO ACTION") if key.kind == "R" else None,
                "ENABLED",
                "GENERATED NAME" if key.name.startswith("SYS_C") else "USER NAME",
                index,
            )


def _referenced(catalog: Catalog, key: Key) -> Key | None:
    """The key that a foreign key points to."""
    target = catalog.find(key.references) if key.references else None
    if target is None:
        return None
    wanted = key.referenced or (target.primary_key.columns if target.primary_key else ())
    return next((one for one in target.keys if one.kind in {"P", "U"} and one.columns == wanted), None)


def _constraint_columns(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        for key in table.keys:
            for place, column in enumerate(key.columns, 1):
                position = None if key.kind == "C" else place
                yield table.name.owner, key.name, table.name.name, column, position


def _all_indexes(table: Table) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """With those that stand behind keys."""
    for key in table.keys:
        if key.kind in {"P", "U"}:
            yield key.name, key.columns, True
    for index in table.indexes:
        yield index.name, index.columns, index.unique


def _indexes(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        owner = table.name.owner
        for name, _, unique in _all_indexes(table):
            kind = "UNIQUE" if unique else "NONUNIQUE"
            yield owner, name, "NORMAL", owner, table.name.name, "TABLE", kind, "DISABLED", None, "VALID"


def _index_columns(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        owner = table.name.owner
        for name, columns, _ in _all_indexes(table):
            for place, column in enumerate(columns, 1):
                yield owner, name, owner, table.name.name, column, place, "ASC"


def _table_comments(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        kind = "TABLE" if table.query is None else "VIEW"
        yield table.name.owner, table.name.name, kind, table.comment


def _column_comments(catalog: Catalog, user: str) -> Iterator[Row]:
    for table in catalog.tables(user):
        for column in table.columns:
            yield table.name.owner, table.name.name, column.name, column.comment


def _settings(_: Catalog, __: str) -> Iterator[Row]:
    yield "NLS_NUMERIC_CHARACTERS", ".,"
    yield "NLS_CHARACTERSET", "AL32UTF8"
    yield "NLS_NCHAR_CHARACTERSET", "AL16UTF16"
    yield "NLS_SORT", "BINARY"
    yield "NLS_COMP", "BINARY"
    yield "NLS_DATE_FORMAT", "DD-MON-RR"


def _version(_: Catalog, __: str) -> Iterator[Row]:
    yield "Oracle Database 19c Enterprise Edition ", "19.0.0.0.0", "19.3.0.0.0", "Production"


def _shown(columns: str, rows: Rows = _nothing) -> tuple[dict[str, bool], Rows]:
    """Columns with `#` are whole numbers."""
    return {name.rstrip("#"): name.endswith("#") for name in columns.split()}, rows


_OWNED_COLUMN = "OWNER TABLE_NAME COLUMN_NAME"
_COLUMN_VIEW = _shown(
    f"{_OWNED_COLUMN} DATA_TYPE DATA_TYPE_OWNER DATA_LENGTH# DATA_PRECISION# DATA_SCALE# NULLABLE COLUMN_ID# "
    "INTERNAL_COLUMN_ID# DATA_DEFAULT CHAR_LENGTH# CHAR_USED HIDDEN_COLUMN VIRTUAL_COLUMN DEFAULT_ON_NULL "
    "IDENTITY_COLUMN",
    _columns,
)
_VIEWS: dict[str, tuple[dict[str, bool], Rows]] = {
    "ALL_USERS": _shown("USERNAME USER_ID#", _users),
    "ALL_TABLES": _shown(
        "OWNER TABLE_NAME TABLESPACE_NAME IOT_NAME DURATION TEMPORARY NESTED COMPRESSION COMPRESS_FOR LOGGING "
        "NUM_ROWS#",
        _tables,
    ),
    "ALL_VIEWS": _shown("OWNER VIEW_NAME TEXT TEXT_LENGTH# VIEW_TYPE", _views),
    "ALL_OBJECTS": _shown("OWNER OBJECT_NAME SUBOBJECT_NAME OBJECT_TYPE STATUS TEMPORARY", _objects),
    "ALL_TAB_COLS": _COLUMN_VIEW,
    "ALL_TAB_COLUMNS": _COLUMN_VIEW,
    "ALL_CONSTRAINTS": _shown(
        "OWNER CONSTRAINT_NAME CONSTRAINT_TYPE TABLE_NAME SEARCH_CONDITION R_OWNER R_CONSTRAINT_NAME "
        "DELETE_RULE STATUS GENERATED INDEX_NAME",
        _constraints,
    ),
    "ALL_CONS_COLUMNS": _shown("OWNER CONSTRAINT_NAME TABLE_NAME COLUMN_NAME POSITION#", _constraint_columns),
    "ALL_INDEXES": _shown(
        "OWNER INDEX_NAME INDEX_TYPE TABLE_OWNER TABLE_NAME TABLE_TYPE UNIQUENESS COMPRESSION PREFIX_LENGTH# "
        "STATUS",
        _indexes,
    ),
    "ALL_IND_COLUMNS": _shown(
        "INDEX_OWNER INDEX_NAME TABLE_OWNER TABLE_NAME COLUMN_NAME COLUMN_POSITION# DESCEND", _index_columns
    ),
    "ALL_IND_EXPRESSIONS": _shown(
        "INDEX_OWNER INDEX_NAME TABLE_OWNER TABLE_NAME COLUMN_EXPRESSION COLUMN_POSITION#"
    ),
    "ALL_TAB_COMMENTS": _shown("OWNER TABLE_NAME TABLE_TYPE COMMENTS", _table_comments),
    "ALL_COL_COMMENTS": _shown(f"{_OWNED_COLUMN} COMMENTS", _column_comments),
    "ALL_MVIEW_COMMENTS": _shown("OWNER MVIEW_NAME COMMENTS"),
    "ALL_MVIEWS": _shown("OWNER MVIEW_NAME QUERY"),
    "ALL_SYNONYMS": _shown("OWNER SYNONYM_NAME TABLE_OWNER TABLE_NAME DB_LINK"),
    "ALL_SEQUENCES": _shown("SEQUENCE_OWNER SEQUENCE_NAME"),
    "ALL_TAB_IDENTITY_COLS": _shown(f"{_OWNED_COLUMN} GENERATION_TYPE SEQUENCE_NAME IDENTITY_OPTIONS"),
    "ALL_DB_LINKS": _shown("OWNER DB_LINK"),
    "NLS_SESSION_PARAMETERS": _shown("PARAMETER VALUE", _settings),
    "NLS_DATABASE_PARAMETERS": _shown("PARAMETER VALUE", _settings),
    "PRODUCT_COMPONENT_VERSION": _shown("PRODUCT VERSION VERSION_FULL STATUS", _version),
}
