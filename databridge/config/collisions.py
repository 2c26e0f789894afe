"""Two things that would end up under one name are an error, and both places are named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, assert_never

from databridge.config.pipelines import WrittenPipeline
from databridge.config.problems import Problems
from databridge.config.stacks import WrittenStack
from databridge.model.address import Address
from databridge.model.bucket import Bucket
from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.diagnostic import SourceRange
from databridge.model.naming import normalize_table, snake_case
from databridge.model.paths import resolve_path

K = TypeVar("K")

_Home = tuple[str, str, str]
"""Destination type, place and dataset: what shares it shares its tables."""


def find_collisions(stacks: Iterable[WrittenStack], root: str, problems: Problems) -> None:
    """Note stacks, pipelines, resources and tables that fall together; relative paths start at `root`."""
    stacks = tuple(stacks)
    _stack_names(stacks, problems)
    pipelines = [pipeline for stack in stacks for pipeline in stack.pipelines]
    _dlt_names(pipelines, problems)
    _tables(pipelines, root, problems)
    for pipeline in pipelines:
        _former_names(pipeline, problems)
    _former_addresses(pipelines, problems)


def _stack_names(stacks: tuple[WrittenStack, ...], problems: Problems) -> None:
    first: dict[str, WrittenStack] = {}
    for stack in stacks:
        other = first.setdefault(stack.name, stack)
        if stack.name and other is not stack:
            where, there = (each.document.at_value(("stack",)) for each in (stack, other))
            _tell(
                "DB113",
                f"Two stacks are called `{stack.name}`",
                where,
                there,
                "Rename one of the two.",
                problems,
            )


def _dlt_names(pipelines: list[WrittenPipeline], problems: Problems) -> None:
    first: dict[str, WrittenPipeline] = {}
    for each in pipelines:
        given = each.pipeline.dlt_names.pipeline_name if each.pipeline else None
        former = each.pipeline.former if each.pipeline else None
        minted = former or Address(each.stack, each.name)
        name = given or f"{minted.stack}_{minted.pipeline}"
        other = first.setdefault(snake_case(name), each)
        if other is not each and (other.stack, other.name) != (each.stack, each.name):
            where, there = each.document.at_key(each.steps), other.document.at_key(other.steps)
            _tell(
                "DB114",
                f"Two pipelines are called `{name}` by dlt",
                where,
                there,
                "Rename one of the two.",
                problems,
            )


def _tables(pipelines: list[WrittenPipeline], root: str, problems: Problems) -> None:
    taken: dict[_Home, dict[str, tuple[WrittenPipeline, int]]] = {}
    for each in pipelines:
        tables = taken.setdefault(_home(each, root), {})
        for index, resource in enumerate(each.resources):
            if resource is None:
                continue
            table = normalize_table(resource.name)
            other, at = tables.setdefault(table, (each, index))
            if other is each and at == index:
                continue
            where, there = each.block.at(index, ("name",)), other.block.at(at, ("name",))
            twin = other.resources[at]
            if other is each and twin and twin.name == resource.name:
                _tell(
                    "DB115",
                    f"`{resource.name}` is listed twice",
                    where,
                    there,
                    "Remove one of the two.",
                    problems,
                )
            else:
                summary = f"Two resources load into the table `{table}`"
                _tell(
                    "DB116",
                    summary,
                    where,
                    there,
                    "Load one of them into another `dataset`, or from a view with another name.",
                    problems,
                )


def _former_addresses(pipelines: list[WrittenPipeline], problems: Problems) -> None:
    written = {(each.stack, each.name) for each in pipelines}
    taken: set[Address] = set()
    for each in pipelines:
        former = each.pipeline.former if each.pipeline else None
        if former is None:
            continue
        if (former.stack, former.pipeline) in written:
            told, hint = (
                f"`{former}`, which is still there",
                "Remove `renamed_from`, or the pipeline of the old name.",
            )
        elif former in taken:
            told, hint = f"`{former}`, as another one is", "Only one of the two can have its rows."
        else:
            taken.add(former)
            continue
        where = each.document.at_value((*each.steps, "renamed_from"))
        problems.add(
            "DB132", f"`{each.stack}.{each.name}` is said to be renamed from {told}", where, hint=hint
        )


def _former_names(each: WrittenPipeline, problems: Problems) -> None:
    named = {resource.name for resource in each.resources if resource}
    taken: set[str] = set()
    for index, resource in enumerate(each.resources):
        former = resource.renamed_from if resource else None
        if resource is None or former is None:
            continue
        if former in named:
            told = "itself" if former == resource.name else f"`{former}`, which is listed too"
            hint = "Remove `renamed_from`, or the resource of the old name."
        elif former in taken:
            told, hint = f"`{former}`, as another one is", "Only one of the two can have its rows."
        else:
            taken.add(former)
            continue
        summary = f"`{resource.name}` is said to be renamed from {told}"
        problems.add("DB131", summary, each.block.at(index, ("renamed_from",)), hint=hint)


def _home(each: WrittenPipeline, root: str) -> _Home:
    if each.pipeline is None:
        return ("", each.stack, each.name)
    destination = each.pipeline.destination
    return (destination.type, _place(destination, root), each.pipeline.dataset)


def _place(destination: Destination, root: str) -> str:
    match destination:
        case DuckDbDestination(path=path):
            return resolve_path(root, path)
        case FilesystemDestination(bucket=Bucket() as bucket):
            return " ".join((bucket.endpoint or "", bucket.account or "", str(bucket)))
        case FilesystemDestination(bucket_url=url):
            return resolve_path(root, url.removeprefix("file://"))
        case DatabricksDestination(server_hostname=host, catalog=catalog):
            return f"{host.lower()}/{catalog.lower()}"
        case SqlDestination(path=str() as path):
            return resolve_path(root, path)
        case SqlDestination():
            return str(destination.identity)
        case _:
            assert_never(destination)


def _tell(
    code: str, summary: str, where: SourceRange, other: SourceRange, hint: str, problems: Problems
) -> None:
    problems.add(code, summary, where, detail=f"The other is at {other}.", hint=hint)
