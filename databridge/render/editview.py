"""An edit of recorded state in the words of a plan: what it touches, before and after, and what later loads do otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from databridge.model.edit import Undo, command_of
from databridge.plan.actions import FieldChange
from databridge.plan.edits.editplan import EditPlan, PipelineEdit, ResourceEdit
from databridge.render.consequence import GRAVE, RISKS
from databridge.render.planview import Block, Entry, Line, PlanView, Role, finding_entry
from databridge.render.printable import glued, printable, transition
from databridge.render.quantity import counted, trimmed_moment
from databridge.render.tone import Tone

_SENTENCES = {
    "set": "its next load goes on from another cursor value",
    "rm": "it is forgotten; its table stays",
    "mv": "it gets another address; its data stays where it is",
    "pull": "the local copy becomes the destination's",
    "push": "the destination's copy becomes the local one",
    "restore": "it is put back as the restore point has it; rows stay as they are",
    "rebuild": "the ledger takes it over from the destination",
    "prune": "what no load will ask for again goes",
    "undo": "what the run did is taken back, and what was recorded is put back first",
}
_GLYPHS = {"prune": "-", "rm": "-", "mv": "→"}


def edit_view(plan: EditPlan) -> PlanView:
    """Put an edit into words."""
    blocks = [_block(plan.edit.kind, pipeline) for pipeline in plan.pipelines]
    known = {block.address: block for block in blocks}
    for finding in plan.findings:
        block = known.get(finding.address.parent, Block(finding.address.parent, ""))
        known[block.address] = Block(
            block.address, block.place, block.remark, (*block.entries, finding_entry(finding))
        )
    return PlanView(
        title=f"databridge {command_of(plan.edit)}",
        facts=(
            f"project {printable(plan.project)}",
            f"target {printable(plan.target)}",
            *((f"run {printable(plan.edit.run)}",) if isinstance(plan.edit, Undo) else ()),
            *((f"{counted(len(plan.points), 'old restore point')} to delete",) if plan.points else ()),
            *((f"{len(plan.copies):,} of them with copies of tables",) if plan.copies else ()),
        ),
        blocks=tuple(known[address] for address in sorted(known)),
        state=(),
        summary=plan.summary,
    )


def _block(kind: str, pipeline: PipelineEdit) -> Block:
    whole = Entry(
        address=pipeline.address,
        glyph=_GLYPHS.get(kind, "~"),
        word=kind,
        tone=Tone.CHANGE,
        sentence=_SENTENCES[kind],
        lines=tuple(_whole_lines(pipeline)),
    )
    return Block(
        address=pipeline.address,
        place=f"{printable(pipeline.destination)}, dataset {printable(pipeline.dataset)}",
        entries=(whole, *(_resource(kind, each) for each in pipeline.resources)),
    )


def _whole_lines(pipeline: PipelineEdit) -> Iterator[Line]:
    if pipeline.leaves:
        yield Line(
            Role.CHANGE, f"address: {printable(str(pipeline.leaves))} → {printable(str(pipeline.address))}"
        )
    for change in pipeline.places:
        yield Line(Role.CHANGE, _change(change))
    for text in pipeline.words:
        yield Line(Role.EFFECT, printable(text))


def _resource(kind: str, resource: ResourceEdit) -> Entry:
    risk = resource.consequence.risk
    grave = risk in GRAVE
    first, *others = resource.changes
    return Entry(
        address=resource.address,
        glyph=_GLYPHS.get(kind, "~"),
        word=kind,
        tone=Tone.DANGER if grave else Tone.CHANGE,
        sentence=_change(first),
        lines=(
            *(Line(Role.CHANGE, _change(change)) for change in others),
            *(Line(Role.DANGER if grave else Role.EFFECT, printable(text)) for text in resource.words),
            *(
                (
                    Line(
                        Role.DANGER,
                        f"risk: {RISKS[risk]}; needs {glued(f'--allow {risk.value}')} or a person's yes",
                    ),
                )
                if grave
                else ()
            ),
        ),
        alarming=grave,
    )


def _change(change: FieldChange) -> str:
    before, after = (_value(value) for value in (change.before, change.after))
    return f"{printable(change.path)}: {transition(before, after)}"


def _value(value: JsonValue) -> JsonValue:
    return trimmed_moment(value) if isinstance(value, str) else value
