"""A column of Parquet files gets another type in files that are written anew beside them, and take their places once all are whole.

Each takes the place of one that holds the same rows, in one step; one that has the new type already is left as it is. So what was
broken off is done again from its start, there or back. A file's other columns and its row groups stay as they are.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as kinds
from dlt.common.libs.pyarrow import get_py_arrow_datatype
from dlt.common.schema.typing import TColumnSchema
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient

from databridge.engine.culprit import culprit
from databridge.engine.lossy import lossy
from databridge.engine.rename import files_of
from databridge.model.diagnostic import DatabridgeError
from databridge.model.retyping import Retyped

_SHADOWS = "_databridge_shadow"
"""What the name of the folder ends with in which files are written; it lies beside that of the dataset, where dlt never looks."""

_Kinds = Mapping[str, pa.DataType]


def refuse_lossy(client: FilesystemClient, columns: Sequence[Retyped]) -> None:
    """See that each value in the files survives the way to its new type and back.

    Raises:
        DatabridgeError: one does not, or a file is none of Parquet (DB538).
    """
    for table in dict.fromkeys(each.table for each in columns):
        changed = {each.column: each for each in columns if each.table == table}
        wanted = _kinds(client, changed.values())
        for path in files_of(client, table):
            if not path.endswith(".parquet"):
                each = next(iter(changed.values()))
                why = f"{posixpath.basename(path)} is no Parquet file"
                raise lossy(each.column, each.before, each.after, why)
            for rows in _row_groups(client, path, wanted):
                for name, column in zip(rows.column_names, rows.columns, strict=True):
                    _refuse(changed[name], column, wanted[name])


def write_anew(client: FilesystemClient, table: str, columns: Sequence[Retyped]) -> Iterator[str]:
    """Write a table's files with the new types, and let them take the places of the old ones.

    Args:
        client: its dataset has the table.
        table: its name.
        columns: of the table; all of their values survive it.

    Yields:
        Each file that has taken its place.
    """
    shadows = posixpath.join(client.bucket_path, f"{client.dataset_name}{_SHADOWS}", table)
    _remove(client, shadows)  # of one that died
    wanted = _kinds(client, columns)
    written = {}
    for path in files_of(client, table):
        shadow = posixpath.join(shadows, posixpath.basename(path))
        if _write(client, path, shadow, wanted):
            _require_alike(client, path, shadow)
            written[path] = shadow
    for path, shadow in written.items():
        if client.is_local_filesystem:
            client.fs_client.mv(shadow, path)
        else:  # there what is copied is there as a whole, or not at all
            client.fs_client.cp_file(shadow, path)
        yield path
    _remove(client, shadows)


def _write(client: FilesystemClient, path: str, shadow: str, wanted: _Kinds) -> bool:
    """Write a file with these types; False where it has them, or lacks the columns."""
    with client.fs_client.open(path, "rb") as source:
        file = pq.ParquetFile(source)
        before = file.schema_arrow
        fields = [field.with_type(wanted.get(field.name, field.type)) for field in before]
        after = pa.schema(fields, before.metadata)
        if after.equals(before):
            return False
        client.fs_client.makedirs(posixpath.dirname(shadow), exist_ok=True)
        with client.fs_client.open(shadow, "wb") as target, pq.ParquetWriter(target, after) as writer:
            for number in range(file.num_row_groups):
                rows = file.read_row_group(number)
                cast = [_cast(c, f.type) for c, f in zip(rows.columns, fields, strict=True)]
                writer.write_table(pa.table(cast, schema=after), row_group_size=max(1, len(rows)))
    return True


def _require_alike(client: FilesystemClient, path: str, shadow: str) -> None:
    """See that a file holds the same rows as the one that it was made of, row by row and value by value."""
    with client.fs_client.open(path, "rb") as old, client.fs_client.open(shadow, "rb") as new:
        before, after = pq.ParquetFile(old), pq.ParquetFile(new)
        alike = before.metadata.num_rows == after.metadata.num_rows
        for number in range(before.num_row_groups if alike else 0):
            was, rows = before.read_row_group(number), after.read_row_group(number)
            alike = alike and all(
                _same(a, _cast(b, a.type)) for a, b in zip(was.columns, rows.columns, strict=True)
            )
    if not alike:
        raise DatabridgeError.of(
            "DB544",
            f"what was written of {posixpath.basename(path)} does not hold the same rows",
            detail="The files are as they were.",
            hint="See that nobody else writes to them, then apply again.",
        )


def _row_groups(client: FilesystemClient, path: str, wanted: _Kinds) -> Iterator[pa.Table]:
    """Those columns, as far as the file has them and they are not of their type already."""
    with client.fs_client.open(path, "rb") as source:
        file = pq.ParquetFile(source)
        names = [f.name for f in file.schema_arrow if not f.type.equals(wanted.get(f.name, f.type))]
        for number in range(file.num_row_groups if names else 0):
            yield file.read_row_group(number, columns=names)


def _refuse(each: Retyped, column: pa.ChunkedArray, kind: pa.DataType) -> None:
    if not _survives(column, kind):
        value = culprit(column.drop_null(), lambda some: _survives(some, kind))[0].as_py()
        raise lossy(each.column, each.before, each.after, f"`{value}` would change")


def _survives(column: pa.ChunkedArray, kind: pa.DataType) -> bool:
    try:
        return _same(column, _cast(_cast(column, kind), column.type))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """The column in another type, as later loads would write it.

    Raises:
        pa.ArrowInvalid: a value has none there.
    """
    if kinds.is_integer(column.type) and kinds.is_decimal(kind):
        # By itself Arrow asks for 19 digits before the point, whatever the values.
        column = column.cast(pa.decimal256(76, 38))
    cast = column.cast(kind)
    cast.validate(full=True)
    return cast


def _same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    if kinds.is_floating(one.type):  # NaN is not equal to itself
        either = pc.or_(pc.is_nan(one), pc.is_nan(other))
        if not pc.is_nan(one).equals(pc.is_nan(other)):
            return False
        one, other = (pc.if_else(either, None, each) for each in (one, other))
    return bool(one.equals(other))


def _kinds(client: FilesystemClient, columns: Iterable[Retyped]) -> _Kinds:
    """The type in which loads write each column from now on."""
    found = {}
    for each in columns:
        hints: TColumnSchema = {"name": each.column}
        hints.update(each.after.model_dump(exclude_none=True))  # type: ignore[typeddict-item]  # dlt's words, as they came
        found[each.column] = get_py_arrow_datatype(hints, client.capabilities, "UTC")
    return found


def _remove(client: FilesystemClient, folder: str) -> None:
    with suppress(FileNotFoundError):
        client.fs_client.rm(folder, recursive=True)
    with suppress(OSError):  # others may lie there, or there are no folders
        client.fs_client.rmdir(posixpath.dirname(folder))
