"""Rulebook, task and recorded rates → Plan: tables looked up, prices bounded, checkers chosen."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rungbook.interpret.climb.plan import Lane, Part, Plan, Step
from rungbook.records import Rate
from rungbook.rulebook.matrix import CHECKERS, EscalationMatrix, Ladder, Rung
from rungbook.rulebook.model import Model
from rungbook.rulebook.snapshot import Rulebook
from rungbook.rulebook.validator import Judge, Validator

Z = 1.645
"""The normal quantile of a one-sided 95 % bound."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done, and what the classifier says of it; `id` draws variants.

    `facts` are the `task.*` facts that the text, type, score and tokens do not say already.
    """

    id: str
    text: str
    type: str
    complexity: float = 0.0
    band: str | None = None
    tokens: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    def known(self) -> dict[str, Any]:
        """Every fact that a Table of a ladder may speak of."""
        return {
            **self.facts,
            "task.text": self.text,
            "task.tokens": self.tokens,
            "type": self.type,
            "complexity": self.complexity,
            "complexity.band": self.band,
        }


def upper(rate: Rate) -> float:
    """The highest success rate a record leaves room for (Wilson 1927, one-sided 95 %)."""
    if not rate.tried:
        return 1.0
    n, p, z = rate.tried, rate.won / rate.tried, Z
    spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (p + z * z / (2 * n) + spread) / (1 + z * z / n)


Rates = Mapping[tuple[str, str], Rate]
"""By (task type, model)."""


@dataclass(slots=True)
class _Resolving:
    """`judges`: how many of the ladder's checks need a checker; `wanted`: which one."""

    rulebook: Rulebook
    task: Task
    ladder: Ladder
    rates: Rates
    judges: int
    wanted: str
    notes: list[str]

    def step(self, rung: Rung) -> Step:
        """The rung with the lanes that can run; `barred` if none can, or if none can pay."""
        lanes: list[Lane] = []
        reasons: list[str] = []
        for name in rung.models:
            lane = self.lane(self.rulebook.models[name])
            if told := self.against(lane):
                reasons.append(told[0])
                self.notes.append(f"{rung.name}: {told[1]}")
            else:
                lanes.append(lane)
        return Step(rung.name, tuple(lanes), rung.attempts, None if lanes else reasons[0])

    def lane(self, model: Model) -> Lane:
        checker = None
        if self.judges:
            checker = choose_checker(self.rulebook.models, model, self.wanted)
        return Lane(
            model=model.name,
            usd=model.bound_usd(self.task.tokens),
            checker=checker.name if checker else None,
            checker_usd=checker.bound_usd(self.task.tokens) if checker else 0.0,
            variant=_variant(model, self.task.id),
        )

    def against(self, lane: Lane) -> tuple[str, str] | None:
        """(why the lane is passed over, in a sentence), if it is."""
        tokens, takes = self.task.tokens, self.rulebook.models[lane.model].context_tokens
        if self.judges and lane.checker is None:
            return "no-checker", f"nobody may judge {lane.model}"
        if takes is not None and tokens > takes:
            return "overflow", f"{lane.model} takes {takes} tokens, the task has {tokens}"
        worth, rate = self.ladder.worth_usd, self.rates.get((self.task.type, lane.model))
        usd = lane.usd + self.judges * lane.checker_usd
        if worth is None or rate is None or usd <= upper(rate) * worth:
            return None
        return "does-not-pay", (
            f"{lane.model} won {rate.won} of {rate.tried}: at most {upper(rate):.0%} of "
            f"${worth:g} does not cover ${usd:.4f}"
        )


def resolve(rulebook: Rulebook, matrix: str, task: Task, rates: Rates | None = None) -> Plan:
    """The plan of one run; raises KeyError if the matrix has no ladder of the task's type."""
    book = rulebook.matrices[matrix]
    ladder = book.ladders[task.type]
    row, wanted = ladder.checker.find(task.known())
    notes: list[str] = []
    verify = ladder.verify
    if wanted == "none":
        verify = _without_judges(rulebook, ladder, f"row {row + 1} of `checker` says none", notes)
    named = tuple(dict.fromkeys(v for group in verify for v in group))
    judges = tuple(v for v in named if rulebook.validators[v].is_judge)
    at = _Resolving(rulebook, task, ladder, rates or {}, len(judges), wanted, notes)
    steps = tuple(at.step(rung) for rung in ladder.rungs)
    models = tuple(rulebook.models[m] for m in _models(steps))
    validators = tuple(rulebook.validators[v] for v in named)
    return Plan(
        ladder=f"{matrix}/{ladder.name}",
        steps=steps,
        verify=verify,
        judges=judges,
        exhausted=ladder.exhausted,
        unproved=ladder.unproved,
        confirm_above_usd=ladder.confirm_above_usd,
        attempts=ladder.budget.attempts,
        seconds=ladder.budget.seconds,
        usd=ladder.budget.usd,
        usd_day=ladder.budget.usd_day,
        frozen=ladder.frozen,
        models=models,
        validators=validators,
        prompts={p: rulebook.prompts[p] for p in _prompts(models, validators)},
        parts=tuple(_parts(rulebook, book, ladder, steps, named)),
        notes=tuple(notes),
    )


def _without_judges(
    rulebook: Rulebook, ladder: Ladder, why: str, notes: list[str]
) -> tuple[tuple[str, ...], ...]:
    """The groups of checks without those that need a checker."""
    dropped = [v for g in ladder.verify for v in g if rulebook.validators[v].is_judge]
    notes += (f"{v}: not asked, {why}" for v in dropped)
    groups = (tuple(v for v in g if v not in dropped) for g in ladder.verify)
    return tuple(g for g in groups if g)


def _models(steps: tuple[Step, ...]) -> list[str]:
    lanes = [lane for step in steps for lane in step.lanes]
    names = {lane.model for lane in lanes} | {lane.checker for lane in lanes if lane.checker}
    return sorted(names)


def _prompts(models: Sequence[Model], validators: Sequence[Validator]) -> list[str]:
    """The templates that these name."""
    asked = {m.prompt for m in models if m.prompt is not None}
    return sorted(asked | {v.check.prompt for v in validators if isinstance(v.check, Judge)})


def _parts(
    rulebook: Rulebook,
    matrix: EscalationMatrix,
    ladder: Ladder,
    steps: tuple[Step, ...],
    validators: tuple[str, ...],
) -> Iterator[Part]:
    names = [f"EscalationMatrix/{matrix.name}/{ladder.name}", f"TaskTaxonomy/{matrix.taxonomy}"]
    names += [f"Model/{m}" for m in _models(steps)]
    names += [f"Validator/{v}" for v in validators]
    return (Part(name, rulebook.hashes[name]) for name in names)


def _variant(model: Model, draw: str) -> str | None:
    """The variant this run takes: the same run and model always draw the same."""
    digest = hashlib.sha256(f"{draw}/{model.name}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    for variant in model.variants:
        if share < variant.share:
            return variant.name
        share -= variant.share
    return None


def choose_checker(models: Mapping[str, Model], worker: Model, wanted: str) -> Model | None:
    """The Model that is named, else one at or above the worker's tier (`next-tier`: above it).

    Another family is preferred, then the cheaper; where none stands so high, the strongest below.
    Never the worker itself: where that is named, the next tier judges.
    """
    if wanted == "none":
        return None
    if wanted not in CHECKERS and wanted != worker.name:
        return models[wanted]
    least = (worker.tier or 0) + (wanted != "same-tier")

    def rank(model: Model) -> tuple[bool, int, bool, float, str]:
        tier = model.tier or 0
        below = tier < least
        kin = model.family is not None and model.family == worker.family
        return below, (-tier if below else 0), kin, model.price.output + tier / 1e6, model.name

    others = [m for m in models.values() if m.name != worker.name and m.can_judge]
    return min(others, key=rank, default=None)
