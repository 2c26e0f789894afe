"""A database by URL is opened here for dlt, and asked what takes any dialect's words: its columns, and the rows at a cursor's value."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from dlt.common.libs.pyarrow import to_arrow_scalar
from dlt.destinations import sqlalchemy
from dlt.destinations.impl.sqlalchemy.db_api_client import SqlalchemyClient
from dlt.destinations.impl.sqlalchemy.sqlalchemy_job_client import SqlalchemyJobClient

from databridge.engine.sqltypes import use_for
from databridge.model.destination import SqlDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import resolve_path
from databridge.model.secret import Secrets
from databridge.warehouse.sql import connecting
from databridge.warehouse.unreachable import Unreachable


def database_at(destination: SqlDestination, root: Path, secrets: Secrets) -> sqlalchemy:
    """dlt's way into a database; it closes what it opens, so that a file of SQLite is whole once nobody uses it.

    Args:
        destination: the database.
        root: the project's folder.
        secrets: for its credentials.

    Raises:
        DatabridgeError: a secret is missing, or the driver.
    """
    use_for(destination.parts.dialect)
    # dlt still leaves to SQLAlchemy what that will not guess for ever.
    warnings.filterwarnings("ignore", "implicitly coercing SELECT", sa.exc.SAWarning)
    if destination.path is not None:
        Path(resolve_path(str(root), destination.path)).parent.mkdir(parents=True, exist_ok=True)
    try:
        how = connecting(destination, root=root, secrets=secrets)
    except Unreachable as error:
        raise DatabridgeError.of("DB512", f"{destination.title} can't be used: {error}") from None
    return sqlalchemy(
        how.url.render_as_string(hide_password=False),
        engine_kwargs=how.options,
        replace_strategy="insert-from-staging",  # replaced tables change hands in one transaction
        loader_parallelism_strategy="sequential" if destination.path is not None else "parallel",
    )


def columns_in(client: SqlalchemyClient, dataset: str) -> dict[str, set[str]]:
    """The tables of a dataset with their columns; none where there is no such dataset.

    Args:
        client: connected.
        dataset: its name.
    """
    found: dict[str, set[str]] = {}
    with client.with_alternative_dataset_name(dataset):
        if not client.has_dataset():
            return found
        with client.begin_transaction(), warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # somebody else's table may have any type
            inspector = sa.inspect(client.native_connection)
            for (_, table), columns in inspector.get_multi_columns(schema=dataset).items():
                found[table] = {column["name"] for column in columns}
    return found


def rows_in(
    client: SqlalchemyJobClient,
    table: str,
    columns: Sequence[str],
    cursor: str,
    value: object | None,
    kind: pa.DataType,
) -> pa.Table:
    """The rows of a table at one value of its cursor, or at the greatest.

    Args:
        client: connected.
        table: its name there.
        columns: which columns, by their names there.
        cursor: the cursor's column, by its name there.
        value: the cursor's; the greatest one when None.
        kind: the type of the cursor at the source.

    Raises:
        pa.ArrowInvalid: the value is none of the column's type.
    """
    known = client.prepare_load_table(table)
    hints = known["columns"]
    types: dict[str, Any] = {  # dlt declares them texts
        name: client.type_mapper.to_destination_type(hints[name], known) for name in {*columns, cursor}
    }
    stored = sa.table(
        table, *(sa.column(*each) for each in types.items()), schema=client.sql_client.dataset_name
    )
    by = stored.c[cursor]
    wanted = sa.select(sa.func.max(by)).scalar_subquery() if value is None else _plain(value, kind)
    listed = [
        sa.cast(stored.c[name], sa.Text) if hints[name].get("data_type") == "json" else stored.c[name]
        for name in columns
    ]
    with client.sql_client.execute_query(sa.select(*listed).where(by == wanted)) as found:
        rows = found.fetchall()
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pa.table(dict(zip(columns, (pa.array(list(each)) for each in values), strict=True)))


def _plain(value: object, kind: pa.DataType) -> object:
    return to_arrow_scalar(value, kind).as_py()
