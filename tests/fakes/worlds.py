"""Worlds that runs climb in: what attempts, checks and people do is drawn, or said by a test."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import anyio

from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Lane, Plan, Step
from rungbook.interpret.climb.words import (
    Answered,
    Ask,
    Attempt,
    Attempted,
    Check,
    Checked,
    Decision,
    End,
    Event,
)
from rungbook.interpret.replay import open_decisions, replay
from rungbook.ports import Question, Reply
from rungbook.runtime.drive import Asked, Done, drive

RESULTS = ("ok", "ok", "ok", "unusable", "unreachable", "overflow", "budget")
VERDICTS = ("pass", "pass", "pass", "fail", "unproved", "error", "not-applicable")

Does = Callable[[Asked], Awaitable[Done | None]]


def dice(seed: int = 0) -> random.Random:
    """The same throws for the same seed."""
    return random.Random(seed)  # noqa: S311


def a_plan(chance: random.Random) -> Plan:
    """A plan of one to three rungs, races among them, with one to three groups of checks."""
    usd = lambda: chance.choice([0.0, 0.0, 0.01, 0.3])  # noqa: E731
    steps = []
    for i in range(chance.randint(1, 3)):
        lanes = chance.sample("abc", chance.randint(1, 3))
        raced = tuple(Lane(m, usd(), chance.choice([None, "j"]), usd()) for m in lanes)
        steps.append(Step(f"r{i}", raced, chance.randint(1, 3)))
    return Plan(
        ladder="l",
        steps=tuple(steps),
        verify=chance.choice([(("p",),), (("p", "q"),), (("p",), ("q", "s")), ()]),
        judges=chance.choice([(), ("q",)]),
        exhausted=chance.choice(["skip", "review"]),
        unproved=chance.choice(["accept", "next-rung", "review"]),
        confirm_above_usd=chance.choice([None, 0.0, 0.2]),
        attempts=chance.choice([2, 6, None]),
        usd=chance.choice([0.5, None]),
    )


@dataclass(slots=True)
class World:
    """Effects whose answers are drawn and come in any order, or are what `does` makes of them.

    `log` has everything in the order it happened: ("said", word) and ("closed", event).
    """

    chance: random.Random = field(default_factory=dice)
    does: Does | None = None
    absent: float = 0.0
    log: list[tuple[str, Any]] = field(default_factory=list)
    under_way: set[int] = field(default_factory=set)
    began: list[int] = field(default_factory=list)
    time: float = 0.0

    def now(self) -> float:
        """A second more each time."""
        self.time += 1.0
        return self.time

    async def act(self, decision: Asked) -> Done | None:
        """Take a while, then say what came of it; whoever is asked may be absent."""
        assert decision.id not in self.under_way
        self.under_way.add(decision.id)
        self.began.append(decision.id)
        try:
            if self.does:
                return await self.does(decision)
            for _ in range(self.chance.randint(0, 4)):
                await anyio.sleep(0)
            return None if self._is_absent(decision) else self._drawn(decision)
        finally:
            self.under_way.remove(decision.id)

    async def closed(self, decision: Asked | None, done: Done) -> None:
        """Written down, after a while."""
        await anyio.sleep(0)
        self.log.append(("closed", done.event))

    def tell(self, word: Decision | Event, detail: dict[str, Any]) -> None:
        """Everything that is said or heard."""
        if isinstance(word, Attempted | Checked | Answered) or type(word).__name__ == "Stopped":
            assert self.log[-1] == ("closed", word), "it was told before it was written down"
        else:
            self.log.append(("said", word))

    @property
    def events(self) -> list[Event]:
        """The events that were written down."""
        return [word for what, word in self.log if what == "closed"]

    @property
    def said(self) -> list[Decision]:
        """The decisions, in order."""
        return [word for what, word in self.log if what == "said"]

    def _is_absent(self, decision: Asked) -> bool:
        person = isinstance(decision, Ask) or getattr(decision, "validator", "") == "s"
        return person and self.chance.random() < self.absent

    def _drawn(self, decision: Asked) -> Done:
        if isinstance(decision, Ask):
            return Done(Answered(decision.id, 0.0, self.chance.random() < 0.7))
        usd = decision.usd_most * self.chance.choice([0.0, 0.5, 1.0])
        if isinstance(decision, Attempt):
            return Done(Attempted(decision.id, 0.0, self.chance.choice(RESULTS), usd))
        return Done(Checked(decision.id, 0.0, self.chance.choice(VERDICTS), usd))


def climbed(
    plan: Plan, world: World, events: Sequence[Event] = (), stop_after: float | None = None
) -> End | None:
    """Drive a run in a world, after what was heard before; told to stop so many ticks later."""

    async def run() -> End | None:
        flow, stop = climb(plan), anyio.Event()
        told = list(replay(flow, events))
        pending = open_decisions(told) if events else told[0][1]
        async with anyio.create_task_group() as tasks:
            if stop_after is not None:
                tasks.start_soon(_stop, stop, stop_after)
            end = await drive(flow, pending, world, world.tell, stop)
            tasks.cancel_scope.cancel()
        return end

    return anyio.run(run)


async def _stop(stop: anyio.Event, ticks: float) -> None:
    for _ in range(int(ticks)):
        await anyio.sleep(0)
    stop.set()


def ok(decision: Attempt) -> Done:
    """There is a change."""
    return Done(Attempted(decision.id, 0.0, "ok", decision.usd_most))


def checked(decision: Check, verdict: Any) -> Done:
    """A check has that verdict."""
    return Done(Checked(decision.id, 0.0, verdict))


def plan(*steps: Step, verify: tuple[tuple[str, ...], ...] = (("p",),), **values: Any) -> Plan:
    """A plan that asks nobody about money."""
    return replace(Plan("l", steps, verify, confirm_above_usd=None), **values)


@dataclass(slots=True)
class Person:
    """An approver: gives one answer after the other, and is then gone."""

    answers: list[bool] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    async def ask(self, question: Question) -> Reply | None:
        """The next answer."""
        self.questions.append(question)
        return Reply(self.answers.pop(0), "ann", "test") if self.answers else None
