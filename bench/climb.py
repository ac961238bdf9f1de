"""How many decisions a climb says per second of one core, nothing else running. Target: 150,000.

Run: `python bench/climb.py`. A ladder of four rungs as in the built-in rulebook: a linter, a race
of two local models, a cheap and a dear paid one with a judge; the dear one passes.
"""

import sys
import time

from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Lane, Plan, Step
from rungbook.interpret.climb.words import (
    Answered,
    Ask,
    Attempt,
    Attempted,
    Cancel,
    Check,
    Checked,
    Event,
    Verdict,
)

TARGET = 150_000
"""Decisions a second, below which this exits with status 1."""

PLAN = Plan(
    ladder="coding/complex-architecture",
    steps=(
        Step("fix", (Lane("ruff-fix"),)),
        Step("local", (Lane("qwen3-30b"), Lane("qwen2.5-coder-32b")), attempts=2),
        Step("haiku", (Lane("haiku", 0.02, "gemini-flash", 0.003),)),
        Step("sonnet", (Lane("sonnet", 0.2, "opus", 0.1),), attempts=2),
    ),
    verify=(("syntax",), ("tests", "types"), ("semantic",)),
    judges=("semantic",),
    attempts=10,
    seconds=1800.0,
    usd=1.0,
)


def run() -> int:
    """One run from the first rung to the last; the number of decisions said."""
    flow = climb(PLAN)
    said = list(next(flow))
    good: set[int] = set()
    at = 0.0
    for decision in said:  # grows as the climb goes on
        at += 1.0
        verdict: Verdict = "pass"
        if isinstance(decision, Attempt):
            if decision.rung == "sonnet":
                good.add(decision.id)
            event: Event = Attempted(decision.id, at, "ok", decision.usd_most)
        elif isinstance(decision, Check):
            if decision.validator == "tests" and decision.attempt not in good:
                verdict = "fail"
            event = Checked(decision.id, at, verdict, decision.usd_most)
        elif isinstance(decision, Ask):
            event = Answered(decision.id, at, True)
        elif isinstance(decision, Cancel):  # of `types`, which passes nevertheless
            continue
        else:
            continue
        said += flow.send(event)
    return len(said)


def main() -> int:
    """Print the best of five."""
    rate = 0.0
    for _ in range(5):
        began = time.perf_counter()
        decisions = sum(run() for _ in range(2000))
        rate = max(rate, decisions / (time.perf_counter() - began))
    print(f"climb: {rate:,.0f} decisions/s, target {TARGET:,}: {rate / TARGET:.2f}x")
    return rate < TARGET


if __name__ == "__main__":
    sys.exit(main())
