"""The plan's Markdown: what must be seen first stands first, what is routine is folded."""

from __future__ import annotations

from textwrap import dedent

import pytest

from databridge.plan.actions import FieldChange
from databridge.render.planmarkdown import plan_markdown
from tests.support import plans

RESET = (
    "reset | its cursor field changed<br>`cursor_field: UPDATED_AT → CHANGED_AT`"
    "<br>**re-reads the table (number not known); deletes rows (number not known) first**"
    "<br>**risk: deleted rows come back only as far as the source still has them;"
    " needs --allow delete-rows or a person's yes** |"
)
IGNORED = (
    "no effect | columns.ID.nullable: true → false is ignored by dlt on an existing column (DB214)"
    "<br><em>hint: Undo the edit; the column stays as it was created.</em> |"
)


def test_a_reset_stands_first_and_a_due_run_is_folded() -> None:
    plan = plans.make(
        plans.create("shop.web.clicks", new_files=3),
        plans.run("shop.web.visits", hours=26),
        plans.reset_append("shop.web.orders"),
        findings=(plans.no_effect("shop.web.clicks"),),
        state=(plans.note("shop.web", "no local state; the next run restores duckdb v4"),),
    )
    assert plan_markdown(plan) == dedent(f"""
        ### databridge plan

        **Plan: 1 to create, 1 to reset, 1 to run. 1 warning.**

        project demo · target dev · 1 stack, 1 pipeline, 1 resource

        #### Needs attention

        |   | resource | action | what it does |
        |:-:|---|---|---|
        | ∓ | `shop.web.orders` | {RESET}

        #### `shop.web` → duckdb data/warehouse.duckdb, dataset raw_web

        |   | resource | action | what it does |
        |:-:|---|---|---|
        | + | `clicks` | create | new in stack; 3 files |
        | ! | `clicks` | {IGNORED}
        | ∓ | `orders` | {RESET}

        <details>
        <summary>1 due</summary>

        |   | resource | action | what it does |
        |:-:|---|---|---|
        | ▸ | `visits` | run | due by its schedule; last load 26 h ago |

        </details>

        <details>
        <summary>State</summary>

        | pipeline | note |
        |---|---|
        | `shop.web` | no local state; the next run restores duckdb v4 |

        </details>
    """).removeprefix("\n")


def test_many_changes_of_a_pipeline_are_folded_but_never_what_needs_attention() -> None:
    plan = plans.make(*(plans.create(f"a.b.T{n}") for n in range(30)), plans.reset_append("a.b.X"))
    page = plan_markdown(plan)
    assert "<summary>31 changes and findings</summary>" in page
    assert page.index("`a.b.X`") < page.index("<details>")


def test_a_plan_without_changes_folds_its_pipelines() -> None:
    page = plan_markdown(plans.make(headings=(plans.heading("a.b", 3),)))
    assert "**No changes.**" in page
    assert "| `a.b` | duckdb data/warehouse.duckdb, dataset raw_b | 3 resources, nothing to do |" in page


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("ORDERS", "`ORDERS`"),
        ("a*b_c<d>", "`a*b_c<d>`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("`a`", "<code>&#96;a&#96;</code>"),
        (" a", "<code> a</code>"),
        ("a\nb", r"`a\nb`"),
    ],
)
def test_names_are_code(name: str, cell: str) -> None:
    assert f"| + | {cell} | create |" in plan_markdown(plans.make(plans.create(f"a.b.{name}")))


def test_text_is_no_markup_and_calls_nobody() -> None:
    finding = plans.no_effect("a.b.C").model_copy(
        update={"summary": "a_b _c_ *d* <e> @me #1 f|g [h](i) `j` ~k~", "hint": ""}
    )
    assert (
        r"a_b \_c\_ \*d\* &lt;e&gt; @<!-- -->me #<!-- -->1 f\|g \[h](i) \`j\` \~k\~ (DB214)"
        in plan_markdown(plans.make(findings=(finding,)))
    )


def test_a_changed_value_is_shown_as_code() -> None:
    change = FieldChange(path="csv.null_values", before=["", "NA"], after=["|"])
    page = plan_markdown(plans.make(plans.migrate("a.b.C", change)))
    assert (
        "<code>csv&#46;null&#95;values&#58; &#91;&#34;&#34;&#44; NA&#93; &#8594; &#91;&#34;&#124;&#34;&#93;</code>"
        in page
    )
