"""The text of a ladder script → its lines; every mistake is told with its line number.

`RUNG [MODEL] RESULT`, `RUNG [MODEL] VERDICT [CHECK]`, `RUNG? yes|no`, and at the end of the last
line, or after it, `=> pass RUNG | skip | review`; `#` begins a comment.
"""

from dataclasses import dataclass
from typing import get_args

from rungbook.interpret.climb.plan import Plan, Step
from rungbook.interpret.climb.words import Result, Verdict
from rungbook.rulebook.matchers import near

RESULTS: frozenset[str] = frozenset(get_args(Result)) - {"ok", "cancelled"}
VERDICTS: frozenset[str] = frozenset(get_args(Verdict)) - {"cancelled"}

Problem = tuple[int, str]
"""(line of the script, what is wrong there)."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one rung met: `met` is a result, a verdict (of `check`, else of all), yes or no."""

    number: int
    rung: str
    met: str
    asked: bool = False
    model: str | None = None
    check: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """The lines in order, how the run is to end, and the line that says so."""

    lines: tuple[Line, ...]
    ends: str
    ends_at: int


class _Wrong(Exception):
    """The message is for the user."""


def parse(plan: Plan, text: str) -> tuple[Script, tuple[Problem, ...]]:
    """The script, and what of it does not fit the plan's rungs, models and checks."""
    lines: list[Line] = []
    problems: list[Problem] = []
    ends, ends_at, number = "", 0, 1
    for number, raw in enumerate(text.splitlines(), 1):
        met, arrow, end = (part.strip() for part in raw.partition("#")[0].partition("=>"))
        if ends_at and (met or arrow):
            problems.append((ends_at, "only the last line may say `=>`"))
            break
        if arrow:
            ends_at = number
        try:
            if met:
                lines.append(_line(plan, number, met.split()))
            if arrow:
                ends = _end(plan, end)
        except _Wrong as wrong:
            problems.append((number, str(wrong)))
    if not ends_at:
        problems.append((number, "the script has to end in `=> pass RUNG`, `=> skip`, `=> review`"))
    return Script(tuple(lines), ends, ends_at), tuple(problems)


def _line(plan: Plan, number: int, words: list[str]) -> Line:
    name, rest = words[0], words[1:]
    step = _step(plan, name.removesuffix("?"))
    if name.endswith("?"):
        if rest not in (["yes"], ["no"]):
            raise _Wrong(f"`{name}` is answered by yes or no")
        return Line(number, step.name, rest[0], asked=True)
    model = None
    if rest and rest[0] not in VERDICTS | RESULTS:
        names = [lane.model for lane in step.lanes]
        known = [*names, *sorted(VERDICTS | RESULTS)]
        model = _find(rest[0], known, f"`{step.name}` has no model, result or verdict")
        rest = rest[1:]
    if not rest or rest[0] not in VERDICTS | RESULTS:
        after = " ".join(words[: len(words) - len(rest)])
        raise _Wrong(f"after `{after}` comes one of {', '.join(sorted(VERDICTS | RESULTS))}")
    met, check = rest[0], " ".join(rest[1:]) or None
    if check and met in RESULTS:
        raise _Wrong(f"after `{met}` nothing was checked, so `{check}` says nothing")
    if check:
        checks = [v for group in plan.verify for v in group]
        _find(check, checks, f"ladder {plan.ladder} has no check")
    if model is None and len(step.lanes) > 1:
        names = [lane.model for lane in step.lanes]
        raise _Wrong(f"`{step.name}` is a race: name the model, {' or '.join(names)}")
    return Line(number, step.name, met, model=model, check=check)


def _end(plan: Plan, end: str) -> str:
    outcome, _, rung = end.partition(" ")
    if outcome == "pass" and rung:
        return f"pass {_step(plan, rung.strip()).name}"
    if end in ("skip", "review"):
        return end
    raise _Wrong(f"a run ends in `pass RUNG`, `skip` or `review`, not in `{end}`")


def _step(plan: Plan, name: str) -> Step:
    _find(name, [step.name for step in plan.steps], f"ladder {plan.ladder} has no rung")
    return next(step for step in plan.steps if step.name == name)


def _find(word: str, known: list[str], missing: str) -> str:
    if word in known:
        return word
    there_is = f"there is {', '.join(known)}" if known else "it has none at all"
    raise _Wrong(f"{missing} `{word}`; {near(word, known) or there_is}")
