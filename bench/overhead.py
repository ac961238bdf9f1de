"""Claim: the engine adds at most 2 ms (p50) to an attempt, its records on the disk included.

Run: `uv run python bench/overhead.py`. Driver, effects, ledger, recorder and journal are those of a
run; the worker and the check answer at once, so that neither git nor tests are in the time. An
attempt is the worker's try and the check that fails it: two records, four where money is held.
Beside it, the same number of bare writes and syncs.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import orjson

from rungbook.interpret.climb.plan import Lane, Plan, Step
from rungbook.interpret.climb.words import Attempt, Attempted, Check, Checked, Decision, Event
from rungbook.records import PlanRecord
from rungbook.rulebook.validator import Parse, Validator
from rungbook.runtime.clock import WorkClock
from rungbook.runtime.drive import Done, drive
from rungbook.runtime.effects import RunEffects
from rungbook.runtime.ledger import Ledger
from rungbook.runtime.recorder import Recorder
from rungbook.runtime.standing import standing
from rungbook.store.journal import Journal

TARGET_MS = 2.0


def plan(attempts: int, usd: float) -> Plan:
    """A ladder whose every attempt fails its check."""
    return Plan(
        ladder="bench/bench",
        steps=(Step("r", (Lane("m", usd),), attempts),),
        verify=(("check",),),
        confirm_above_usd=None,
        usd_day=1e9,
        validators=(Validator("check", Parse()),),
    )


async def at_once(asked: Attempt | Check, *_: object) -> Done:
    """The worker changes something, the check fails it."""
    if isinstance(asked, Attempt):
        detail = {"latency_ms": 1.0, "files_changed": 1, "lines_changed": 2, "diff_sha": "0" * 64}
        return Done(Attempted(asked.id, 0.0, "ok", asked.usd_most), detail)
    detail = {"confidence": 1.0, "latency_ms": 1.0, "excerpt": "1 failed of 1 test"}
    return Done(Checked(asked.id, 0.0, "fail"), detail)


def first(recorder: Recorder, the_plan: Plan) -> None:
    """The record that a run begins with."""
    said = ("project", "rulebook", "surface", "description", "task_type", "ladder", "base_tree")
    recorder.write(
        PlanRecord(
            **recorder.envelope(),
            **cast(Any, dict.fromkeys(said, "bench")),
            complexity=1.0,
            confidence=1.0,
            features={},
            isolation="none",
            plan=orjson.loads(orjson.dumps(the_plan)),
        )
    )


def climb(state: Path, attempts: int, usd: float) -> list[float]:
    """Milliseconds of each attempt of one run."""
    ended: list[float] = []

    def tell(word: Decision | Event, detail: object) -> None:
        if isinstance(word, Checked):
            ended.append(time.perf_counter())

    with Journal(state) as journal:
        recorder = Recorder(journal, "RUN")
        first(recorder, plan(attempts, usd))
        at = standing(recorder.written)
        stub = cast(Any, SimpleNamespace(make=at_once))
        ledger = Ledger(state, recorder, "bench", "bench", at.plan.usd_day)
        effects = RunEffects(
            plan=at.plan,
            task="bench",
            attempts=stub,
            proofs=stub,
            ledger=ledger,
            recorder=recorder,
            approver=stub,
            clock=WorkClock(),
        )

        async def run() -> None:
            await drive(at.flow, at.due, effects, tell, anyio.Event())

        began = time.perf_counter()
        anyio.run(run)
    assert len(ended) == attempts
    return [1000 * (b - a) for a, b in zip([began, *ended], ended, strict=False)]


def bare(folder: Path, times: int, syncs: int) -> list[float]:
    """Milliseconds of that many writes of 500 bytes, each synced; so many times over."""
    fd = os.open(folder / f"bare{syncs}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        for _ in range(syncs):
            os.write(fd, b"x" * 500)
            os.fdatasync(fd) if hasattr(os, "fdatasync") else os.fsync(fd)
        taken.append(1000 * (time.perf_counter() - began))
    os.close(fd)
    return taken


def main() -> None:
    """Print p50 and p95 of attempts that are free and that hold money, and of bare syncs."""
    print(f"{'ms per attempt':<16}{'p50':>8}{'p95':>8}{'bare p50':>10}{'bare p95':>10}")
    with tempfile.TemporaryDirectory() as folder:
        free = climb(Path(folder, "free"), 1000, 0.0)
        show("free", free, bare(Path(folder), 1000, 2))
        # A hold reads what the day has spent so far: here up to a hundred paid attempts.
        paid = climb(Path(folder, "paid"), 100, 0.01)
        show("holds money", paid, bare(Path(folder), 100, 4))
    met = "met" if statistics.median(free) <= TARGET_MS else "missed"
    print(f"target, free: p50 at most {TARGET_MS} ms: {met}")


def show(name: str, ours: list[float], plain: list[float]) -> None:
    """One line of the table."""
    line = f"{name:<16}"
    for width, taken in ((8, ours), (10, plain)):
        p95 = sorted(taken)[len(taken) * 95 // 100]
        line += f"{statistics.median(taken):>{width}.2f}{p95:>{width}.2f}"
    print(line)


if __name__ == "__main__":
    main()
