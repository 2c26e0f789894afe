"""A process is measured from outside, from its start to its end: the clock, the processor, and the most memory it held.

It is started by a small process of its own, because the kernel counts the starter's memory as the child's.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took."""

    seconds: float
    """By the clock."""
    cpu_seconds: float
    """Of the process and those of its children that it waited for."""
    megabytes: float
    """The most memory that was resident at a time, in 10^6 bytes."""
    output: str = ""
    """What it wrote to stdout."""


def measure(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Cost:
    """Run a command and say what it took.

    Raises:
        RuntimeError: it failed.
    """
    with tempfile.NamedTemporaryFile("r", suffix=".json") as answer:
        starter = [sys.executable, "-I", "-S", __file__, answer.name, *command]
        done = subprocess.run(starter, cwd=cwd, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
        if done.returncode:
            raise RuntimeError(
                f"{' '.join(command)} exited with {done.returncode}:\n{done.stderr or done.stdout}"
            )
        figures = json.load(answer)
    return Cost(**figures, output=done.stdout)


def best(costs: Iterable[Cost]) -> Cost:
    """The least of each figure: what disturbs a measurement only ever adds to it."""
    every = list(costs)
    return Cost(
        seconds=min(cost.seconds for cost in every),
        cpu_seconds=min(cost.cpu_seconds for cost in every),
        megabytes=min(cost.megabytes for cost in every),
        output=every[-1].output,
    )


def load() -> str:
    """How busy the machine is just now; on a busy one only the processor's seconds and the ratios mean much."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def median_seconds(costs: Iterable[Cost]) -> float:
    """The middle one by the clock."""
    return statistics.median(cost.seconds for cost in costs)


def _run(answer: str, command: list[str]) -> int:
    """The starter: measure the command, write the figures down, and pass on its exit code."""
    begun = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    figures = {
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "megabytes": usage.ru_maxrss * 1024 / 1e6,
    }
    with open(answer, "w") as file:  # noqa: PTH123 - pathlib is not worth its import here
        json.dump(figures, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1], sys.argv[2:]))
