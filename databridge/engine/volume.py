"""Files that a dead load left in a volume go, and those that another pipeline's load may be copying stay.

dlt removes each when it is copied; one whose load died is never looked at again, for the next load brings files of its own.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt or are its own, the values are bound
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from dlt.destinations.sql_client import SqlClientBase

from databridge.engine.holdings import Tables
from databridge.locations.volume import VOLUME, VolumeFile, volume_files

_VERSION = "_dlt_version"


def clear_own(client: SqlClientBase[object], tables: Tables, schema_name: str) -> None:
    """Remove all files for the tables of a pipeline that loads nothing now.

    Args:
        client: connected to the destination.
        tables: its own; those of dlt's, that every pipeline writes, count where there is no other.
        schema_name: of its schema.
    """
    versions = client.make_qualified_table_name(_VERSION)
    others = client.execute_sql(f"SELECT 1 FROM {versions} WHERE schema_name <> %s LIMIT 1", schema_name)
    clear_volumes(client, {name for name in tables if not (others and name.startswith("_dlt"))})


def clear_volumes(client: SqlClientBase[object], tables: Collection[str]) -> None:
    """Remove the files for these tables from the volumes of a dataset and of the one that is merged from."""
    wanted = {name.lower() for name in tables}
    found = client.execute_sql(
        "SELECT volume_schema FROM information_schema.volumes"
        " WHERE lower(volume_schema) IN (%s, %s) AND lower(volume_name) = %s",
        client.dataset_name.lower(),
        client.staging_dataset_name.lower(),
        VOLUME,
    )
    for (dataset,) in found or ():
        folders: dict[str, list[VolumeFile]] = defaultdict(list)
        for file in volume_files(
            lambda statement: _rows(client, statement), str(client.database_name), dataset
        ):
            folders[file.folder].append(file)
        for folder, files in folders.items():
            gone = [file for file in files if file.table in wanted]
            for file in gone:
                client.execute_sql(f"REMOVE '{file.path}'")
            if len(gone) == len(files):
                client.execute_sql(f"REMOVE '{folder}'")


def _rows(client: SqlClientBase[object], statement: str) -> Sequence[Sequence[object]]:
    return client.execute_sql(statement) or ()
