"""Drivers ask which types there are before they send a parameter: without the answer they send times of whole seconds."""

from __future__ import annotations

_TYPES = (
    ("nvarchar", -9, 4000, "'", 0, 0),
    ("varbinary", -3, 8000, "0x", 0, 0),
    ("bit", -7, 1, None, 0, 0),
    ("bigint", -5, 19, None, 0, 0),
    ("decimal", 3, 38, None, 0, 38),
    ("int", 4, 10, None, 0, 0),
    ("float", 6, 53, None, 0, 0),
    ("varchar", 12, 8000, "'", 0, 0),
    ("date", 91, 10, "'", 0, 0),
    ("datetime2", 93, 27, "'", 0, 7),
    ("datetime", 93, 23, "'", 3, 3),
    ("time", -154, 16, "'", 0, 7),
    ("datetimeoffset", -155, 34, "'", 0, 7),
    ("uniqueidentifier", -11, 36, "'", 0, 0),
)
"""Name, number in ODBC, size, what a literal begins with, smallest and largest scale."""


def type_info(number: int) -> str:
    """The query that sp_datatype_info answers; 0 asks for all types."""
    rows = [row for row in _TYPES if number in {0, row[1]}] or [_TYPES[0]]
    where = "" if any(number in {0, row[1]} for row in _TYPES) else " WHERE 1 = 0"
    return " UNION ALL ".join(_row(*row) + where for row in rows)


def _row(name: str, number: int, size: int, prefix: str | None, low: int, high: int) -> str:
    quoted = "CAST(NULL AS nvarchar(32))" if prefix is None else "N'" + prefix.replace("'", "''") + "'"
    small = [f"CAST({value} AS smallint)" for value in (number, 1, 0, 3, low, high)]
    data_type, nullable, case_sensitive, searchable, lowest, highest = small
    no_word = "CAST(NULL AS nvarchar(32))"
    no_number = "CAST(NULL AS smallint)"
    return (
        f"SELECT CAST(N'{name}' AS nvarchar(128)) AS TYPE_NAME, {data_type} AS DATA_TYPE, {size} AS PRECISION,"
        f" {quoted} AS LITERAL_PREFIX, {quoted} AS LITERAL_SUFFIX, {no_word} AS CREATE_PARAMS, {nullable} AS NULLABLE,"
        f" {case_sensitive} AS CASE_SENSITIVE, {searchable} AS SEARCHABLE, {no_number} AS UNSIGNED_ATTRIBUTE,"
        f" {case_sensitive} AS MONEY, {no_number} AS AUTO_INCREMENT, CAST(N'{name}' AS nvarchar(128)) AS LOCAL_TYPE_NAME,"
        f" {lowest} AS MINIMUM_SCALE, {highest} AS MAXIMUM_SCALE, {data_type} AS SQL_DATA_TYPE,"
        f" {no_number} AS SQL_DATETIME_SUB, {no_number} AS NUM_PREC_RADIX, {no_number} AS INTERVAL_PRECISION,"
        f" {case_sensitive} AS USERTYPE"
    )
