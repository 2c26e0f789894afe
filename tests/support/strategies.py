"""Values of the model and the plan as hypothesis draws them: every kind, every combination, names as hostile as sources make them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.plan.actions import Action, Adopt, Create, FieldChange, Forget, Migrate, Reset, Run, Step
from databridge.plan.consequence import Certainty, Consequence, Count, Risk
from databridge.plan.finding import Finding
from databridge.plan.plan import PipelineHeading, Plan
from databridge.plan.reasons import Reason
from databridge.plan.statenote import NoteKind, StateNote

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
LATEST = datetime(2100, 1, 1, tzinfo=UTC).replace(tzinfo=None)

NASTY = (
    "a|b",
    "`tick``s`",
    "<script>alert(1)</script>",
    "</details>",
    "&lt;b&gt;",
    "*bold* _under_ __dunder__ ~~gone~~",
    "[link](http://example.invalid)",
    "![image](x.png)",
    "@everyone #1",
    "\x1b[31mred\x1b[0m",
    "line\nbreak\r\ttab",
    "\u202eright to left",
    "no\u00a0break",
    "大きな表",
    "ÄÖÜ ß",
    "e\u0301",
    "🚀",
    "back\\slash",
    "trailing ",
    " leading",
    "two  blanks",
    "--- | ---",
    "x" * 90,
    "many words in a name that is far too long for any column of a table",
)
"""Texts that break a careless renderer."""

identifiers: SearchStrategy[str] = st.sampled_from(
    ("a", "b1", "sales", "sales_de", "an_uncommonly_long_name_of_a_stack")
)
"""Names as stacks may use them for stacks and pipelines."""

texts: SearchStrategy[str] = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=12), st.text("ABCxyz_09", min_size=1, max_size=20)
)
"""Any text from outside, the empty one too."""

names: SearchStrategy[str] = texts.filter(bool)
"""Names of resources, which are the source's own."""

moments: SearchStrategy[datetime] = st.datetimes(min_value=EARLIEST, max_value=LATEST, timezones=st.just(UTC))

json_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.lists(texts, max_size=3),
)
"""Values of a definition's field; mappings are taken apart before they get there."""


def addresses(pipelines: SearchStrategy[Address], *, whole: bool = True) -> SearchStrategy[Address]:
    """Addresses below some pipelines; with `whole`, the pipelines themselves too."""
    resources = st.one_of(st.just(""), names) if whole else names
    return st.builds(lambda p, r: Address(p.stack, p.pipeline, r), pipelines, resources)


pipeline_addresses: SearchStrategy[Address] = st.builds(Address, identifiers, identifiers)

counts: SearchStrategy[Count] = st.one_of(
    st.just(Count()),
    st.builds(
        Count,
        certainty=st.sampled_from((Certainty.EXACT, Certainty.ESTIMATE)),
        rows=st.integers(0, 10**10),
    ),
)

consequences: SearchStrategy[Consequence] = st.builds(
    Consequence,
    risk=st.sampled_from(Risk),
    reread=st.none() | counts,
    duplicated=st.none() | counts,
    deleted=st.none() | counts,
    undo=texts,
)

field_changes: SearchStrategy[FieldChange] = st.builds(
    FieldChange, path=names, before=json_values, after=json_values
)


def actions(addresses: SearchStrategy[Address]) -> SearchStrategy[Action]:
    """Actions of every kind."""
    shared = {
        "address": addresses,
        "reasons": st.lists(st.sampled_from(Reason), min_size=1, max_size=3, unique=True).map(tuple),
        "changes": st.lists(field_changes, max_size=3).map(tuple),
        "consequence": consequences,
        "steps": st.lists(st.sampled_from(Step), min_size=1, unique=True).map(tuple),
    }
    cursor, files, last = st.none() | texts, st.none() | st.integers(0, 10**6), st.none() | moments
    return st.one_of(
        st.builds(Create, **shared, new_files=files),
        st.builds(Migrate, **shared),
        st.builds(Reset, **shared),
        st.builds(Adopt, **shared, cursor=cursor),
        st.builds(Forget, **shared),
        st.builds(Run, **shared, cursor=cursor, new_files=files, last_load=last),
    )


def findings(addresses: SearchStrategy[Address]) -> SearchStrategy[Finding]:
    """Findings of every weight."""
    return st.builds(
        Finding,
        code=st.integers(200, 299).map("DB{}".format),
        address=addresses,
        severity=st.sampled_from(Severity),
        summary=names,
        detail=texts,
        hint=texts,
        blocks=st.booleans(),
    )


def notes(pipelines: SearchStrategy[Address]) -> SearchStrategy[StateNote]:
    """State notes of every kind."""
    return st.builds(StateNote, kind=st.sampled_from(NoteKind), address=pipelines, text=names)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans as `make_plan` orders them: sorted, at most one action for an address, some pipelines in no stack any more."""
    known = draw(st.lists(pipeline_addresses, min_size=1, max_size=4, unique=True))
    below = addresses(st.sampled_from(known))
    headings = draw(st.lists(st.sampled_from(known), max_size=4, unique=True))
    chosen = draw(st.lists(actions(below), max_size=6, unique_by=lambda action: action.address))
    return Plan(
        project=draw(names),
        target=draw(identifiers),
        created_at=draw(moments),
        pipelines=tuple(
            PipelineHeading(
                address=address,
                destination=draw(names),
                dataset=draw(names),
                resources=draw(st.integers(0, 10**5)),
            )
            for address in sorted(headings)
        ),
        actions=tuple(sorted(chosen, key=lambda action: action.address)),
        findings=tuple(sorted(draw(st.lists(findings(below), max_size=4)), key=lambda f: f.address)),
        state=tuple(
            sorted(draw(st.lists(notes(st.sampled_from(known)), max_size=3)), key=lambda n: n.address)
        ),
    )
