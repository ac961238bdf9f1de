"""Decisions → effects → events → records: the one driver of live runs.

A record is on the disk before the next decision is said, so a run that dies goes on where it stood.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream

from rungbook.interpret.climb.words import (
    Answered,
    Ask,
    Attempt,
    Attempted,
    Cancel,
    Check,
    Checked,
    Decision,
    End,
    Event,
    Leave,
    Stopped,
)

Asked = Attempt | Check | Ask
Flow = Generator[list[Decision], Event, None]
Detail = dict[str, Any]

Tell = Callable[[Decision | Event, Detail], None]
"""Hears every decision and event as it happens, with the details of its record."""


@dataclass(frozen=True, slots=True)
class Done:
    """An effect has ended: its event (the driver sets `at`), and what else the record is to say."""

    event: Event
    detail: Detail = field(default_factory=dict)


Word = tuple[Asked | None, Done | None]
"""A decision and what came of it: nothing while it waits for a person; Stopped has no decision."""


class Effects(Protocol):
    """What a decision does to the world."""

    def now(self) -> float:
        """Seconds of work so far."""
        ...

    async def act(self, decision: Asked) -> Done | None:
        """Carry it out; None when a person is needed and nobody is there."""
        ...

    async def closed(self, decision: Asked | None, done: Done) -> None:
        """Write down what came of it; durable when this returns."""
        ...


def _cancelled(decision: Asked) -> Done:
    """What it cost before it was stopped is unknown, so it counts at its bound."""
    if isinstance(decision, Attempt):
        return Done(Attempted(decision.id, 0.0, "cancelled", decision.usd_most))
    if isinstance(decision, Check):
        return Done(Checked(decision.id, 0.0, "cancelled", decision.usd_most))
    return Done(Answered(decision.id, 0.0, False))


@dataclass(slots=True)
class _Driver:
    flow: Flow
    effects: Effects
    tell: Tell
    inbox: MemoryObjectSendStream[Word]
    open: dict[int, tuple[Asked, anyio.CancelScope]] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    end: End | None = None

    def start(self, tasks: TaskGroup, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            self.tell(decision, {})
            if isinstance(decision, Cancel):
                self.cancel(decision.id)
            elif isinstance(decision, End):
                self.end = decision
            elif not isinstance(decision, Leave):
                scope = anyio.CancelScope()
                self.open[decision.id] = (decision, scope)
                tasks.start_soon(self.act, decision, scope)

    def cancel(self, n: int) -> None:
        decision, scope = self.open[n]
        scope.cancel()
        if n in self.waiting:
            self.waiting.discard(n)
            self.inbox.send_nowait((decision, _cancelled(decision)))

    async def act(self, decision: Asked, scope: anyio.CancelScope) -> None:
        done: Done | None = None
        with scope:
            done = await self.effects.act(decision)
        if scope.cancelled_caught:
            done = _cancelled(decision)
        self.inbox.send_nowait((decision, done))

    def park(self, decision: Asked) -> Done | None:
        """A person is needed and nobody is there: it waits, unless it was cancelled meanwhile."""
        _, scope = self.open[decision.id]
        if scope.cancel_called:
            return _cancelled(decision)
        self.waiting.add(decision.id)
        return None

    async def hear(self, decision: Asked | None, done: Done) -> list[Decision]:
        """Take one event: written down first, then said to the flow."""
        event = replace(done.event, at=self.effects.now())
        await self.effects.closed(decision, replace(done, event=event))
        self.tell(event, done.detail)
        if decision:
            del self.open[decision.id]
        return self.flow.send(event)


async def drive(
    flow: Flow, pending: Sequence[Decision], effects: Effects, tell: Tell, stop: anyio.Event
) -> End | None:
    """Act on the pending decisions and all that follow; None when the run waits for a person.

    `stop` ends the run: what is under way is cancelled, and what it cost is still heard.
    """
    send, receive = anyio.create_memory_object_stream[Word](float("inf"))
    driver = _Driver(flow, effects, tell, send)

    async def watch() -> None:
        await stop.wait()
        send.send_nowait((None, Done(Stopped(0.0))))

    async with send, receive, anyio.create_task_group() as tasks:
        tasks.start_soon(watch)
        driver.start(tasks, pending)
        while driver.end is None and len(driver.waiting) < len(driver.open):
            decision, done = await receive.receive()
            if decision and not done:
                done = driver.park(decision)
            if done:
                driver.start(tasks, await driver.hear(decision, done))
        tasks.cancel_scope.cancel()
    return driver.end
