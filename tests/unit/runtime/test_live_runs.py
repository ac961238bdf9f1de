"""A run keeps the rules it began by; the next one begins by the new ones."""

from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest

from fakes.ladders import RIGHT, rules, shop
from fakes.projects import written
from fakes.worlds import Person
from rungbook.models.scripted import Cast
from rungbook.ports import Job, Worked
from rungbook.records import AttemptRecord, PlanRecord, RunRecord
from rungbook.runtime import engine
from rungbook.runtime.live import Live, Reload
from rungbook.store.journal import Journal
from rungbook.store.query import query
from rungbook.store.reading import read


@dataclass(slots=True)
class Waits:
    """A worker that repairs the project when it is told to."""

    begun: anyio.Event = field(default_factory=anyio.Event)
    may: anyio.Event = field(default_factory=anyio.Event)

    async def work(self, job: Job) -> Worked:
        self.begun.set()
        await self.may.wait()
        written(job.box.tree, {"calc.py": RIGHT})
        return Worked("ok")


@dataclass(slots=True)
class User:
    """Somebody whose rules change while they work."""

    live: Live
    repo: Path
    state: Path
    runs: list[str] = field(default_factory=list)

    async def solve(self, worker: Waits) -> None:
        request = engine.Request(
            "Sums are wrong", self.repo, self.live.folder, state=self.state, surface="test"
        )
        ended = await engine.solve(
            request, Person([]), lambda *_: None, anyio.Event(),
            providers=Cast(worker), rulebook=self.live.rulebook,
        )  # fmt: skip
        self.runs.append(ended.run)


def test_a_run_in_flight_ends_by_the_rules_it_began_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")
    specs, state = rules(tmp_path / "specs", {"old": "true"}), tmp_path / "state"
    repo = shop(tmp_path / "shop")

    async def day() -> list[str]:
        send, told = anyio.create_memory_object_stream[Reload](9)
        with Journal(state) as journal:
            live = Live(specs, journal, send.send_nowait, project=repo, surface="test")
            user, first, second = User(live, repo, state), Waits(), Waits()
            async with anyio.create_task_group() as tasks, send, told:
                tasks.start_soon(live.run)
                assert (await told.receive()).ok
                async with anyio.create_task_group() as runs:
                    runs.start_soon(user.solve, first)
                    await first.begun.wait()
                    rules(specs, {"new": "true"})
                    while not (await told.receive()).ok:
                        continue  # its files are written one by one
                    first.may.set()
                second.may.set()
                await user.solve(second)
                tasks.cancel_scope.cancel()
        return user.runs

    runs = [read(state, run) for run in anyio.run(day)]
    plans = [r for run in runs for r in run if isinstance(r, PlanRecord)]
    ends = [r for run in runs for r in run if isinstance(r, RunRecord)]
    assert [r.model for run in runs for r in run if isinstance(r, AttemptRecord)] == ["old", "new"]
    assert [r.worker for r in ends] == ["old", "new"]
    assert [r.outcome for r in ends] == ["pass", "pass"]
    sql = "SELECT to_rulebook FROM reloads WHERE ok ORDER BY id"
    books = [book for (book,) in query(state, sql).rows]
    assert len(set(books)) == 2
    assert [r.rulebook for r in plans] == [r.rulebook for r in ends] == books
    sql = "SELECT ts FROM reloads WHERE ok AND from_rulebook IS NOT NULL"
    ((swapped,),) = query(state, sql).rows
    assert plans[0].ts < swapped < ends[0].ts < plans[1].ts
