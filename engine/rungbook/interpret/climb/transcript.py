"""Ladder scripts: the user says what each rung meets, the climb says what comes of it."""

from dataclasses import dataclass, field
from typing import TypeVar, cast

from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.script import RESULTS, Line, Problem, Script, parse
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
    Leave,
    Result,
    Verdict,
)

A = TypeVar("A", Attempt, Check, Ask)

OPEN = "open"
"""How a run ended that the script did not bring to an end."""


@dataclass(frozen=True, slots=True)
class Played:
    """`ended`: `pass RUNG`, `skip`, `review` or OPEN; `problems`: (line of the script, message)."""

    ended: str
    problems: tuple[Problem, ...]


def play(plan: Plan, script: str) -> Played:
    """What the ladder makes of a script. Work in it takes no time and costs nothing.

    A line stands for an attempt with all its checks; those it does not name pass, a person's too.
    In a race the order of the lines is the order in which the models are ready.
    """
    parsed, problems = parse(plan, script)
    if problems:
        return Played(OPEN, problems)
    playing = _Playing(plan, parsed)
    return Played(playing.run(), tuple(playing.problems))


class _Astray(Exception):
    """The script and the ladder have parted."""


@dataclass(slots=True)
class _Playing:
    plan: Plan
    script: Script
    problems: list[Problem] = field(default_factory=list)
    next_line: int = 0
    open: dict[int, Attempt | Check | Ask] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    met: dict[int, Line] = field(default_factory=dict)
    left: str = ""
    end: End | None = None

    def run(self) -> str:
        """How the run ended."""
        flow = climb(self.plan)
        self.hear(next(flow))
        while self.end is None:
            try:
                event = self.event()
            except _Astray as astray:
                self.problems.append((self.line_number(), str(astray)))
                return OPEN
            del self.open[event.id]
            self.hear(flow.send(event))
        return self.compare(self.end)

    def hear(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            if isinstance(decision, Cancel):
                self.cancelled.add(decision.id)
            elif isinstance(decision, Leave):
                self.left = f"`{decision.rung}` was left ({decision.because}), and "
            elif isinstance(decision, End):
                self.end = decision
            else:
                self.open[decision.id] = decision

    def event(self) -> Attempted | Checked | Answered:
        """What is cancelled closes first, then checks follow their attempt, then the next line."""
        for asked in self.open.values():
            if asked.id in self.cancelled and not isinstance(asked, Ask):
                kind = Attempted if isinstance(asked, Attempt) else Checked
                return kind(asked.id, 0.0, "cancelled")
        for check in self.waiting(Check):
            return Checked(check.id, 0.0, self.verdict(check))
        return self.take_line()

    def verdict(self, check: Check) -> Verdict:
        line = self.met[check.attempt]
        return cast(Verdict, line.met) if line.check in (None, check.validator) else "pass"

    def take_line(self) -> Attempted | Answered:
        """The next line answers a person's question, or an attempt; raises _Astray."""
        if self.next_line == len(self.script.lines):
            raise _Astray(f"the script ends here, but {self.where()}")
        line = self.script.lines[self.next_line]
        for ask in self.waiting(Ask):
            if line.asked and line.rung == ask.subject:
                self.next_line += 1
                return Answered(ask.id, 0.0, line.met == "yes")
        for attempt in self.waiting(Attempt):
            if not line.asked and line.rung == attempt.rung and line.model in (None, attempt.model):
                self.next_line += 1
                self.met[attempt.id] = line
                result = cast(Result, line.met) if line.met in RESULTS else "ok"
                return Attempted(attempt.id, 0.0, result)
        raise _Astray(self.where())

    def waiting(self, kind: type[A]) -> list[A]:
        return [asked for asked in self.open.values() if isinstance(asked, kind)]

    def where(self) -> str:
        """What the ladder is at, as a script would write it."""
        at = [f"`{a.subject}?` (up to ${a.usd_most:.4f})" for a in self.waiting(Ask)]
        at += [f"`{a.rung} {a.model}` (round {a.round})" for a in self.waiting(Attempt)]
        return f"{self.left}the ladder is at {' and '.join(at)}"

    def line_number(self) -> int:
        lines = self.script.lines
        return lines[self.next_line].number if self.next_line < len(lines) else self.script.ends_at

    def compare(self, end: End) -> str:
        """Note what the script did not foresee."""
        rung = f" {self.met[end.attempt].rung}" if end.attempt and end.outcome == "pass" else ""
        ended = f"{end.outcome}{rung}"
        if self.next_line < len(self.script.lines):
            told = f"the run had ended: {ended} ({end.because})"
            self.problems.append((self.line_number(), told))
        if ended != self.script.ends:
            told = f"expected {self.script.ends}, got {ended} ({end.because})"
            self.problems.append((self.script.ends_at, told))
        return ended
