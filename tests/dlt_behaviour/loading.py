"""Each change is made by plain dlt loads, many changes in one pipeline; those that break a load are made alone, and found by halving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltResource
from dlt.pipeline.exceptions import PipelineStepFailed

from databridge.plan.dltbehaviour import Outcomes
from databridge.plan.dltchange import Rows
from tests.dlt_behaviour.classifier import classify
from tests.dlt_behaviour.grounds import Ground
from tests.dlt_behaviour.scenario import Load, Scenario, Where, row
from tests.dlt_behaviour.sighting import Failure, Sighting, Table

OLD = "@old"
OTHER = (Where.OTHER_DESTINATION, Where.OTHER_DESTINATION_IN_USE)
IN_USE = (Where.OTHER_DATASET_IN_USE, Where.OTHER_DESTINATION_IN_USE)


class Broken(Exception):
    """A load that meets a change did not end well."""

    def __init__(self, before: dict[Scenario, Sighting], pipeline: Pipeline) -> None:
        self.before = before
        self.pipeline = pipeline


class Pipeline:
    """One dlt pipeline with its working folder, opened anew for each load."""

    def __init__(self, ground: Ground, rows: Rows, name: str, folder: Path) -> None:
        self.name = name
        self._ground = ground
        self._rows = rows
        self._folder = folder

    def run(self, loads: Mapping[Scenario, Load]) -> Mapping[str, int]:
        """Load, and tell how many rows were read for each table."""
        where = next(iter(loads.values())).where
        resources = [
            _resource(load.table or change.change.value, load, self._rows) for change, load in loads.items()
        ]
        if where in IN_USE:
            neighbour = _resource("neighbour", Load((row(1),)), self._rows)
            self._opened(where, f"{self.name}_neighbour").run(neighbour, loader_file_format="parquet")
        opened = self._opened(where)
        opened.run(resources, loader_file_format="parquet")
        info = opened.last_trace.last_normalize_info if opened.last_trace else None
        return info.row_counts if info else {}

    def sighted(self, scenarios: Iterable[Scenario], read: Mapping[str, int]) -> dict[Scenario, Sighting]:
        """What there is of each change after its loads."""
        state: Any = self._opened(Where.HERE).state
        here = self._tables(Where.HERE)
        return {each: self._sighting(each, here, state, read) for each in scenarios}

    def _sighting(
        self, scenario: Scenario, here: Mapping[str, Table], state: Any, read: Mapping[str, int]
    ) -> Sighting:
        tables = {
            name if scenario.stays else name + OLD: table
            for name, table in here.items()
            if name.split("__")[0] in scenario.tables
        }
        if not scenario.stays:
            tables |= self._tables(scenario.loads[-1].where)
        kept = [
            resource.get("incremental", {})
            for source in state.get("sources", {}).values()
            for name, resource in source.get("resources", {}).items()
            if name in scenario.tables
        ]
        return Sighting(
            tables=tables,
            cursors=frozenset(path for cursors in kept for path in cursors),
            read=read.get(scenario.asked.table, 0),
        )

    def _tables(self, where: Where) -> dict[str, Table]:
        return self._ground.tables(self._dataset(where), other=where in OTHER)

    def _dataset(self, where: Where) -> str:
        return self.name if where in (Where.HERE, *OTHER) else f"{self.name}_moved"

    def _opened(self, where: Where, name: str = "") -> dlt.Pipeline:
        return dlt.pipeline(
            name or self.name,
            pipelines_dir=str(self._folder),
            destination=self._ground.destination(other=where in OTHER),
            dataset_name=self._dataset(where),
        )


class Bench:
    """Makes changes at one destination, with rows that take one way."""

    def __init__(self, ground: Ground, rows: Rows, folder: Path) -> None:
        self._ground = ground
        self._rows = rows
        self._folder = folder
        self._numbers = count(1)

    def observe(self, scenarios: Sequence[Scenario], apart: Iterable[Scenario]) -> dict[Scenario, Outcomes]:
        """What comes of each change.

        Args:
            scenarios: all of them.
            apart: those that are known to break a load; made alone from the start, which is quicker than finding them.
        """
        alone = {*apart, *(each for each in scenarios if not each.stays)}
        found = dict(self._together([each for each in scenarios if each not in alone]))
        for each in scenarios:
            if each in alone:
                found.update(self._together([each]))
        return found

    def _together(self, scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Outcomes]]:
        if not scenarios:
            return
        try:
            before, after = self._played(scenarios)
        except Broken as broken:
            if len(scenarios) > 1:
                half = len(scenarios) // 2
                yield from self._together(scenarios[:half])
                yield from self._together(scenarios[half:])
                return
            before = broken.before
            after = {scenarios[0]: Sighting(failure=self._failure(scenarios[0], broken))}
        for each in scenarios:
            yield each, classify(before[each], after[each], each.asked)

    def _played(
        self, scenarios: Sequence[Scenario]
    ) -> tuple[dict[Scenario, Sighting], dict[Scenario, Sighting]]:
        pipeline = Pipeline(
            self._ground, self._rows, f"{self._rows}_{next(self._numbers)}", self._folder / "pipelines"
        )
        read = dict(pipeline.run({each: each.loads[0] for each in scenarios}))
        before = pipeline.sighted(scenarios, read)
        for step in range(1, max(len(each.loads) for each in scenarios)):
            loads = {each: each.loads[step] for each in scenarios if step < len(each.loads)}
            try:
                made = pipeline.run(loads)
            except PipelineStepFailed as error:
                raise Broken(before, pipeline) from error
            read |= {each.asked.table: made.get(each.asked.table, 0) for each in loads}
        return before, pipeline.sighted(scenarios, read)

    def _failure(self, scenario: Scenario, broken: Broken) -> Failure:
        """Whether it lasts is seen by undoing the change, and loading a row more."""
        first = scenario.loads[0]
        undone = replace(first, rows=({**first.rows[0], **row(99)},))
        lasting = True
        with suppress(PipelineStepFailed):
            broken.pipeline.run({scenario: undone})
            lasting = False
        return Failure(str(broken.__cause__), lasting)


def _resource(name: str, load: Load, rows: Rows) -> DltResource:
    plain = [dict(each) for each in load.rows]
    resource: DltResource = dlt.resource(
        [_arrow(plain, load.kinds)] if rows is Rows.ARROW else plain, name=name
    )
    resource.apply_hints(
        write_disposition=load.disposition,
        primary_key=list(load.primary_key) or None,
        merge_key=load.merge_key or None,
        columns=dict(load.columns) or None,
        schema_contract=load.contract,
        incremental=dlt.sources.incremental(load.cursor, initial_value=load.initial) if load.cursor else None,
    )
    return resource


def _arrow(rows: list[dict[str, object]], kinds: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.table({name: pa.array([each[name] for each in rows], kinds.get(name)) for name in rows[0]})
