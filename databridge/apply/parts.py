"""Work on many rows is done part by part, each a load of its own that is recorded before the next one begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from databridge.apply.bench import Bench
from databridge.apply.engine import Loaded
from databridge.apply.work import Work
from databridge.model.marker import mark
from databridge.model.sweep import NOTHING
from databridge.model.window import Window
from databridge.plan.project import with_backfilled


def rest_of(work: Work, loaded: Loaded) -> Work | None:
    """What is left of a load that was split; None where that was all of it.

    Args:
        work: of which a part was loaded.
        loaded: that part.
    """
    if not loaded.more:
        return None
    left = tuple(resource for resource in work.job.load if resource.name in loaded.more)
    # A part without a row would be followed by the same one: then the rest comes as a whole.
    split = work.job.split & {name for name in loaded.more if loaded.rows.get(name)}
    job = replace(
        work.job,
        leave=None,
        rewind=(),
        drop_data=(),
        load=left,
        amend=(),
        rename=(),
        rekey=(),
        retype={},
        lost=(),
        split=split,
        sweep=NOTHING,
        copied=(),
        back=(),
        back_from="",
        withdraw=(),
        discard_local=False,
    )
    return replace(work, job=job, leaves=None)


def parts_of(work: Work, bench: Bench) -> Iterator[tuple[Work, int]]:
    """The work, or the work on each part of the range that it fills; each with how many come after it.

    The next one is asked for once the one before is recorded.

    Raises:
        DatabridgeError: the source can't be asked how many rows there are.
    """
    fill, marker = work.job.fill, work.job.marker
    if fill is None or marker is None:
        yield work, 0
        return
    job, window = work.job, fill.window
    bounds = bench.engine.divide(job)
    for number, bound in enumerate(bounds):
        ledger = bench.keeper.ledger(work.address.stack)
        record = ledger.pipelines.get(work.address.pipeline) if ledger else None
        if record is None:
            break
        part = replace(fill, window=Window(start=window.start, end=bound))
        after = with_backfilled(record, fill.resource.name, part.window)
        yield (
            replace(work, job=replace(job, fill=part, marker=mark(marker.owner, after)), after=after),
            len(bounds) - number,
        )
        job = replace(job, discard_local=False, copied=())
        window = Window(start=bound, end=window.end)
        fill = replace(fill, window=window, again=part.rest)
    yield replace(work, job=replace(job, fill=fill)), 0
