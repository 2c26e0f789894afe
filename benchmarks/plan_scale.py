"""What a plan of 1,000 and of 10,000 resources takes: time and memory of whole processes, the first time and again.

    python -m benchmarks.plan_scale [--rounds N]

Stacks of 100 tables each: without any state, with the state of a real apply and nothing changed, and with one resource
of each stack edited; with a DuckDB file for each stack, and with one for all. Every plan's last line is checked.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import databridge
from benchmarks.fleet import Fleet, apply_template, quiet_environment
from benchmarks.stopwatch import Cost, best, load, measure, median_seconds

SIZES = (10, 100)
"""Stacks."""
TARGETS = (
    "targets for 10,000 resources: plan 1.5 s, 250 MB, first time 3 s, at most 12 times as long as for 1,000"
)
_OPENING = "import duckdb; duckdb.connect('warehouse.duckdb', read_only=True).execute('FROM duckdb_tables()').fetchall()"
_LIBRARIES = "import typer, rich, pydantic"
_HEAD = f"{'':<44} {'resources':>9} {'best s':>7} {'median':>7} {'cpu s':>6} {'MB':>5}"


@dataclass(frozen=True, slots=True)
class Case:
    """A command over a fleet, and the last line that it must print."""

    title: str
    command: str
    fleet: Fleet
    ends: str


def report(rounds: int) -> None:
    """Make the fleets, measure, and print."""
    with tempfile.TemporaryDirectory(prefix="databridge-scale-") as folder:
        _report(Path(folder), rounds)


def _report(folder: Path, rounds: int) -> None:
    print(f"\nProjects of stacks with 100 tables each; whole processes, {rounds} rounds; {load()}")
    print(TARGETS)
    print(_HEAD)
    _report_stacks(folder / "apart", "a DuckDB file for each stack", rounds, together=False)
    shared = _report_stacks(folder / "together", "one DuckDB file for all stacks", rounds, together=True)
    opening = [_alone([sys.executable, "-c", _OPENING], shared.folder) for _ in range(rounds)]
    _tell("of that, DuckDB alone that lists its tables", shared, opening)
    _tell_help(rounds)


def _report_stacks(folder: Path, heading: str, rounds: int, *, together: bool) -> Fleet:
    """Measure with both numbers of stacks; the larger project is still there afterwards."""
    template = folder / "template"
    template.mkdir(parents=True)
    apply_template(template, together=together)
    print(heading)
    found: dict[str, list[Cost]] = {}
    for stacks in SIZES:
        fleet = Fleet(folder / str(stacks), stacks, together)
        for case in _cases(fleet, template):
            costs = _again(case, rounds)
            _tell(case.title, fleet, costs)
            found.setdefault(case.title, []).append(best(costs))
    for title, (small, large) in found.items():
        print(f"{title:<44} from 1,000 to 10,000: {large.seconds / small.seconds:.1f} times as long")
    for title, command in (("first time: validate", "validate"), ("first time: plan, no change", "plan")):
        _tell(title, fleet, _first_times(folder, fleet, command, rounds))
    return fleet


def _cases(fleet: Fleet, template: Path) -> Iterator[Case]:
    count = f"{fleet.resources:,}"
    fleet.write_stacks()
    yield Case("validate", "validate", fleet, f"{count} resources.")
    yield Case("plan, all to create", "plan", fleet, f"Plan: {count} to create.")
    shutil.rmtree(fleet.folder)
    fleet.write_stacks()
    fleet.record(template)
    yield Case("plan, no change", "plan", fleet, "No changes.")
    yield Case("plan --no-refresh, no change", "plan --no-refresh", fleet, "No changes.")
    fleet.write_stacks(edited=True)
    yield Case("plan, 1 % edited", "plan", fleet, f"Plan: {fleet.stacks} to migrate.")
    fleet.write_stacks()


def _again(case: Case, rounds: int) -> list[Cost]:
    """Measured after a first time that doesn't count: byte code is there, and files are in memory."""
    costs = [_run(case.command, case.fleet, quiet_environment()) for _ in range(rounds + 1)][1:]
    for cost in costs:
        if not cost.output.rstrip().endswith(case.ends):
            raise RuntimeError(f"{case.title}: expected `{case.ends}`, and got `{cost.output[-200:]}`")
    return costs


def _first_times(folder: Path, fleet: Fleet, command: str, rounds: int) -> list[Cost]:
    """With a copy of the package that nobody ever imported; the libraries below it are compiled."""
    package = Path(databridge.__file__).parent
    costs = []
    for _ in range(rounds):
        checkout = folder / "checkout"
        shutil.copytree(package, checkout / "databridge", ignore=shutil.ignore_patterns("__pycache__", ".*"))
        costs.append(_run(command, fleet, {**quiet_environment(), "PYTHONPATH": str(checkout)}))
        shutil.rmtree(checkout)
    return costs


def _run(command: str, fleet: Fleet, env: Mapping[str, str]) -> Cost:
    return measure([sys.executable, "-m", "databridge", *command.split()], cwd=fleet.folder, env=env)


def _tell(title: str, fleet: Fleet, costs: list[Cost]) -> None:
    least = best(costs)
    figures = f"{least.seconds:>7.2f} {median_seconds(costs):>7.2f} {least.cpu_seconds:>6.2f} {least.megabytes:>5.0f}"
    print(f"{title:<44} {fleet.resources:>9,} {figures}", flush=True)


def _tell_help(rounds: int) -> None:
    """The cost of `--help` beside that of importing the libraries it is said to need."""
    here = Path(tempfile.gettempdir())

    def least(*arguments: str) -> Cost:
        return best(_alone([sys.executable, *arguments], here) for _ in range(3 * rounds))

    ours, theirs = least("-m", "databridge", "--help"), least("-c", _LIBRARIES)
    for title, cost in (("--help", ours), (_LIBRARIES, theirs)):
        print(f"{title:<54} {cost.seconds:>7.2f} {'':>7} {cost.cpu_seconds:>6.2f} {cost.megabytes:>5.0f}")
    ratio = f"{ours.seconds / theirs.seconds:.2f} by the clock, {ours.cpu_seconds / theirs.cpu_seconds:.2f} of the processor"
    print(f"ratio of --help to the imports: {ratio}; target 1.3")


def _alone(command: list[str], folder: Path) -> Cost:
    return measure(command, cwd=folder, env=quiet_environment())


def main() -> int:
    """Read the arguments and report."""
    parser = argparse.ArgumentParser(description="Measure validate, plan and --help over large projects.")
    parser.add_argument("--rounds", type=int, default=3, help="how often (default: %(default)s)")
    report(parser.parse_args().rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
