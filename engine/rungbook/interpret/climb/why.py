"""Why a run went as it did: told again from its plan and events; nothing extra is stored for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from rungbook.interpret.climb.budget import Budget
from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Part, Plan
from rungbook.interpret.climb.words import (
    WORKED,
    Answered,
    Ask,
    Attempt,
    Cancel,
    Check,
    Decision,
    End,
    Event,
    Leave,
    Stopped,
    one_word,
)

Asked = Attempt | Check | Ask
What = Literal["plan", "part", "note", "attempt", "check", "ask", "stop", "leave", "end"]
Facts = tuple[tuple[str, str | int | float], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was decided, asked or found out.

    `subject` is what about (a ladder, rung, model, validator), `said` what came of it, `at` the
    seconds of work until then, `facts` what it rests on (amounts in USD and seconds), `part` the
    part of the rulebook that says so. `depth` counts how far below the run it stands.
    """

    what: What
    depth: int
    subject: str
    said: str
    at: float | None = None
    facts: Facts = ()
    part: Part | None = None


def explain(
    plan: Plan, events: Iterable[Event], sure: Mapping[int, float] | None = None
) -> tuple[Line, ...]:
    """The plan, what it passed over, then the run in order; what is under way says `open`.

    `sure`: how sure the judge of a check was, by the check's id. Raises ValueError if the events
    are not those of a run of this plan.
    """
    telling = _Telling(plan, sure or {})
    flow = climb(plan)
    telling.say(next(flow))
    for event in events:
        said = flow.send(event)
        telling.hear(event)
        telling.say(said)
    return telling.told()


class _Telling:
    def __init__(self, plan: Plan, sure: Mapping[int, float]) -> None:
        self.plan, self.sure = plan, sure
        self.budget = Budget(plan)
        self.parts = {part.part: part for part in plan.parts}
        self.ladder = self.parts.get(f"EscalationMatrix/{plan.ladder}")
        self.open: dict[int, Asked] = {}
        self.idle: set[tuple[str, str]] = set()  # (rung, model) that never got to work
        self.lines: list[Line] = []

    def say(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            if isinstance(decision, Leave):
                self.lines.append(self.left(decision))
            elif isinstance(decision, End):
                self.lines.append(self.ended(decision))
            elif not isinstance(decision, Cancel):
                self.open[decision.id] = decision

    def hear(self, event: Event) -> None:
        if isinstance(event, Stopped):
            self.budget.stop(event)
            self.lines.append(Line("stop", 1, "run", "stopped", event.at))
            return
        asked = self.open.pop(event.id)
        self.budget.count(asked, event)
        said = one_word(event)
        if isinstance(asked, Attempt) and said not in WORKED:
            self.idle.add((asked.rung, asked.model))
        usd = 0.0 if isinstance(event, Answered) else event.usd
        self.lines.append(self.about(asked, said, event.at, usd))

    def about(self, asked: Asked, said: str, at: float | None = None, usd: float = 0.0) -> Line:
        """The line of one decision, answered or open."""
        facts = _facts(asked, self.plan)
        if isinstance(asked, Check) and asked.model and asked.id in self.sure:
            facts += (("sure", self.sure[asked.id]),)
        if not isinstance(asked, Ask) and (usd or asked.usd_most):
            facts += (("usd", usd), ("usd_most", asked.usd_most))
        if isinstance(asked, Ask):
            return Line("ask", 1, asked.subject, said, at, facts, self.ladder)
        if isinstance(asked, Attempt):
            part = self.parts.get(f"Model/{asked.model}")
            return Line("attempt", 2, asked.model, said, at, facts, part)
        part = self.parts.get(f"Validator/{asked.validator}")
        return Line("check", 3, asked.validator, said, at, facts, part)

    def left(self, leave: Leave) -> Line:
        """A budget says what was used, what one more round could take, and the limit."""
        plan, used = self.plan, self.budget
        step = next(s for s in plan.steps if s.name == leave.rung)
        lanes = (lane for lane in step.lanes if (step.name, lane.model) not in self.idle)
        step = replace(step, lanes=tuple(lanes))
        facts: Facts = ()
        if leave.because == "attempts" and plan.attempts is not None:
            facts = (("used", used.attempts), ("next", len(step.lanes)), ("limit", plan.attempts))
        elif leave.because == "seconds" and plan.seconds is not None:
            facts = (("used", used.seconds), ("limit", plan.seconds))
        elif leave.because == "usd" and plan.usd is not None:
            facts = (("used", used.usd), ("next", plan.round_usd(step)), ("limit", plan.usd))
        return Line("leave", 1, leave.rung, leave.because, used.seconds, facts, self.ladder)

    def ended(self, end: End) -> Line:
        used = self.budget
        facts: Facts = (("because", end.because), ("attempts", used.attempts), ("usd", used.usd))
        if end.attempt is not None:
            facts += (("attempt", end.attempt), ("proved", "yes" if end.proved else "no"))
        return Line("end", 0, self.plan.ladder, end.outcome, used.seconds, facts, self.ladder)

    def told(self) -> tuple[Line, ...]:
        """Plan, parts that no line names, notes; then what happened, then what is under way."""
        rest = [self.about(asked, "open") for asked in self.open.values()]
        happened = [*self.lines, *rest]
        named = {line.part for line in happened} | {self.ladder}
        parts = [
            Line("part", 1, part.part, "had a say", part=part)
            for part in self.plan.parts
            if part not in named
        ]
        notes = [Line("note", 1, self.plan.ladder, note) for note in self.plan.notes]
        return (self.begun(), *parts, *notes, *happened)

    def begun(self) -> Line:
        plan = self.plan
        limits = (("attempts", plan.attempts), ("seconds", plan.seconds), ("usd", plan.usd))
        facts: Facts = (
            ("rungs", ", ".join(step.name for step in plan.steps)),
            ("verify", ", ".join(" | ".join(group) for group in plan.verify)),
            *((name, limit) for name, limit in limits if limit is not None),
        )
        return Line("plan", 0, plan.ladder, "begun", 0.0, facts, self.ladder)


def _facts(asked: Asked, plan: Plan) -> Facts:
    """What stood with the decision, beside its money."""
    if isinstance(asked, Ask):
        above = plan.confirm_above_usd or 0.0
        return (("about", asked.about), ("usd_most", asked.usd_most), ("above", above))
    if isinstance(asked, Check):
        judge = (("by", asked.model),) if asked.model else ()
        return (("attempt", asked.attempt), *judge)
    facts: Facts = (("attempt", asked.id), ("rung", asked.rung), ("round", asked.round))
    if asked.variant:
        facts += (("variant", asked.variant),)
    if asked.feedback:
        told = ", ".join(f"{validator} of {attempt}" for attempt, validator in asked.feedback)
        facts += (("told", told),)
    return facts
