"""What drops or rewrites a table says whether an undo would bring it back, and for how long; no other action may promise that."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from databridge.model.address import Address
from databridge.model.destination import keeps_copies
from databridge.model.recorded import Recorded, RecordedStack
from databridge.model.stack import Desired
from databridge.plan.actions import Action, Migrate, Step
from databridge.plan.consequence import Risk
from databridge.plan.identity import destination_of
from databridge.plan.plan import Plan


def with_undo(plan: Plan, desired: Desired, recorded: Recorded, *, days: int | None) -> Plan:
    """The same plan, saying so.

    Args:
        plan: what would be done.
        desired: the stacks that it was made from.
        recorded: what was found.
        days: how long copies of tables are kept; None where none are made.
    """
    if days is None:
        return plan
    loaded = frozenset(action.address for action in plan.actions if action.loads)
    return plan.model_copy(
        update={"actions": tuple(_told(a, loaded, desired, recorded, days) for a in plan.actions)}
    )


def copied_first(actions: Iterable[Action]) -> frozenset[str]:
    """The resources that actions put at risk of losing rows or values: their tables are copied before they are touched.

    Args:
        actions: of one pipeline.
    """
    grave = (a for a in actions if a.consequence.risk.gravity >= Risk.REWRITE.gravity)
    return frozenset(action.address.resource for action in grave)


def _told(
    action: Action, loaded: Collection[Address], desired: Desired, recorded: Recorded, days: int
) -> Action:
    removes = not {Step.DROP_DATA, Step.DELETE_RANGE}.isdisjoint(action.steps)
    later = isinstance(action, Migrate) and action.consequence.risk is Risk.DELETE_ROWS
    if not (removes or later) or action.consequence.undo:
        return action
    address = action.address
    stack = desired.stack(address.stack)
    pipeline = stack.pipeline(address.pipeline) if stack else None
    record = recorded.stacks.get(address.stack, RecordedStack()).record(address.pipeline)
    if record is None and pipeline is None:
        return action
    if not keeps_copies(destination_of(record, pipeline)):
        undo = "none: its tables are not copied here"
    elif not removes and address not in loaded:
        undo = "none of the load that does it, unless lifecycle copy_before_load is set"
    else:
        undo = f"its tables are copied first; databridge undo puts them back, for {days:,} days"
    return action.model_copy(update={"consequence": action.consequence.model_copy(update={"undo": undo})})
