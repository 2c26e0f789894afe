"""The plan's text, as people read it: exact, because its look is the product."""

from __future__ import annotations

from textwrap import dedent

import pytest

from databridge.plan.actions import Run
from databridge.plan.consequence import Certainty, Consequence, Count, Risk
from databridge.plan.plan import Plan
from databridge.plan.reasons import Reason
from databridge.render.plantext import plan_text
from tests.support import plans


def text(plan: Plan, width: int = 100, *, explain: bool = False) -> str:
    return plan_text(plan, width=width, color=False, explain=explain)


def body(plan: Plan, width: int = 100, *, explain: bool = False) -> str:
    """The plan's blocks without the first line and the last."""
    return text(plan, width, explain=explain).partition("\n\n")[2].rpartition("\n\n")[0] + "\n"


def expected(lines: str) -> str:
    return dedent(lines).removeprefix("\n")


def test_everything_at_once() -> None:
    assert text(plans.everything(), 104) == expected("""
        databridge plan   project demo · target dev · 1 stack, 3 pipelines, 42 resources

        sales_de.old   no longer in a stack
          -  SUPPLIERS   forget     its pipeline was removed from the stack; table and state stay

        sales_de.sales → duckdb data/warehouse.duckdb, dataset raw_sales
          ~  (pipeline)  migrate    its source changed, and the change was accepted
                                    source.path: data/ops.db → data/ops2.db
          !  BILLS       blocked    mode: incremental → merge would change how rows are taken while old rows
                                    stay (DB211, blocks apply)
                                    The table keeps its rows.
                                    hint: Undo the edit.
          ▸  COUNTRIES   run        due by its schedule; last load 26 h ago
          .  CUSTOMERS   adopt      a dlt pipeline of this name exists; databridge takes it over as it is;
                                    cursor 2013-12-31 23:00
          !  CUSTOMERS   no effect  columns.ID.nullable: true → false is ignored by dlt on an existing column
                                    (DB214)
                                    hint: Undo the edit; the column stays as it was created.
          ~  INVOICES    migrate    its definition changed; takes effect at the next load
                                    csv.delimiter: "," → ";"
                                    lifecycle.prevent_reset: false → true
          +  INVOICES_2  create     new in stack; 12,400 files
          ∓  ORDERS      reset      its cursor field changed
                                    cursor_field: UPDATED_AT → CHANGED_AT
                                    re-reads the table (number not known); deletes rows (number not known)
                                      first
                                    risk: deleted rows come back only as far as the source still has them;
                                      needs --allow delete-rows or a person's yes
          ∓  PAYMENTS    reset      its cursor field changed
                                    cursor_field: UPDATED_AT → CHANGED_AT
                                    re-reads the table (about 1,200,000 rows)
                                    undo: set the cursor field back; no row is deleted

        sales_de.web → duckdb data/warehouse.duckdb, dataset raw_web
          ▸  clicks      run        due by its schedule; last load 60 min ago; 2 new files

        state
          sales_de.sales   local v9 is behind duckdb v11; the next run restores duckdb v11
          sales_de.web     load package 1717.12 was left normalized; apply takes it back and loads its rows
                           again

        Plan: 1 to create, 2 to migrate, 2 to reset, 1 to adopt, 1 to forget, 2 to run. 1 error. 1 warning.
    """)


def test_a_narrow_terminal_gets_hanging_lines_and_whole_names() -> None:
    plan = plans.make(
        plans.reset_append("sales_de.sales.ORDERS"),
        plans.create("sales_de.sales.A_LONG_TABLE_NAME_OF_THE_SOURCE"),
        findings=(plans.blocked("sales_de.sales.BILLS"),),
        state=(
            plans.note("sales_de.sales", "local v9 is behind duckdb v11; the next run restores duckdb v11"),
        ),
    )
    assert text(plan, 40) == expected("""
        databridge plan
          project demo · target dev · 1 stack, 1
          pipeline, 1 resource

        sales_de.sales
          → duckdb data/warehouse.duckdb,
          dataset raw_sales
          +  A_LONG_TABLE_NAME_OF_THE_SOURCE
             create
             new in stack
          !  BILLS  blocked
             mode: incremental → merge would
             change how rows are taken while old
             rows stay (DB211, blocks apply)
             The table keeps its rows.
             hint: Undo the edit.
          ∓  ORDERS  reset
             its cursor field changed
             cursor_field: UPDATED_AT
               → CHANGED_AT
             re-reads the table (number not
               known); deletes rows (number not
               known) first
             risk: deleted rows come back only
               as far as the source still has
               them; needs --allow delete-rows
               or a person's yes

        state
          sales_de.sales
             local v9 is behind duckdb v11; the
             next run restores duckdb v11

        Plan: 1 to create, 1 to reset. 1 error.
    """)


def test_a_name_wider_than_its_column_gets_a_line_of_its_own() -> None:
    plan = plans.make(plans.create("a.b.SHORT"), plans.create(f"a.b.{'LONG' * 10}"))
    assert body(plan, 80) == expected(f"""
        a.b → duckdb data/warehouse.duckdb, dataset raw_b
          +  {"LONG" * 10}
                                         create     new in stack
          +  SHORT                       create     new in stack
    """)


def test_wide_characters_take_two_cells() -> None:
    plan = plans.make(plans.create("a.b.顧客"), plans.create("a.b.ABCD"))
    assert body(plan) == expected("""
        a.b → duckdb data/warehouse.duckdb, dataset raw_b
          +  ABCD  create     new in stack
          +  顧客  create     new in stack
    """)


def test_explain_lists_the_steps_in_order() -> None:
    plan = plans.make(plans.reset_append("a.b.C"), plans.run("a.b.D"))
    assert body(plan, explain=True) == expected("""
        a.b → duckdb data/warehouse.duckdb, dataset raw_b
          ∓  C  reset      its cursor field changed
                           cursor_field: UPDATED_AT → CHANGED_AT
                           re-reads the table (number not known); deletes rows (number not known) first
                           risk: deleted rows come back only as far as the source still has them; needs
                             --allow delete-rows or a person's yes
                           1 rewind         clear cursor and file marks in dlt's state
                           2 drop-data      drop its tables
                           3 load           read the source and load it as one package
                           4 record         write the definition into dlt's state and the ledger
          ▸  D  run        due at every apply
                           1 load           read the source and load it as one package
                           2 record         write the definition into dlt's state and the ledger
    """)


def test_pipelines_with_nothing_to_do_are_listed_only_where_nothing_is_to_be_done_at_all() -> None:
    headings = (plans.heading("a.b", 3), plans.heading("a.c"))
    assert text(plans.make(headings=headings)) == expected("""
        databridge plan   project demo · target dev · 1 stack, 2 pipelines, 4 resources

        a.b → duckdb data/warehouse.duckdb, dataset raw_b · 3 resources, nothing to do
        a.c → duckdb data/warehouse.duckdb, dataset raw_c · 1 resource, nothing to do

        No changes.
    """)
    assert "a.c" not in text(plans.make(plans.run("a.b.D"), headings=headings))


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (plans.run("a.b.C"), "due at every apply"),
        (plans.run("a.b.C", hours=3), "due by its schedule; last load 3 h ago"),
        (plans.run("a.b.C", hours=-1), "due by its schedule; last load at 2026-11-23 11:00"),
        (plans.run("a.b.C", cursor="42"), "due at every apply; from cursor 42"),
        (
            plans.run("a.b.C", cursor="2013-12-31 23:00:00+00:00"),
            "due at every apply; from cursor 2013-12-31 23:00",
        ),
        (plans.run("a.b.C", cursor=""), 'due at every apply; from cursor ""'),
        (plans.run("a.b.C", new_files=0), "due at every apply; no new files"),
        (plans.run("a.b.C", new_files=1), "due at every apply; 1 new file"),
        (plans.run("a.b.C", new_files=2000), "due at every apply; 2,000 new files"),
    ],
)
def test_a_run_says_where_it_starts(run: Run, sentence: str) -> None:
    plan = plans.make(run)
    assert f"  ▸  C  run        {sentence}\n" in text(plan)
    assert text(plan).endswith("No changes. 1 due.\n")


def test_further_reasons_follow_the_headline() -> None:
    action = plans.create("a.b.C").model_copy(
        update={"reasons": (Reason.DESTINATION_EMPTY, Reason.NEW_IN_STACK)}
    )
    assert body(plans.make(action)).splitlines()[-1].strip() == "also: new in stack"


@pytest.mark.parametrize(
    ("consequence", "lines"),
    [
        (Consequence(), []),
        (
            Consequence(risk=Risk.DUPLICATE, duplicated=Count(certainty=Certainty.EXACT, rows=1)),
            [
                "rows may stand twice (1 row)",
                "risk: rows may stand twice; needs --allow duplicate or a person's yes",
            ],
        ),
        (
            Consequence(risk=Risk.DROP, deleted=Count(certainty=Certainty.EXACT, rows=88_214)),
            [
                "drops its tables with 88,214 rows in them",
                "risk: tables are dropped; needs --allow drop or a person's yes",
            ],
        ),
        (
            Consequence(risk=Risk.DROP, deleted=Count()),
            [
                "drops its tables with all rows in them (number not known)",
                "risk: tables are dropped; needs --allow drop or a person's yes",
            ],
        ),
        (
            Consequence(deleted=Count(certainty=Certainty.ESTIMATE, rows=9, nested=2)),
            ["the next load deletes about 9 rows, 2 of them nested"],
        ),
        (
            Consequence(risk=Risk.REREAD, reread=Count(certainty=Certainty.EXACT, rows=5)),
            ["re-reads the table (5 rows)"],
        ),
    ],
)
def test_a_consequence_is_said_in_words(consequence: Consequence, lines: list[str]) -> None:
    action = plans.migrate("a.b.C").model_copy(update={"consequence": consequence})
    assert [line.strip() for line in body(plans.make(action)).splitlines()[2:]] == lines


def test_colour_repeats_what_words_say() -> None:
    plan = plans.make(plans.create("a.b.C"), plans.reset_append("a.b.D"), plans.reset_merge("a.b.E"))
    colored = plan_text(plan, width=100, color=True)
    assert "  \x1b[32m+\x1b[0m  C  \x1b[32mcreate   \x1b[0m  new in stack\n" in colored
    assert "  \x1b[1;31m∓\x1b[0m  D  \x1b[1;31mreset    \x1b[0m  " in colored
    assert "  \x1b[33m∓\x1b[0m  E  \x1b[33mreset    \x1b[0m  " in colored


def test_ten_thousand_actions_are_all_printed() -> None:
    plan = plans.make(*(plans.create(f"s{n % 10}.p.T_{n:05}") for n in range(10_000)))
    assert text(plan).count("  create     new in stack\n") == 10_000
    assert text(plan).endswith("\nPlan: 10,000 to create.\n")
