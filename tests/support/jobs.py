"""Jobs for an engine over a ground: resources of every kind, their rows, and the marker that goes with them."""

from __future__ import annotations

from dataclasses import replace

from databridge.apply.engine import Fill, Job
from databridge.model.address import Address
from databridge.model.cursorvalue import typed
from databridge.model.marker import MarkedResource, Marker, Owner
from databridge.model.resource import FileResource, Mode, TableResource, WriteDisposition
from databridge.model.spec import resource_spec
from databridge.model.window import Window
from tests.support.grounds import LANDING, SHOP, Ground, Row

Resource = TableResource | FileResource

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="at")
EVENTS = TableResource(name="events", mode=Mode.INCREMENTAL, cursor_field="at")
CUSTOMERS = TableResource(name="customers", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
COUNTRIES = TableResource(name="countries")
RATES = TableResource(name="rates", write_disposition=WriteDisposition.REPLACE)
VISITS = FileResource(name="visits", glob="visits/*")
LOGS = FileResource(name="logs", glob="logs/*", on_change="append")


def rows(*ids: int, at: int | None = None, v: int = 0) -> list[Row]:
    """Rows of those ids; each has its id as its time, unless another is given."""
    return [{"id": n, "at": n if at is None else at, "v": v} for n in ids]


def job(
    ground: Ground,
    *load: Resource,
    rewind: tuple[str, ...] = (),
    drop: tuple[str, ...] = (),
    marked: tuple[Resource, ...] | None = None,
    pipeline: str = "main",
    limit: int | None = None,
) -> Job:
    """A job that loads resources and marks them, or others."""
    files = any(isinstance(resource, FileResource) for resource in load)
    return Job(
        address=Address("shop", pipeline),
        place=ground.place(f"shop_{pipeline}"),
        source=(LANDING if files else SHOP) if load else None,
        rewind=rewind,
        drop_data=drop,
        load=load,
        marker=marker(*(load if marked is None else marked), pipeline=pipeline),
        limit=limit,
    )


def filling(
    ground: Ground,
    resource: TableResource,
    start: int | None,
    end: int,
    *,
    again: Window | None = None,
    pipeline: str = "main",
) -> Job:
    """A job that loads a range of a resource, and marks it as loaded."""
    window = window_of(start, end)
    marked = MarkedResource(spec=resource_spec(resource), backfilled=(window,))
    return replace(
        job(ground, marked=(), pipeline=pipeline),
        source=SHOP,
        fill=Fill(resource, window, again),
        marker=marker(pipeline=pipeline).with_resources({resource.name: marked}),
    )


def window_of(start: int | None, end: int) -> Window:
    return Window(start=None if start is None else typed(start), end=typed(end))


def marker(*resources: Resource, pipeline: str = "main") -> Marker:
    return Marker(
        owner=Owner(project="demo", target="dev", stack="shop", pipeline=pipeline),
        spec={"dataset": "raw"},
        resources={r.name: MarkedResource(spec=resource_spec(r)) for r in resources},
    )


def cursor(ground: Ground, resource: str, path: str = "at") -> object:
    state = ground.stored().state
    known = state.resources[resource].cursor(path) if state and resource in state.resources else None
    return known.last_value if known else None
