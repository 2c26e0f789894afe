"""The conversation of a checkup: who is to be examined, and for which stacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from databridge.cli.named import named, names_of
from databridge.cli.options import TextFormat
from databridge.cli.output import answer, answer_traits
from databridge.cli.workplace import Workplace, now, open_workplace
from databridge.config.catalog import Written
from databridge.config.suggestion import did_you_mean
from databridge.engine.settings import enforce
from databridge.model.destination import Destination
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.source import Source
from databridge.plan.dltrecord import dlt_record
from databridge.render.checkup import checkup_json, checkup_text
from databridge.secrets.chain import SecretsChain
from databridge.secrets.redaction import Redaction

if TYPE_CHECKING:
    from databridge.engine.doctor.rounds import Patient

C = TypeVar("C", Source, Destination)


def examine_now(
    names: tuple[str, ...],
    target: str | None,
    var: Iterable[str] | None,
    *,
    seconds: float,
    form: TextFormat,
) -> int:
    """Examine what is named, or everything; the exit code.

    Raises:
        DatabridgeError: the project can't be read, or has nothing of such a name.
    """
    place = open_workplace(target, var)
    sources, destinations = _wanted(names, place)
    from databridge.engine.doctor.rounds import examined

    secrets = place.secrets
    patients = list(_patients(sources, destinations, place, secrets))
    checkup = examined(patients, plainly=Redaction(secrets.known_values), seconds=seconds)
    if form is TextFormat.JSON:
        answer(checkup_json(checkup))
    else:
        traits = answer_traits()
        answer(checkup_text(checkup, width=traits.width, color=traits.color))
    return ExitCode.ERROR if checkup.failed else ExitCode.DONE


def _wanted(names: tuple[str, ...], place: Workplace) -> tuple[dict[str, Source], dict[str, Destination]]:
    """The sources and destinations that are named, by themselves or by a stack that uses them; all where none is."""
    project = place.project
    sources, destinations = _labelled(project.sources), _labelled(project.destinations)
    if not names:
        return sources, destinations
    kept: tuple[dict[str, Source], dict[str, Destination]] = ({}, {})
    for name in names:
        stack = project.desired.stack(name)
        used = stack.pipelines if stack else ()
        kept[0].update({k: v for k, v in sources.items() if any(p.source == v for p in used)})
        kept[1].update({k: v for k, v in destinations.items() if any(p.destination == v for p in used)})
        if is_source := name in names_of(project.sources):
            kept[0][name] = named("source", name, project.sources).value
        if is_destination := name in names_of(project.destinations):
            kept[1][name] = named("destination", name, project.destinations).value
        if not (stack or is_source or is_destination):
            stacks = [each.name for each in project.desired.stacks]
            known = list(
                dict.fromkeys((*stacks, *names_of(project.sources), *names_of(project.destinations)))
            )
            raise DatabridgeError.of(
                "DB646",
                f"there is no stack, source or destination `{name}`",
                hint=did_you_mean(
                    name, known, otherwise=f"There is: {', '.join(known[:8])}" if known else ""
                ),
            )
    return kept


def _labelled(written: Mapping[str, tuple[Written[C], ...]]) -> dict[str, C]:
    """Each as a command names it: with its stack where several have one of that name."""
    return {
        name if each.shared or len(found) == 1 else f"{each.document.value.get('stack')}.{name}": each.value
        for name, found in written.items()
        for each in found
    }


def _patients(
    sources: Mapping[str, Source],
    destinations: Mapping[str, Destination],
    place: Workplace,
    secrets: SecretsChain,
) -> Iterator[Patient]:
    # All that the threads need is imported here, for imported by several of them at a time pyarrow fails.
    enforce()  # before dlt is imported
    from databridge.engine.doctor.destination import destination_checks
    from databridge.engine.doctor.here import store_checks, version_checks
    from databridge.engine.doctor.rounds import Patient
    from databridge.engine.doctor.source import source_checks

    store, root = place.project.store, place.root
    folder = store if isinstance(store, Path) else None
    yield Patient("databridge", partial(version_checks, seen=dlt_record()["dlt"]))
    yield Patient("state", partial(store_checks, where=_store_words(place), store=place.store, folder=folder))
    pipelines = [pipeline for stack in place.project.desired.stacks for pipeline in stack.pipelines]
    for name, source in sources.items():
        resources = [r for p in pipelines if p.source == source for r in p.resources]
        yield Patient(
            f"source {name}",
            partial(source_checks, source=source, resources=resources, root=root, secrets=secrets, now=now),
        )
    for name, destination in destinations.items():
        datasets = sorted({p.dataset for p in pipelines if p.destination == destination})
        yield Patient(
            f"destination {name}",
            partial(
                destination_checks,
                destination=destination,
                datasets=datasets,
                root=root,
                secrets=secrets,
                now=now,
            ),
        )


def _store_words(place: Workplace) -> str:
    store = place.project.store
    if isinstance(store, Path) and store.is_relative_to(place.root):
        return str(store.relative_to(place.root))
    return str(store)
