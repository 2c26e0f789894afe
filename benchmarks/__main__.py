"""`python -m benchmarks` runs every benchmark, a few rounds each."""

from __future__ import annotations

import sys

from benchmarks import overhead, plan_scale, state_read


def main() -> int:
    """Run all, up to the first one that fails."""
    return plan_scale.main() or state_read.main() or overhead.main()


if __name__ == "__main__":
    sys.exit(main())
