"""Runs whose records are real and whose world is not: journal, ledger and effects of the runtime,
with attempts, checks and people of a World's making."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import orjson

from fakes.worlds import Person, World, dice
from rungbook import runtime
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import End
from rungbook.records import PlanRecord, Record, RunRecord
from rungbook.rulebook.validator import Parse, Validator
from rungbook.rulebook.validator import Person as Look
from rungbook.runtime.clock import WorkClock
from rungbook.runtime.drive import drive
from rungbook.runtime.effects import RunEffects
from rungbook.runtime.ledger import Ledger
from rungbook.runtime.recorder import Recorder
from rungbook.runtime.standing import standing
from rungbook.store.journal import Journal
from rungbook.store.reading import read, spent

PERSON = "s"
"""The validator that is a person."""


def validators() -> tuple[Validator, ...]:
    """All that a plan of the worlds can name."""
    looks = Validator(PERSON, Look("Fine?"))
    return (*(Validator(name, Parse(), confidence=0.5) for name in ("p", "q")), looks)


def first(recorder: Recorder, plan: Plan, project: str = "/p") -> PlanRecord:
    """The first record of a run of that plan."""
    return recorder.write(
        PlanRecord(
            **recorder.envelope(),
            project=project,
            rulebook="rb",
            surface="test",
            description="Do it",
            task_type="t",
            complexity=1.0,
            confidence=1.0,
            features={},
            ladder=plan.ladder,
            base_tree="base",
            isolation="none",
            plan=orjson.loads(orjson.dumps(plan)),
        )
    )


@dataclass(slots=True)
class Kept:
    """A state folder with one run in it, driven in a World."""

    state: Path
    run: str = "01RVN0000000000000000000AA"
    approver: Person = field(default_factory=Person)

    def begin(self, plan: Plan) -> None:
        """Write the first record."""
        with Journal(self.state) as journal:
            first(Recorder(journal, self.run), plan)

    def go(self, world: World) -> End | None:
        """Go on from the records, as a process of its own would; the end is recorded."""
        with Journal(self.state) as journal:
            recorder = Recorder(journal, self.run, self.records())
            at = standing(recorder.written)
            plan = at.plan
            ledger = Ledger(self.state, recorder, "/p", "t", plan.usd_day)
            stub = SimpleNamespace(
                make=lambda asked, *_: world.act(asked),
                sandboxes=SimpleNamespace(diff=lambda n: f"diff of {n}"),
            )
            lost = ledger.restore(self.records())
            effects = RunEffects(
                plan, "Do it", cast(Any, stub), cast(Any, stub), ledger, recorder, self.approver,
                WorkClock(before=at.seconds), lost,
            )  # fmt: skip
            end = at.end

            async def run() -> End | None:
                return await drive(at.flow, at.due, effects, lambda *_: None, anyio.Event())

            if at.due:
                end = anyio.run(run)
            if end:
                recorder.end(plan, end, standing(recorder.written).left, applied=False)
            return end

    def records(self) -> list[Record]:
        """All its records."""
        return read(self.state, self.run)

    @property
    def row(self) -> RunRecord:
        """Its last record."""
        (row,) = (r for r in self.records() if isinstance(r, RunRecord))
        return row


def world(seed: int = 0, **values: Any) -> World:
    """A world of that seed."""
    return World(dice(seed), **values)


def ledger(
    state: Path, journal: Journal, run: str = "A", usd_day: float | None = None, project: str = "/p"
) -> Ledger:
    """The ledger of a run."""
    return Ledger(state, Recorder(journal, run, read(state, run)), project, "t", usd_day)


def draw(state: Path, run: str, start: Any, taken: Any) -> None:
    """What another process does: it holds ten cents ten times, of a dollar a day.

    It takes its time between looking and holding, so that others come between if they can.
    """

    def slowly(*args: Any) -> float:
        before = spent(*args)
        time.sleep(0.01)
        return before

    runtime.ledger.spent = slowly  # type: ignore[attr-defined]
    with Journal(state) as journal:
        book = ledger(state, journal, run, usd_day=1.0)
        start.wait(60)
        taken.put(sum(book.hold(n, 0.1) for n in range(1, 11)))
