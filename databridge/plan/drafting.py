"""What was taken over becomes one stack; whatever could not be known stands in it as a remark, beside what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from databridge.model.draft import Draft, DraftPipeline
from databridge.model.pipeline import DltNames
from databridge.plan.identity import name_in_stack
from databridge.plan.takeover import Takeover

_UNKNOWN = (
    "Written by `databridge import` from what dlt recorded. dlt does not record which columns are left out, by what rows are "
    "filtered, a cursor's lag, or how files are read: where the script does such a thing, say so here before the first apply. "
    "Once this is applied, the script must not run any more."
)
_KEYS = "its key is written as the destination has it; write the source's own name where that is another"


def draft_of(
    stack: str, takeovers: Sequence[Takeover], *, source: str, destination: str, looked: bool
) -> Draft:
    """One stack for what was taken over; pipelines of which nothing was are not in it.

    Args:
        stack: its name.
        takeovers: what to write.
        source: what the source is called.
        destination: what the destination is called.
        looked: whether the source was asked what it calls its columns.
    """
    kept = [each for each in takeovers if each.resources]
    called = Counter(name_in_stack(each.found.name) for each in kept)
    pipelines = []
    for each in kept:
        name = name_in_stack(each.found.name)
        if called[name] > 1:  # the same pipeline in several datasets
            name = name_in_stack(f"{each.found.name}_{each.found.dataset}")
        pipelines.append(_pipeline(name, stack, each, source, destination, looked=looked))
    return Draft(stack, tuple(pipelines), (_UNKNOWN,))


def _pipeline(
    name: str, stack: str, taken: Takeover, source: str, destination: str, *, looked: bool
) -> DraftPipeline:
    found, minted = taken.found, f"{stack}_{name}"
    return DraftPipeline(
        name=name,
        source=source,
        destination=destination,
        dataset=found.dataset,
        dlt_names=DltNames(
            pipeline_name=found.name if found.name != minted else None,
            schema_name=found.schema_name if found.schema_name != found.name else None,
        ),
        resources=taken.resources,
        remarks={
            each.name: {"name": _KEYS}
            for each in taken.resources
            if each.kind == "table" and each.primary_key and not looked
        },
        above=tuple(_left_out(taken)),
    )


def _left_out(taken: Takeover) -> Iterator[str]:
    for each in taken.left_out:
        yield f"Left out: {each.resource}: {each.reason}."
