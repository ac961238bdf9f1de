"""The ladder as a generator: it says decisions and hears events. No clock, no IO, no chance.

The events of a run, sent through a new generator, bring out the same decisions: that is resume,
replay, `why` and `rungbook test`.
"""

from collections.abc import Generator, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from rungbook.interpret.climb.budget import Budget
from rungbook.interpret.climb.plan import Plan, Step
from rungbook.interpret.climb.proof import Proof
from rungbook.interpret.climb.words import (
    WORKED,
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
    Feedback,
    Leave,
    Stopped,
    one_word,
)

T = TypeVar("T")
Flow = Generator[list[Decision], Event, T]
"""Says lists of decisions, hears one event at a time, comes to a T."""

_ANSWERS = {Attempt: Attempted, Check: Checked, Ask: Answered}


class _Stop(Exception):
    """Stopped was heard."""


class _Climb:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.ids = 0
        self.budget = Budget(plan)
        self.open: dict[int, Attempt | Check | Ask] = {}
        self.cancelled: set[int] = set()
        self.say: list[Decision] = []

    def run(self) -> Flow[None]:
        try:
            end = yield from self.ladder()
        except _Stop:
            end = End("skip", "stopped")
        self.cancel(self.open)
        while self.open:  # nothing is left running, every cost is known
            with suppress(_Stop):  # what is decided stands
                yield from self.hear()
        event = yield [*self.say, end]
        raise ValueError(f"{event} comes after the end")

    def ladder(self) -> Flow[End]:
        """Rung after rung."""
        because = "no-rungs"
        for step in self.plan.steps:
            met = yield from self.rung(step)
            if isinstance(met, End):
                return met
            because = met
            self.say.append(Leave(step.name, because))
        return End(self.plan.exhausted, because)

    def rung(self, step: Step) -> Flow[End | str]:
        """Rounds until the run ends here; or why the rung is left."""
        if because := step.barred or self.budget.lacks(step):
            return because
        if not (yield from self.agreed(step)):
            return "declined"
        feedback: Feedback = ()
        for n in range(1, step.attempts + 1):
            if because := self.budget.lacks(step):
                return because
            proofs = yield from self.round(step, n, feedback)
            if met := self.outcome(proofs):
                return met
            # Who never got to work stays out: the provider has retried already.
            step = replace(step, lanes=tuple(p.lane for p in proofs if p.result in WORKED))
            feedback = tuple(told for p in proofs for told in p.feedback)
        return "failed"

    def agreed(self, step: Step) -> Flow[bool]:
        """Whether the rung is cheap enough not to ask, or a person says yes."""
        usd = self.budget.to_confirm(step)
        if usd is None:
            return True
        self.begin(Ask(self.id(), "spend", step.name, usd))
        event = yield from self.hear()
        return isinstance(event, Answered) and event.yes

    def round(self, step: Step, n: int, feedback: Feedback) -> Flow[list[Proof]]:
        """All lanes at once, until one has won or all have closed."""
        left = self.budget.seconds_left()
        owner: dict[int, Proof] = {}
        for lane in step.lanes:
            i, who = self.id(), (lane.model, lane.variant)
            self.begin(Attempt(i, step.name, n, *who, feedback, lane.usd, left))
            owner[i] = Proof(i, lane)
        proofs = list(owner.values())
        while owner:
            event = yield from self.hear()
            proof = owner.pop(event.id)
            self.take(proof, event)
            owner |= dict.fromkeys(proof.open, proof)
            if self.won(proof):
                break
        return proofs

    def take(self, proof: Proof, event: Attempted | Checked | Answered) -> None:
        """Let an answer speak for or against the proof; begin what is due after it."""
        if isinstance(event, Attempted):
            proof.ended(event.result)
        elif isinstance(event, Checked):
            proof.checked(event)
            if event.verdict == "fail":
                self.cancel(proof.open)
        while proof.standing and not proof.open and proof.groups_begun < len(self.plan.verify):
            for validator in self.plan.verify[proof.groups_begun]:
                self.check(proof, validator)
            proof.groups_begun += 1

    def check(self, proof: Proof, validator: str) -> None:
        """Begin a check; those that judge do so by the lane's checker."""
        lane, judged = proof.lane, validator in self.plan.judges
        judge, usd = (lane.checker, lane.checker_usd) if judged else (None, 0.0)
        i = self.id()
        self.begin(Check(i, proof.attempt, validator, judge, usd))
        proof.open[i] = validator

    def won(self, proof: Proof) -> bool:
        """Whether the attempt is through all groups, and what was heard is enough."""
        enough = proof.verdict == "pass" or self.plan.unproved == "accept"
        return proof.standing and not proof.open and enough

    def outcome(self, proofs: list[Proof]) -> End | str | None:
        """How a round ends the run, or why it ends the rung; None: another round."""
        for p in proofs:
            if self.won(p):
                proved = p.verdict == "pass"
                return End("pass", "passed" if proved else "unproved", p.attempt, proved)
        for p in proofs:
            if p.verdict == "error":  # a dearer model cures no broken check
                return End("review", "check-broken", p.attempt)
        for p in proofs:
            if p.standing:
                review = self.plan.unproved == "review"
                return End("review", "unproved", p.attempt) if review else "unproved"
        if any(p.result in WORKED for p in proofs):
            return None
        return next((p.result for p in proofs if p.result), "no-lanes")

    def hear(self) -> Flow[Attempted | Checked | Answered]:
        """Say what is due, take one answer; raises ValueError for what answers nothing."""
        say, self.say = self.say, []
        event = yield say
        if isinstance(event, Stopped):
            self.budget.stop(event)
            raise _Stop
        asked = self.open.get(event.id)
        if asked is None or type(event) is not _ANSWERS[type(asked)]:
            raise ValueError(f"{event} answers no open decision")
        if one_word(event) == "cancelled" and event.id not in self.cancelled:
            raise ValueError(f"{event} answers no Cancel")
        self.budget.count(asked, event)
        del self.open[event.id]
        return event

    def id(self) -> int:
        self.ids += 1
        return self.ids

    def begin(self, asked: Attempt | Check | Ask) -> None:
        self.open[asked.id] = asked
        self.say.append(asked)

    def cancel(self, ids: Iterable[int]) -> None:
        """Each at most once."""
        fresh = [i for i in ids if i not in self.cancelled]
        self.cancelled.update(fresh)
        self.say += map(Cancel, fresh)


def climb(plan: Plan) -> Flow[None]:
    """The run of a plan: `next` it once, then `send` events until it says End.

    Raises ValueError for an event that answers no open decision, or comes after the end.
    """
    return _Climb(plan).run()
