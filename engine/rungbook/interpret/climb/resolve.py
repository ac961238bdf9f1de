"""Rulebook, task and recorded rates → Plan: tables looked up, prices bounded, checkers chosen."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rungbook.interpret.climb.plan import Lane, Part, Plan, Step
from rungbook.records import Rate
from rungbook.rulebook.matrix import CHECKERS, EscalationMatrix, Ladder, Rung
from rungbook.rulebook.model import Model
from rungbook.rulebook.snapshot import Rulebook

Z = 1.645
"""The normal quantile of a one-sided 95 % bound."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done, and what the classifier says of it; `id` draws variants."""

    id: str
    text: str
    type: str
    complexity: float = 0.0
    band: str | None = None
    tokens: int = 0


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
    rulebook: Rulebook
    task: Task
    ladder: Ladder
    rates: Rates
    judged: bool
    wanted: str
    notes: list[str]

    def step(self, rung: Rung) -> Step:
        """The rung with the lanes that can run; `barred` if none can, or if it cannot pay."""
        lanes: list[Lane] = []
        reasons: list[str] = []
        for name in rung.models:
            lane, reason = self.lane(rung, self.rulebook.models[name])
            if reason:
                reasons.append(reason)
            else:
                lanes.append(lane)
        return Step(rung.name, tuple(lanes), rung.attempts, None if lanes else reasons[0])

    def lane(self, rung: Rung, model: Model) -> tuple[Lane, str]:
        """(the lane, why it is passed over, if it is)."""
        task = self.task
        usd = model.bound_usd(task.tokens)
        checker = None
        if self.judged:
            checker = choose_checker(self.rulebook.models, model, self.wanted)
        judge_usd = checker.bound_usd(task.tokens) if checker else 0.0
        name = checker.name if checker else None
        lane = Lane(model.name, usd, name, judge_usd, _variant(model, task.id))
        if self.judged and checker is None:
            return lane, self.pass_over(rung, "no-checker", f"nobody may judge {model.name}")
        if model.context_tokens is not None and task.tokens > model.context_tokens:
            told = f"{model.name} takes {model.context_tokens} tokens, the task has {task.tokens}"
            return lane, self.pass_over(rung, "overflow", told)
        worth, rate = self.ladder.worth_usd, self.rates.get((task.type, model.name))
        if worth is not None and rate and usd + judge_usd > upper(rate) * worth:
            told = (
                f"{model.name} won {rate.won} of {rate.tried}: at most {upper(rate):.0%} × "
                f"${worth:g} does not cover ${usd + judge_usd:.4f}"
            )
            return lane, self.pass_over(rung, "does-not-pay", told)
        return lane, ""

    def pass_over(self, rung: Rung, reason: str, told: str) -> str:
        self.notes.append(f"{rung.name}: {told}")
        return reason


def resolve(rulebook: Rulebook, matrix: str, task: Task, rates: Rates | None = None) -> Plan:
    """The plan of one run; raises KeyError if the matrix has no ladder of the task's type."""
    book = rulebook.matrices[matrix]
    ladder = book.ladders[task.type]
    known = {"type": task.type, "complexity": task.complexity, "complexity.band": task.band,
             "task.text": task.text, "task.tokens": task.tokens}  # fmt: skip
    row, wanted = ladder.checker.find(known)
    notes: list[str] = []
    verify = ladder.verify
    if wanted == "none":
        verify = _without_judges(rulebook, ladder, f"row {row + 1} of `checker` says none", notes)
    named = tuple(dict.fromkeys(v for group in verify for v in group))
    judges = tuple(v for v in named if rulebook.validators[v].is_judge)
    at = _Resolving(rulebook, task, ladder, rates or {}, bool(judges), wanted, notes)
    steps = tuple(at.step(rung) for rung in ladder.rungs)
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
        models=tuple(rulebook.models[m] for m in _models(steps)),
        validators=tuple(rulebook.validators[v] for v in named),
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
    """The Model that is named, or one at or above the worker's tier, of another family if it can be;
    where none stands so high, the strongest below. Never the worker itself."""
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

    others = [m for m in models.values() if m.name != worker.name and m.provider]
    return min(others, key=rank, default=None)
