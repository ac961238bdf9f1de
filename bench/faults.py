"""Many runs at once over model servers that fail in every way they can.

`uv run python bench/faults.py [RUNS] [AT_ONCE]` prints how they ended, and stops at the first thing
that does not hold: a run without an end, a process or a sandbox that is left, a budget overdrawn.
"""

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.faults import DAY_USD, survive
from fakes.machine import alone


def main(runs: int = 200, at_once: int = 16) -> None:
    """Run, and tell."""
    with alone() as folder:
        began = time.perf_counter()
        result = survive(folder, runs, at_once)
        seconds = time.perf_counter() - began
    ends = Counter((end.outcome, end.because) for end in result.ends)
    for (outcome, because), n in ends.most_common():
        print(f"{n:5}  {outcome}, {because}")
    print(f"{runs} runs, {at_once} at once, {result.requests} requests, {seconds:.0f} s")
    print(f"spent ${result.spent_usd:.4f} of the day's ${DAY_USD:g}; nothing is left behind")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
