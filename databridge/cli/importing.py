"""The conversation of an import: find what lies there, say what is left out, write the stack, show its plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from databridge.cli.named import copied, named
from databridge.cli.newstack import require_free, stack_file, write_stack
from databridge.cli.options import PlanFormat, TextFormat
from databridge.cli.output import answer, answer_traits, complain, tell
from databridge.cli.printing import print_plan
from databridge.cli.workplace import Workplace, now, open_workplace, plan_options
from databridge.config.document import parse_document
from databridge.config.stacktext import stack_text
from databridge.config.suggestion import did_you_mean
from databridge.locations.discovery import found_pipelines
from databridge.locations.local import read_local
from databridge.locations.sourcetables import source_tables
from databridge.model.destination import Destination
from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode, Severity
from databridge.model.foundpipeline import FoundPipeline
from databridge.model.source import Source
from databridge.plan.drafting import draft_of
from databridge.plan.plan import Plan
from databridge.plan.planner import make_plan
from databridge.plan.takeover import Origin, Takeover, WorkingFolder, refusal, take_over
from databridge.render.imports import found_json, found_table, import_json


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taken over."""

    destination: str
    source: str | None = None
    pipelines: tuple[str, ...] = ()
    """By dlt's names; all when empty."""
    dataset: str | None = None
    globs: tuple[str, ...] = ()
    """`RESOURCE=PATTERN`"""
    pipelines_dir: Path | None = None
    """dlt's working folders of the scripts."""
    stack: str | None = None
    only_list: bool = False


def list_now(wanted: Wanted, target: str | None, var: Iterable[str] | None, *, form: TextFormat) -> None:
    """Print the dlt pipelines that lie at a destination.

    Raises:
        DatabridgeError: there is no such destination, or it can't be read.
    """
    place = open_workplace(target, var)
    destination = named("destination", wanted.destination, place.project.destinations).value
    listed = _looked_at(wanted, destination, place)
    if form is TextFormat.JSON:
        answer(found_json(listed))
        return
    traits = answer_traits()
    answer(found_table(listed, destination.title, width=traits.width, color=traits.color))


def import_now(
    wanted: Wanted,
    target: str | None,
    var: Iterable[str] | None,
    *,
    apply: bool,
    auto_approve: bool,
    lock_timeout: float,
    form: TextFormat,
) -> int:
    """Write a stack for what is wanted, and show its plan or carry it out; the exit code.

    Raises:
        DatabridgeError: there is nothing to take over, or the stack would not be a valid one; nothing is written then.
    """
    place = open_workplace(target, var)
    source = named("source", wanted.source or "", place.project.sources)
    destination = named("destination", wanted.destination, place.project.destinations)
    takeovers = _takeovers(wanted, source.value, destination.value, place)
    file, name = stack_file(wanted.stack, [each.found for each in takeovers if each.resources])
    require_free(place.root, file)
    draft = draft_of(
        name,
        takeovers,
        source=wanted.source or "",
        destination=wanted.destination,
        looked=source_tables(source.value, root=place.root) is not None,
    )
    text = stack_text(
        draft,
        sources=copied(wanted.source or "", source),
        destinations=copied(wanted.destination, destination),
    )
    drafted = open_workplace(target, var, draft=parse_document(file, text))
    plan = _plan(drafted, name)
    write_stack(place.root, file, text)
    tell(f"Wrote {file}.")
    if apply:
        from databridge.cli.applying import Wishes, apply_now

        wishes = Wishes(auto_approve=auto_approve, parallelism=4, lock_timeout=lock_timeout)
        return apply_now(target, var, plan_options([name], None), wishes)
    if form is TextFormat.JSON:
        answer(import_json(file, takeovers, plan))
    else:
        print_plan(plan, PlanFormat.TEXT, explain=False)
    return ExitCode.REFUSED if plan.blocking else ExitCode.DONE


def _plan(place: Workplace, stack: str) -> Plan:
    recorded = place.observe(refresh=True)
    options = place.options(plan_options([stack], None), recorded)
    return make_plan(place.project.desired, recorded, now=now(), options=options)


def _takeovers(
    wanted: Wanted, source: Source, destination: Destination, place: Workplace
) -> tuple[Takeover, ...]:
    """What can be taken over; whatever can't is told.

    Raises:
        DatabridgeError: nothing can.
    """
    origin = Origin(source, source_tables(source, root=place.root), dict(map(_glob, wanted.globs)))
    told: list[Diagnostic] = []
    takeovers = []
    for found, why in _looked_at(wanted, destination, place):
        if why:
            told.append(_warning("DB249", f"{found.name}, dataset {found.dataset}, is left out", why))
            continue
        takeovers.append(taken := take_over(found, origin, destination))
        told += [
            _warning("DB248", f"{found.name}: the resource {each.resource} is left out", each.reason)
            for each in taken.left_out
        ]
    if not any(each.resources for each in takeovers):
        raise DatabridgeError(*told, _nothing(wanted), exit_code=ExitCode.REFUSED)
    if told:
        complain(told, place.root)
    return tuple(takeovers)


def _looked_at(wanted: Wanted, destination: Destination, place: Workplace) -> list[tuple[FoundPipeline, str]]:
    """The wanted pipelines, each with why it can't be taken over, if it can't.

    Raises:
        DatabridgeError: one of those that were named is not there.
    """
    secrets = place.places.secrets
    found = found_pipelines(destination, root=place.root, secrets=secrets, dataset=wanted.dataset)
    names = {each.name for each in found}
    inside = f", dataset {wanted.dataset}" if wanted.dataset else ""
    if not found and not wanted.only_list:
        raise DatabridgeError.of(
            "DB640",
            f"there are no dlt pipelines at {destination.title}{inside}",
            hint="See that the destination is the one that the scripts load into.",
        )
    for name in wanted.pipelines:
        if name not in names:
            raise DatabridgeError.of(
                "DB640",
                f"there is no dlt pipeline `{name}` at {destination.title}{inside}",
                hint=did_you_mean(name, names)
                or f"See: databridge import --destination {wanted.destination} --list",
            )
    return [
        (each, refusal(each, place.project.desired, destination, _working_folder(each, wanted)))
        for each in found
        if not wanted.pipelines or each.name in wanted.pipelines
    ]


def _working_folder(found: FoundPipeline, wanted: Wanted) -> WorkingFolder | None:
    """What the script left where it ran, if somebody says where that is."""
    if wanted.pipelines_dir is None:
        return None
    local, pending = read_local(wanted.pipelines_dir.expanduser(), found.name, found.schema_name)
    return WorkingFolder(local.state, len(pending))


def _glob(text: str) -> tuple[str, str]:
    resource, equals, pattern = text.partition("=")
    if not (resource and equals and pattern):
        raise DatabridgeError.of(
            "DB644",
            f"`--glob {text}` is not of the form RESOURCE=PATTERN",
            hint="Write, say: --glob 'orders=orders/*.csv'",
        )
    return resource, pattern


def _warning(code: str, summary: str, reason: str) -> Diagnostic:
    detail = f"{reason[0].upper()}{reason[1:]}."
    return Diagnostic(code=code, severity=Severity.WARNING, summary=summary, detail=detail)


def _nothing(wanted: Wanted) -> Diagnostic:
    return Diagnostic(
        code="DB641",
        summary="nothing can be taken over; no stack was written",
        hint=f"See: databridge import --destination {wanted.destination} --list",
    )
