"""A plan as people get it: decided from what is recorded, then told with the numbers of the rows that it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from databridge.apply.places import Places
from databridge.locations.wanted import RowsWanted
from databridge.model.address import Address
from databridge.model.recorded import Recorded
from databridge.model.rowcount import RowCount
from databridge.model.source import Source
from databridge.model.stack import Desired
from databridge.plan.counting import Counts, Subject, subjects, with_counts
from databridge.plan.options import PlanOptions
from databridge.plan.plan import Plan
from databridge.plan.planner import make_plan


def counted_plan(
    desired: Desired, recorded: Recorded, places: Places, *, now: datetime, options: PlanOptions
) -> Plan:
    """Make a plan, and count what it would touch; nothing is counted where it touches nothing.

    Args:
        desired: the stacks.
        recorded: what was observed.
        places: where rows are counted.
        now: the time.
        options: what the caller asks for.
    """
    plan = make_plan(desired, recorded, now=now, options=options)
    about = tuple(subjects(plan, desired, recorded))
    if not about:
        return plan
    return with_counts(plan, about, Counts(_there(about, places), _at_source(about, places)))


def _there(about: Iterable[Subject], places: Places) -> Mapping[Address, RowCount]:
    wanted = [
        RowsWanted(
            address=subject.action.address,
            dlt_name=record.dlt_name,
            schema_name=record.schema_name,
            destination=record.destination,
            dataset=record.dataset,
            resource=subject.name,
            key=subject.key,
        )
        for subject in about
        if subject.counts_there and (record := subject.record)
    ]
    return places.rows(wanted) if wanted else {}


def _at_source(about: Iterable[Subject], places: Places) -> Mapping[Address, int]:
    asked: defaultdict[Source, dict[Address, str]] = defaultdict(dict)
    for subject in about:
        if subject.pipeline and subject.source_table:
            asked[subject.pipeline.source][subject.action.address] = subject.source_table
    found: dict[Address, int] = {}
    for source, tables in asked.items():
        rows = places.source_rows(source, tuple(tables.values()))
        found |= {address: rows[table] for address, table in tables.items() if table in rows}
    return found
