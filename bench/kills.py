"""Runs over paid models whose driver is killed at random points (SIGKILL).

`uv run python bench/kills.py [POINTS]` prints how they ended, and stops at the first thing that
does not hold: a run that does not end as recorded, a call that was paid for twice.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.kills import at_random, survive, took
from fakes.machine import alone
from fakes.servers import Server

EACH = 4
"""Kills of one run at most."""


def main(points: int = 200) -> None:
    """Kill until there were so many, and tell."""
    ends: Counter[tuple[str, str]] = Counter()
    killed = seed = 0
    with alone() as folder:
        seconds = took(folder)
        while killed < points:
            seed += 1
            with Server() as server:
                at = at_random(seed, seconds, min(EACH, points - killed))
                kills, row = survive(folder / str(seed), server, at)
            killed += kills
            ends[row.outcome, row.because] += 1
            print(f"\r{killed} kills", end="", file=sys.stderr, flush=True)
    print(f"\n{killed} kills of {seed} runs; an undisturbed one takes {seconds:.1f} s")
    for (outcome, because), n in ends.most_common():
        print(f"{n:5}  {outcome}, {because}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
