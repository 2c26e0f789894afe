"""What databridge costs over dlt: the flights loaded by `databridge apply` and by a plain dlt script, in turns, in one go.

    python -m benchmarks.overhead [--rounds N] [--data DIR]

A whole process is measured each time, from its start to its end. Both load the same files into a DuckDB file of their
own, and the rows must be equal.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.fleet import quiet_environment
from benchmarks.stopwatch import Cost, load, measure

ROOT = Path(__file__).resolve().parents[1]
PLAIN = ROOT / "benchmarks" / "plain_flights.py"
TARGET = 1.15
_LANDING = Path("landing/flights")


@dataclass(frozen=True, slots=True)
class Round:
    """What each of the two took, one after the other."""

    databridge: Cost
    plain: Cost

    @property
    def ratio(self) -> float:
        """Of the times by the clock."""
        return self.databridge.seconds / self.plain.seconds


class Contest:
    """One round: two empty destinations, loaded twice; the second time there is nothing new."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder = folder
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "landing").symlink_to(data / "landing")
        shutil.copytree(ROOT / "stacks", folder / "stacks")
        shutil.copy(ROOT / "databridge.yaml", folder)

    def run(self, *, databridge_first: bool) -> Round:
        """Load with both."""
        if databridge_first:
            databridge, plain = self._databridge(), self._plain()
        else:
            plain, databridge = self._plain(), self._databridge()
        return Round(databridge, plain)

    def _databridge(self) -> Cost:
        options = ["apply", "--auto-approve", "--select", "flights.departures"]
        return self._measured("-m", "databridge", *options)

    def _plain(self) -> Cost:
        places = [str(self._folder / each) for each in (Path("data") / _LANDING, "plain.duckdb", "plain")]
        return self._measured(str(PLAIN), *places)

    def _measured(self, *arguments: str) -> Cost:
        # Another round's writes are not this one's.
        os.sync()
        return measure([sys.executable, *arguments], cwd=self._folder, env=quiet_environment())

    def check(self) -> None:
        """See that both loaded the same rows.

        Raises:
            RuntimeError: they did not.
        """
        files = (self._folder / "data" / "warehouse.duckdb", self._folder / "plain.duckdb")
        first, second = (_fingerprint(file) for file in files)
        if first != second or not first[0]:
            raise RuntimeError(f"the rows differ: {first} by databridge, {second} by the script")


def _fingerprint(file: Path) -> tuple[int, int]:
    """Number of rows, and a hash of the source's columns that does not depend on their order."""
    with closing(duckdb.connect(file, read_only=True)) as warehouse:
        query = """
            SELECT count(*), sum(hash(flight))::HUGEINT
            FROM (SELECT COLUMNS(c -> c NOT LIKE '!_dlt!_%' ESCAPE '!') FROM flights_raw.flights) AS flight
        """
        rows, total = warehouse.execute(query).fetchall()[0]
    return rows, total


def contest(data: Path, rounds: int) -> Iterator[tuple[Round, Round]]:
    """Each round: a load of everything, and one of nothing new."""
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="databridge-overhead-") as folder:
            one = Contest(Path(folder), data)
            first = number % 2 == 0
            yield one.run(databridge_first=first), one.run(databridge_first=not first)
            one.check()


def report(rounds: int, data: Path) -> None:
    """Run all rounds and print what they took."""
    busy = load()
    every = list(contest(data, rounds))
    script = PLAIN.relative_to(ROOT)
    print(f"\nFlights, `databridge apply` against the plain dlt script {script}; {rounds} rounds; {busy}")
    print(f"{'':<14} {'databridge':>16} {'plain dlt':>16} {'ratio of':>9} {'ratio of':>9} {'target':>7}")
    print(f"{'seconds':<14} {'best   median':>16} {'best   median':>16} {'best':>9} {'medians':>9}")
    for title, chosen in (("all 12 files", [a for a, _ in every]), ("nothing new", [b for _, b in every])):
        ours = sorted(each.databridge.seconds for each in chosen)
        theirs = sorted(each.plain.seconds for each in chosen)
        ratios = f"{ours[0] / theirs[0]:>9.2f} {statistics.median(ours) / statistics.median(theirs):>9.2f}"
        print(f"{title:<14} {_told(ours):>16} {_told(theirs):>16} {ratios} {TARGET:>7.2f}")


def _told(seconds: list[float]) -> str:
    return f"{seconds[0]:.2f}   {statistics.median(seconds):.2f}"


def main() -> int:
    """Read the arguments and report."""
    parser = argparse.ArgumentParser(description="Measure what databridge costs over a plain dlt script.")
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: %(default)s)")
    parser.add_argument(
        "--data", type=Path, default=ROOT / "data", help="made by examples/flights/prepare.py"
    )
    options = parser.parse_args()
    if not (options.data / _LANDING).is_dir():
        print("There is no data. Make it: python examples/flights/prepare.py", file=sys.stderr)
        return 1
    report(options.rounds, options.data.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
