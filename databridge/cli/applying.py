"""The conversation of an apply: show the plan, ask, show progress, sum up."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from databridge.apply.approval import nobody_to_ask, refuse_blocked, refuse_partial, unapproved
from databridge.apply.observe import require_matches
from databridge.apply.session import Session
from databridge.cli.options import PlanFormat, RiskName
from databridge.cli.output import answer, answer_traits, tell
from databridge.cli.printing import print_plan
from databridge.cli.workplace import Workplace, open_workplace
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.recorded import Recorded
from databridge.model.run import RunRecord
from databridge.plan.actions import Repair
from databridge.plan.binding import SavedPlan
from databridge.plan.consequence import Risk
from databridge.plan.edits.editplan import EditPlan
from databridge.plan.options import PlanOptions
from databridge.plan.plan import Plan
from databridge.plan.selection import EVERYTHING
from databridge.render.outcome import outcome_text
from databridge.render.progress import Progress


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the user wants it done."""

    auto_approve: bool = False
    allow: tuple[RiskName, ...] = ()
    parallelism: int = 1
    lock_timeout: float = 0.0
    limit: int | None = None


def apply_now(target: str | None, var: Iterable[str] | None, options: PlanOptions, wishes: Wishes) -> int:
    """Make a plan, ask, carry it out."""
    with _session(target, var, "apply", options, wishes) as (session, _, progress):
        plan = session.plan(options)
        print_plan(plan, PlanFormat.TEXT, explain=False)
        return _carry_out(session, plan, wishes, progress)


def apply_saved(
    saved: SavedPlan, target: str | None, var: Iterable[str] | None, options: PlanOptions, wishes: Wishes
) -> int:
    """Carry out a saved plan, if it still fits."""
    with _session(target or saved.plan.target, var, "apply", options, wishes) as (session, place, progress):
        if (place.project.name, place.project.target) != (saved.plan.project, saved.plan.target):
            raise DatabridgeError.of(
                "DB621",
                f"the saved plan is one of project {saved.plan.project}, target {saved.plan.target}",
                hint="Apply it there, or make one here: databridge plan --out FILE",
                exit_code=ExitCode.STALE,
            )
        plan = session.check(saved, options)
        print_plan(plan, PlanFormat.TEXT, explain=False)
        if saved.plan.actions and not plan.actions:
            tell("Its loads were made since it was saved. To load again: databridge run, or make a new plan.")
        return _carry_out(session, plan, wishes, progress)


def run_now(target: str | None, var: Iterable[str] | None, options: PlanOptions, wishes: Wishes) -> int:
    """Load what is new in pipelines that need no change."""
    with _session(target, var, "run", options, wishes) as (session, _, progress):
        plan = session.plan(options)
        if any(not isinstance(action, Repair) for action in plan.changes):
            print_plan(plan, PlanFormat.TEXT, explain=False)
            raise DatabridgeError.of(
                "DB604",
                "what is to run has changes that are not applied yet",
                hint="Apply them first: databridge apply",
                exit_code=ExitCode.REFUSED,
            )
        return _carry_out(session, plan, wishes, progress)


_NOTHING = {
    "reset": (
        "there is nothing to reset: none of these is recorded as loaded",
        "They were never loaded, or were removed from the recorded state.",
        "Load them: databridge apply; or undo the removal: databridge state restore",
    ),
    "backfill": (
        "there is nothing to backfill: it is not recorded as loaded",
        "",
        "Load it: databridge apply",
    ),
    "destroy": (
        "there is nothing to destroy: none of these is recorded",
        "They were never loaded, were forgotten, or are gone already. Tables that nothing recorded here has loaded are not touched.",
        "See what is recorded: databridge state list",
    ),
}
"""What is told where an operation that was asked for finds nothing to do: summary, detail, hint."""


def only_now(
    operation: Literal["reset", "repair", "backfill", "destroy"],
    target: str | None,
    var: Iterable[str] | None,
    options: PlanOptions,
    wishes: Wishes,
) -> int:
    """Plan what the options ask for and nothing else, ask, carry it out."""
    with _session(target, var, operation, options, wishes) as (session, _, progress):
        plan = session.plan(options)
        print_plan(plan, PlanFormat.TEXT, explain=False)
        # What is to be destroyed may be gone because the run that was killed at it has just been settled.
        settled = operation == "destroy" and session.has_recovered
        if _is_nothing(operation, options, plan) and not settled:
            summary, detail, hint = _NOTHING[operation]
            raise DatabridgeError.of("DB618", summary, detail=detail, hint=hint, exit_code=ExitCode.REFUSED)
        return _carry_out(session, plan, wishes, progress)


def _is_nothing(operation: str, options: PlanOptions, plan: Plan) -> bool:
    """Whether what was named is not there to be done; of all that is recorded there may be nothing."""
    return operation in _NOTHING and options.destroy != EVERYTHING and not (plan.changes or plan.findings)


@contextmanager
def _session(
    target: str | None, var: Iterable[str] | None, operation: str, options: PlanOptions, wishes: Wishes
) -> Iterator[tuple[Session, Workplace, Progress]]:
    from databridge.engine.engine import DltEngine

    place = open_workplace(target, var)
    if options.accept:
        require_matches(options.accept, place.project.desired, Recorded())
    engine = DltEngine(place.root, place.pipelines_dir)
    progress = Progress(sys.stderr, os.environ)
    try:
        session = Session(
            place.surroundings(engine, progress),
            operation=operation,
            select=options.select,
            closely=options.repair,
        )
        with session.locked(timeout=wishes.lock_timeout, on_wait=tell):
            yield session, place, progress
    finally:
        engine.stop()


def _carry_out(session: Session, plan: Plan, wishes: Wishes, progress: Progress) -> int:
    refuse_blocked(plan)
    refuse_partial(plan, session.desired, wishes.limit)
    if not plan.actions:
        recovered = session.record_recovery()
        if recovered:
            sum_up(recovered)
        return ExitCode.DONE
    approve(plan, wishes)
    gc.enable()  # `databridge.__main__` disables it; loads may take hours
    with progress:
        run = session.execute(plan, parallelism=wishes.parallelism, limit=wishes.limit)
    sum_up(run)
    return run.exit_code


def sum_up(run: RunRecord) -> None:
    """Print how a run ended."""
    traits = answer_traits()
    answer(outcome_text(run, width=traits.width, color=traits.color))


def approve(plan: Plan | EditPlan, wishes: Wishes) -> None:
    """Ask for what nobody has approved yet.

    Raises:
        DatabridgeError: nobody can be asked, or the answer is no; exit code 3.
    """
    risks = unapproved(plan, auto_approve=wishes.auto_approve, allowed=(Risk(name) for name in wishes.allow))
    if not risks:
        return
    if not sys.stdin.isatty():
        raise nobody_to_ask(risks, auto_approve=wishes.auto_approve)
    tell("\nDo you want to carry out this plan? Only `yes` is accepted.")
    sys.stderr.write("  Answer: ")
    sys.stderr.flush()
    given = sys.stdin.readline()
    if not given:  # a Ctrl-D leaves the cursor where it is
        tell("")
    if given.strip() != "yes":
        raise DatabridgeError.of("DB608", "not approved; nothing was done", exit_code=ExitCode.REFUSED)
