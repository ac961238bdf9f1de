"""What each decision of a run does: money is held, the work is done, the record is written."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from anyio import to_thread

from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import (
    Answered,
    Ask,
    Attempt,
    Attempted,
    Check,
    Checked,
    Stopped,
)
from rungbook.ports import Approver, Question
from rungbook.records import CheckRecord
from rungbook.rulebook.validator import Person
from rungbook.runtime.attempts import Attempts
from rungbook.runtime.clock import WorkClock
from rungbook.runtime.drive import Asked, Done
from rungbook.runtime.ledger import Ledger
from rungbook.runtime.proofs import Proofs
from rungbook.runtime.recorder import Recorder, said_in


@dataclass(slots=True)
class RunEffects:
    """The effects of one run; `lost`: decisions whose money was held when the engine died."""

    plan: Plan
    task: str
    attempts: Attempts
    proofs: Proofs
    ledger: Ledger
    recorder: Recorder
    approver: Approver
    clock: WorkClock
    lost: dict[int, float] = field(default_factory=dict)

    def now(self) -> float:
        """Seconds of work so far."""
        return self.clock.now()

    async def act(self, decision: Asked) -> Done | None:
        """Carry a decision out; None when a person is needed and nobody is there."""
        if isinstance(decision, Ask):
            return await self._ask(decision)
        if isinstance(decision, Check):
            check = self.plan.validator(decision.validator).check
            if isinstance(check, Person):
                return await self._person(decision, check)
        with self.clock.working():
            if isinstance(decision, Attempt):
                return await self._attempt(decision)
            return await self._check(decision)

    async def _attempt(self, asked: Attempt) -> Done:
        """Paid work that was under way when the engine died is not begun, and paid, again."""
        if asked.id in self.lost:
            detail = {"error": self._died}
            return Done(Attempted(asked.id, 0.0, "lost", self.lost[asked.id]), detail)
        if not await self._hold(asked):
            return Done(Attempted(asked.id, 0.0, "budget"), {"error": self._used_up(asked)})
        return await self.attempts.make(asked, self.recorder.written)

    async def _check(self, asked: Check) -> Done:
        """A judge who was paid when the engine died is not asked, and paid, again."""
        if asked.id in self.lost:
            detail = {"excerpt": self._died}
            return Done(Checked(asked.id, 0.0, "error", self.lost[asked.id]), detail)
        if not await self._hold(asked):
            detail = {"excerpt": f"{self._used_up(asked)}, so nobody judged"}
            return Done(Checked(asked.id, 0.0, "error"), detail)
        return await self.proofs.make(asked, self.recorder.written)

    async def _hold(self, asked: Attempt | Check) -> bool:
        return await to_thread.run_sync(self.ledger.hold, asked.id, asked.usd_most)

    _died: ClassVar[str] = "the engine died while it ran; its cost counts at its bound"

    def _used_up(self, asked: Attempt | Check) -> str:
        most = f"${asked.usd_most:.4f}"
        return f"what is left of the day's ${self.plan.usd_day or 0:g} does not cover {most}"

    async def _ask(self, asked: Ask) -> Done | None:
        text = f"Rung `{asked.subject}` may cost up to ${asked.usd_most:.4f}. Go on?"
        reply = await self.approver.ask(Question("spend", asked.subject, text, asked.usd_most))
        if reply is None:
            return None
        return Done(Answered(asked.id, 0.0, reply.yes), said_in(reply))

    async def _person(self, asked: Check, person: Person) -> Done | None:
        """A check that is a person's look at the change."""
        diff = await to_thread.run_sync(self.attempts.sandboxes.diff, asked.attempt)
        lines = [f"{c.validator}: {c.verdict}" for c in self._checks(asked.attempt)]
        question = Question("check", self.task, person.ask, lines=(*diff.splitlines(), "", *lines))
        reply = await self.approver.ask(question)
        if reply is None:
            return None
        said = (asked.id, self.now(), ("check", asked.validator), reply)
        await to_thread.run_sync(self.recorder.looked, *said)
        told = f"{reply.who} said {'yes' if reply.yes else 'no'}"
        detail: dict[str, Any] = {
            "confidence": self.plan.validator(asked.validator).confidence,
            "excerpt": ": ".join(filter(None, (told, reply.note))),
        }
        return Done(Checked(asked.id, 0.0, "pass" if reply.yes else "fail"), detail)

    def _checks(self, attempt: int) -> list[CheckRecord]:
        records = self.recorder.written
        return [r for r in records if isinstance(r, CheckRecord) and r.attempt == attempt]

    async def closed(self, decision: Asked | None, done: Done) -> None:
        """Write the record, then settle what was held."""
        await to_thread.run_sync(self._write, decision, done)

    def _write(self, decision: Asked | None, done: Done) -> None:
        event = done.event
        if isinstance(event, Stopped):
            self.recorder.stopped(event)
        elif isinstance(decision, Attempt) and isinstance(event, Attempted):
            self.recorder.attempt(decision, event, done.detail)
            self.ledger.settle(event.id, event.usd)
        elif isinstance(decision, Check) and isinstance(event, Checked):
            self.recorder.check(decision, event, done.detail)
            self.ledger.settle(event.id, event.usd)
        elif isinstance(decision, Ask) and isinstance(event, Answered):
            self.recorder.answer(decision, event, done.detail)
