"""What drops a table says whether an undo would bring it back, and for how long; no other action may promise that."""

from __future__ import annotations

from databridge.model.destination import keeps_copies
from databridge.model.recorded import Recorded, RecordedStack
from databridge.model.stack import Desired
from databridge.plan.actions import Action, Step
from databridge.plan.identity import destination_of
from databridge.plan.plan import Plan


def with_undo(plan: Plan, desired: Desired, recorded: Recorded, *, days: int | None) -> Plan:
    """The same plan, saying so.

    Args:
        plan: what would be done.
        desired: the stacks that it was made from.
        recorded: what was found.
        days: how long copies of dropped tables are kept; None where none are made.
    """
    if days is None:
        return plan
    return plan.model_copy(
        update={"actions": tuple(_told(action, desired, recorded, days) for action in plan.actions)}
    )


def _told(action: Action, desired: Desired, recorded: Recorded, days: int) -> Action:
    if Step.DROP_DATA not in action.steps or action.consequence.undo:
        return action
    address = action.address
    stack = desired.stack(address.stack)
    pipeline = stack.pipeline(address.pipeline) if stack else None
    record = recorded.stacks.get(address.stack, RecordedStack()).record(address.pipeline)
    if record is None and pipeline is None:
        return action
    copied = keeps_copies(destination_of(record, pipeline))
    undo = (
        f"its tables are copied first; databridge undo puts them back, for {days:,} days"
        if copied
        else "none: its tables are not copied here"
    )
    return action.model_copy(update={"consequence": action.consequence.model_copy(update={"undo": undo})})
