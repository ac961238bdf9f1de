"""One run over paid models whose driver is killed at random, and what must hold in the end."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fakes.faults import BAD, FREELY, GOOD, MARK, YES, chat, hosts
from fakes.ladders import RIGHT, WRONG, rules, shop
from fakes.live import killed_at, state
from fakes.machine import rungbook
from fakes.servers import Server
from rungbook.records import AttemptRecord, CheckRecord, Record, RunRecord
from rungbook.store.reading import read, run_ids

SLOW_S = 0.15
"""Seconds every model thinks, so that many kills come while it is paid for thinking."""

MODELS = {
    "free": chat("ollama", "free"),
    "dear": chat("openai-compatible", "dear", paid=True, tier=2),
    "judge": chat("openai-compatible", "judge", paid=True, tier=3),
}

RUNGS = (
    {"name": "free", "model": "free"},
    {"name": "dear", "model": "dear", "attempts": 9},
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A project, its rules, and the server of its models."""

    project: Path
    specs: Path
    server: Server

    @classmethod
    def open(cls, folder: Path, server: Server) -> "Shop":
        """A server that answers well; the project is repaired by the paid model."""
        for name, said in (("free", BAD), ("dear", GOOD), ("judge", YES)):
            server.says(name, [replace(said, wait=SLOW_S)])
        specs = rules(
            folder / "specs",
            MODELS,
            RUNGS,
            verify=("tests", "meets"),
            checker="judge",
            confirm=FREELY,
            unproved="accept",
        )
        return cls(shop(folder / "shop"), specs, server)

    def records(self) -> list[Record]:
        """All records of the one run, or none."""
        kept = state(self.project)
        return [record for run in run_ids(kept) for record in read(kept, run)]

    def command(self) -> tuple[str | Path, ...]:
        """Begins the run, or goes on with it."""
        if self.records():
            return ("run", "--resume", "last", "--repo", self.project, "--apply")
        task = "Sums are wrong in calc.py"
        return ("run", task, "--repo", self.project, "--specs", self.specs, "--apply")

    def killed_at(self, seconds: float) -> bool:
        """Whether its driver was killed before it had ended; nothing of it lives on."""
        return killed_at(seconds, *self.command(), marker=MARK, **hosts(self.server))


def survive(folder: Path, server: Server, points: Sequence[float]) -> tuple[int, RunRecord]:
    """(kills, how the run ended) of a run that is killed at those times, then left alone."""
    at = Shop.open(folder, server)
    kills = 0
    for seconds in points:
        if any(isinstance(r, RunRecord) for r in at.records()):
            break
        assert (at.project / "calc.py").read_text() in (WRONG, RIGHT)
        kills += at.killed_at(seconds)
    for _ in range(2):  # the first goes on; the next sweeps up what a killed one left
        if not any(isinstance(r, RunRecord) for r in at.records()):
            said = rungbook(*at.command(), **hosts(server))
            assert said.status in (0, 2), said
    found = at.records()
    (row,) = (r for r in found if isinstance(r, RunRecord))
    assert [r.seq for r in found] == list(range(1, len(found) + 1))
    judged_lost = any(isinstance(r, CheckRecord) and r.verdict == "error" for r in found)
    ended = ("review", "check-broken") if judged_lost else ("pass", "passed")
    assert (row.outcome, row.because) == ended
    assert (at.project / "calc.py").read_text() == (RIGHT if row.outcome == "pass" else WRONG)
    assert_paid_once(at, found)
    return kills, row


def assert_paid_once(at: Shop, found: Sequence[Record]) -> None:
    """No call of a model that costs came to the server twice, and each is in the records."""
    asked = Counter(r.key for r in at.server.seen() if r.body and r.body["model"] != "free")
    assert all(times == 1 for times in asked.values()), asked
    known = {
        f"{r.run}-{r.n}"
        for r in found
        if (isinstance(r, AttemptRecord) and r.model == "dear")
        or (isinstance(r, CheckRecord) and r.model)
    }
    assert set(asked) <= known


def at_random(seed: int, seconds: float, times: int) -> list[float]:
    """Times at which to kill."""
    chance = random.Random(seed)  # noqa: S311
    return [chance.uniform(0.3, seconds) for _ in range(times)]


def took(folder: Path) -> float:
    """Seconds that a run takes which nobody kills."""
    with Server() as server:
        survive(folder / "warm", server, [])
        began = time.monotonic()
        with Server() as fresh:
            survive(folder / "timed", fresh, [])
        return time.monotonic() - began
