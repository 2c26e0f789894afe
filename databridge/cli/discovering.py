"""The conversation of a discovery: look at a source, set it beside the stacks, and write what they lack or show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from databridge.cli.named import copied, named, names_of
from databridge.cli.newstack import require_free, stack_file, write_stack
from databridge.cli.options import PlanFormat, TextFormat
from databridge.cli.output import answer, tell
from databridge.cli.printing import print_plan
from databridge.cli.sourceurl import source_at
from databridge.cli.workplace import Workplace, now, open_workplace, plan_options
from databridge.config.catalog import Written
from databridge.config.document import Document, parse_document
from databridge.config.rules import breaches, can_merge
from databridge.config.stacktext import resources_text, stack_text
from databridge.engine.settings import enforce
from databridge.model.destination import Destination, DuckDbDestination
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.foundtable import FoundSchema
from databridge.model.resource import Mode, TableResource
from databridge.model.source import TABLE_SOURCES, Source
from databridge.plan.discovery import Discovery, discovery_of, drafted, drafted_pipeline
from databridge.plan.identity import name_in_stack
from databridge.plan.plan import Plan
from databridge.plan.planner import make_plan
from databridge.render.discovery import discovery_json, lacking_text, summary

_NEW_WAREHOUSE = "destinations:\n  warehouse:\n    type: duckdb\n    path: data/warehouse.duckdb\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be discovered."""

    source: str | None
    url: str | None = None
    destination: str | None = None
    schemas: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    out: str | None = None


@dataclass(frozen=True, slots=True)
class _Goal:
    """A destination, and how a new stack says it."""

    name: str
    value: Destination
    copied: dict[str, Document]
    remark: str = ""


def discover_now(wanted: Wanted, target: str | None, var: Iterable[str] | None, *, form: TextFormat) -> int:
    """Discover, and write or show what no stack has yet; the exit code.

    Raises:
        DatabridgeError: the source can't be looked at, or the stack would not be a valid one; nothing is written then.
    """
    place = open_workplace(target, var)
    name, source = _source(wanted, place)
    file, stack = stack_file(wanted.out or _free_name(name_in_stack(name), place), option="--out")
    if wanted.out:
        require_free(place.root, file, option="--out")
    goal = _goal(wanted, source.value, place)
    discoveries = [
        _discovery(each, source.value, goal.value, place) for each in _found(wanted, source.value, place)
    ]
    _require_tables(discoveries, name)
    new = any(table.is_new for each in discoveries for table in each.tables)
    draft = drafted(
        discoveries, stack=stack, source=name, destination=goal.name, destination_remark=goal.remark
    )
    text = stack_text(draft, sources=copied(name, source), destinations=goal.copied) if new else ""
    plan = _plan(target, var, file, text, stack) if new else None
    if wanted.out and new:
        write_stack(place.root, file, text, option="--out")
        tell(f"Wrote {file}.")
    if form is TextFormat.JSON:
        written = file if wanted.out and new else None
        answer(discovery_json(name, discoveries, file=written, text=text or None, plan=plan))
        return ExitCode.DONE
    tell(summary(discoveries))
    if wanted.out and plan:
        print_plan(plan, PlanFormat.TEXT, explain=False)
    elif new:
        answer(_lacking(discoveries, name, goal, place) or text)
    return ExitCode.DONE


def _source(wanted: Wanted, place: Workplace) -> tuple[str, Written[Source]]:
    if bool(wanted.source) == bool(wanted.url):
        known = ", ".join(names_of(place.project.sources)[:8])
        raise DatabridgeError.of(
            "DB650",
            "it takes a source: its name, or its --url",
            hint=f"Name one: {known}"
            if known
            else "Write: --url 'postgresql+psycopg://reader:${secret.NAME}@host/database'",
        )
    if wanted.url:
        name, given = source_at(wanted.url)
        there = [(name, each) for name, found in place.project.sources.items() for each in found]
        return next((known for known in there if known[1].value == given.value), (name, given))
    found = named("source", wanted.source or "", place.project.sources)
    name = (wanted.source or "").rpartition(".")[2]
    if not isinstance(found.value, TABLE_SOURCES):
        raise DatabridgeError.of(
            "DB651",
            f"the source `{name}` is of type {found.value.type}, which has no tables",
            hint="Write a resource with a `glob` for each set of files.",
        )
    return name, found


def _goal(wanted: Wanted, source: Source, place: Workplace) -> _Goal:
    """The destination that is named, or the only one that may be meant."""
    written = place.project.destinations
    if wanted.destination:
        return _named_goal(wanted.destination, place)
    used = [p.destination for s in place.project.desired.stacks for p in s.pipelines if p.source == source]
    there = [(name, each) for name, found in written.items() for each in found]
    meant = [(name, each) for name, each in there if not used or each.value in used]
    if meant and all(each.value == meant[0][1].value for _, each in meant):
        name, only = meant[0]
        return _Goal(name, only.value, copied(name, only))
    if written:
        raise DatabridgeError.of(
            "DB650",
            "it takes a destination, for there are several",
            hint=f"Add --destination with one of: {', '.join(names_of(written))}",
        )
    document = parse_document("stacks", _NEW_WAREHOUSE)
    value = DuckDbDestination(type="duckdb", path="data/warehouse.duckdb")
    remark = "The project has no destination yet; the one below is a file to begin with."
    return _Goal("warehouse", value, {"warehouse": document}, remark)


def _named_goal(name: str, place: Workplace) -> _Goal:
    found = named("destination", name, place.project.destinations)
    return _Goal(name.rpartition(".")[2], found.value, copied(name, found))


def _free_name(name: str, place: Workplace) -> str:
    """The name of a stack that nobody wrote yet."""
    taken = {stack.name for stack in place.project.desired.stacks}
    return next(n for n in (name, f"{name}_tables", *(f"{name}_{i}" for i in range(2, 99))) if n not in taken)


def _found(wanted: Wanted, source: Source, place: Workplace) -> list[FoundSchema]:
    enforce()  # before dlt is imported
    from databridge.engine.discover import found_schema

    assert isinstance(source, TABLE_SOURCES)
    return [
        found_schema(
            source,
            schema=schema,
            include=wanted.include,
            exclude=wanted.exclude,
            root=place.root,
            secrets=place.secrets,
        )
        for schema in wanted.schemas or (None,)
    ]


def _discovery(found: FoundSchema, source: Source, destination: Destination, place: Workplace) -> Discovery:
    refusals = {}
    for table in found.tables:
        resource = TableResource(name=table.name, mode=Mode.SNAPSHOT, load_date=False)
        for breach in breaches(resource, destination):
            refusals[table.name] = breach.summary[:1].lower() + breach.summary[1:]
    return discovery_of(
        found,
        source,
        place.project.desired,
        merges=can_merge(destination),
        refusals=refusals,
    )


def _require_tables(discoveries: list[Discovery], name: str) -> None:
    if not any(each.tables or each.schema.left_out for each in discoveries):
        raise DatabridgeError.of(
            "DB651",
            f"the source `{name}` has no table or view there that may be seen",
            hint="See that --schema, --include and --exclude are right, and that the user may read: databridge doctor",
        )


def _plan(target: str | None, var: Iterable[str] | None, file: str, text: str, stack: str) -> Plan:
    place = open_workplace(target, var, draft=parse_document(file, text))
    recorded = place.observe(refresh=True)
    options = place.options(plan_options([stack], None), recorded)
    return make_plan(place.project.desired, recorded, now=now(), options=options)


def _lacking(discoveries: list[Discovery], name: str, goal: _Goal, place: Workplace) -> str:
    """What the pipelines that load from the source lack; empty where there are none."""
    files = {stack.name: stack.file for stack in place.project.desired.stacks}
    return "".join(
        lacking_text(
            files[each.neighbours[0].stack],
            each.neighbours[0],
            # That pipeline's own defaults are not known here, so each resource says all of it.
            resources_text(
                replace(drafted_pipeline(each, each.neighbours[0], name, goal.name, ""), defaults={})
            ),
        )
        for each in discoveries
        if each.neighbours and any(table.is_new for table in each.tables)
    )
