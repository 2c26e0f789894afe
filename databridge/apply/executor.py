"""The executor does all work of a plan, several pipelines at once, but never two writers of one DuckDB file.

One pipeline's failure leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from databridge.apply.bench import Bench
from databridge.apply.runner import run_work
from databridge.apply.work import Work
from databridge.model.address import Address
from databridge.model.run import Outcome, PipelineRun


def execute(
    works: Iterable[Work], bench: Bench, *, parallelism: int, done: Callable[[PipelineRun], None]
) -> None:
    """Do all work.

    Args:
        works: one for each pipeline.
        bench: what they share.
        parallelism: how many pipelines at once, at most.
        done: told how each ended, as soon as it has; may be called from several threads.

    Raises:
        KeyboardInterrupt: the user broke it off; the engine was stopped, and what was open is settled by the next apply.
    """
    chains = _chains(works)
    if not chains:
        return
    broken_off = Event()
    pool = ThreadPoolExecutor(
        max_workers=max(1, min(parallelism, len(chains))), thread_name_prefix="pipeline"
    )
    try:
        futures = [pool.submit(_run_chain, chain, bench, broken_off, done) for chain in chains]
        for future in futures:
            future.result()
    except BaseException:
        broken_off.set()
        bench.engine.stop()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


def _chains(works: Iterable[Work]) -> list[list[Work]]:
    """Works that share an exclusive destination, one after the other; every other one by itself."""
    chains: dict[str, list[Work]] = {}
    for work in works:
        key = work.job.place.destination.exclusive_key or str(work.address)
        chains.setdefault(key, []).append(work)
    return list(chains.values())


def _run_chain(
    chain: list[Work], bench: Bench, broken_off: Event, done: Callable[[PipelineRun], None]
) -> None:
    failed: set[Address] = set()
    for work in chain:
        # Nothing is begun that could only be broken off: it would be settled, and owed, for nothing.
        if broken_off.is_set():
            return
        if work.address in failed:
            continue  # it builds on what failed
        run = run_work(work, bench)
        if run.outcome is Outcome.FAILED:
            failed.add(work.address)
        done(run)
