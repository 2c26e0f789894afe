"""What every database is read with: a resource with a cursor, one without, and the one error that a load ends with."""

from __future__ import annotations

import pytest

from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.resource import Mode, TableResource, WriteDisposition
from databridge.model.source import TableSource
from tests.support.workbench import Workbench

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="at")


def whole(name: str, **fields: object) -> TableResource:
    """A table that each load replaces."""
    return TableResource.model_validate(
        {"name": name, "write_disposition": WriteDisposition.REPLACE, **fields}
    )


T = whole("t")


def refusal(bench: Workbench, source: TableSource, *resources: TableResource) -> Diagnostic:
    """The one error that a load ends with; of table `t` where no resource is given."""
    with pytest.raises(DatabridgeError) as raised:
        bench.load(*(resources or (T,)), source=source)
    (said,) = raised.value.diagnostics
    return said
