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
ATTEMPTS = 1000


def plan(usd: float) -> Plan:
    """A ladder whose every attempt fails its check."""
    return Plan(
        ladder="bench/bench",
        steps=(Step("r", (Lane("m", usd),), ATTEMPTS),),
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


def climb(state: Path, usd: float) -> list[float]:
    """Milliseconds of each attempt of one run."""
    ended: list[float] = []

    def tell(word: Decision | Event, detail: object) -> None:
        if isinstance(word, Checked):
            ended.append(time.perf_counter())

    with Journal(state) as journal:
        recorder = Recorder(journal, f"RUN{usd}")
        first(recorder, plan(usd))
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
    assert len(ended) == ATTEMPTS
    return [1000 * (b - a) for a, b in zip([began, *ended], ended, strict=False)]


def bare(folder: Path, syncs: int) -> list[float]:
    """Milliseconds of that many writes of 500 bytes, each synced."""
    fd = os.open(folder / f"bare{syncs}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    taken = []
    for _ in range(ATTEMPTS):
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
        for name, usd, syncs in (("free", 0.0, 2), ("holds money", 0.01, 4)):
            ours, plain = climb(Path(folder) / "state", usd), bare(Path(folder), syncs)
            numbers = [
                f(x) for x in (ours, plain) for f in (statistics.median, lambda t: sorted(t)[-50])
            ]
            print(f"{name:<16}" + "".join(f"{n:>{w}.2f}" for n, w in zip(numbers, (8, 8, 10, 10))))
            if not usd:
                print(
                    f"target: p50 ≤ {TARGET_MS} ms: {'met' if numbers[0] <= TARGET_MS else 'missed'}"
                )


if __name__ == "__main__":
    main()
