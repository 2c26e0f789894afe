"""The executor does all work of a plan, several pipelines at once, but never two writers of one DuckDB file.

One pipeline's failure leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from databridge.apply.bench import Bench
from databridge.apply.runner import run_work
from databridge.apply.work import Work
from databridge.model.run import PipelineRun


def execute(works: Iterable[Work], bench: Bench, *, parallelism: int) -> tuple[PipelineRun, ...]:
    """Do all work.

    Args:
        works: one for each pipeline.
        bench: what they share.
        parallelism: how many pipelines at once, at most.

    Returns:
        How each ended, by address.

    Raises:
        KeyboardInterrupt: the user broke it off; the engine was stopped, and what was open is settled by the next apply.
    """
    chains = _chains(works)
    broken_off = Event()
    pool = ThreadPoolExecutor(
        max_workers=max(1, min(parallelism, len(chains))), thread_name_prefix="pipeline"
    )
    try:
        futures = [pool.submit(_run_chain, chain, bench, broken_off) for chain in chains]
        runs = [run for future in futures for run in future.result()]
    except BaseException:
        broken_off.set()
        bench.engine.stop()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()
    return tuple(sorted(runs, key=lambda run: run.pipeline))


def _chains(works: Iterable[Work]) -> list[list[Work]]:
    """Works that share an exclusive destination, one after the other; every other one by itself."""
    chains: dict[str, list[Work]] = {}
    for work in works:
        key = work.job.place.destination.exclusive_key or str(work.address)
        chains.setdefault(key, []).append(work)
    return list(chains.values())


def _run_chain(chain: list[Work], bench: Bench, broken_off: Event) -> list[PipelineRun]:
    # Nothing is begun that could only be broken off: it would be settled, and owed, for nothing.
    return [run_work(work, bench) for work in chain if not broken_off.is_set()]
