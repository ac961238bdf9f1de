"""What each decision of a run does: money is held, the work is done, the record is written."""

from dataclasses import dataclass, field, replace
from typing import Any

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
from rungbook.runtime.recorder import ANSWER, Recorder


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
            return await self._paid(decision)

    async def _paid(self, decision: Attempt | Check) -> Done:
        """Work that may cost money; what was in flight at a crash is not paid for twice."""
        if isinstance(decision, Attempt):
            if decision.id in self.lost:
                usd = self.lost.pop(decision.id)
                detail = {"error": "the engine died while it ran; its cost counts at its bound"}
                return Done(Attempted(decision.id, 0.0, "lost", usd), detail)
            if not await to_thread.run_sync(self.ledger.hold, decision.id, decision.usd_most):
                detail = {"error": f"the day's ${self.plan.usd_day:g} are used up"}
                return Done(Attempted(decision.id, 0.0, "budget"), detail)
            return await self.attempts.make(decision, self.recorder.written)
        if not await to_thread.run_sync(self.ledger.hold, decision.id, decision.usd_most):
            reason = f"the day's ${self.plan.usd_day:g} are used up, so nobody judged"
            return Done(Checked(decision.id, 0.0, "error"), {"excerpt": reason})
        done = await self.proofs.make(decision)
        extra = self.lost.pop(decision.id, 0.0)
        if extra and isinstance(done.event, Checked):
            done = replace(done, event=replace(done.event, usd=done.event.usd + extra))
        return done

    async def _ask(self, asked: Ask) -> Done | None:
        text = f"Rung `{asked.subject}` may cost up to ${asked.usd_most:.4f}. Go on?"
        reply = await self.approver.ask(Question("spend", asked.subject, text, asked.usd_most))
        if reply is None:
            return None
        detail = {"who": reply.who, "channel": reply.channel, "note": reply.note}
        return Done(Answered(asked.id, 0.0, reply.yes), {**detail, "answer": ANSWER[reply.yes]})

    async def _person(self, asked: Check, person: Person) -> Done | None:
        """A check that is a person's look at the change."""
        diff = await to_thread.run_sync(self.attempts.sandboxes.diff, asked.attempt)
        lines = [f"{c.validator}: {c.verdict}" for c in self._checks(asked.attempt)]
        question = Question("check", self.task, person.ask, lines=(*diff.splitlines(), "", *lines))
        reply = await self.approver.ask(question)
        if reply is None:
            return None
        told = f"{reply.who} said {ANSWER[reply.yes]}" + (f": {reply.note}" if reply.note else "")
        confidence = self.plan.validator(asked.validator).confidence
        detail: dict[str, Any] = {"confidence": confidence, "excerpt": told}
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
            self.recorder.stopped(event, "user")
        elif isinstance(decision, Attempt) and isinstance(event, Attempted):
            self.recorder.attempt(decision, event, done.detail)
            self.ledger.settle(event.id, event.usd)
        elif isinstance(decision, Check) and isinstance(event, Checked):
            self.recorder.check(decision, event, done.detail)
            self.ledger.settle(event.id, event.usd)
        elif isinstance(decision, Ask) and isinstance(event, Answered):
            self.recorder.answer(decision, event, done.detail)
