"""Which type a task has, how hard it is, and why: the taxonomy alone decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rungbook.rulebook.likeness import Like
from rungbook.rulebook.taxonomy import TaskTaxonomy

_GRID = 100
"""Points of the score's range at which the neighbourhood of a task is looked at."""

SURE = 0.2
"""The share of the score's range from which the nearest other type is far: confidence 1."""

EVEN = 0.5
"""How sure it is where the rows of the table say otherwise than the examples."""

REASONS = 8
"""Reasons for a likeness that are told."""


@dataclass(frozen=True, slots=True)
class Classified:
    """`features`: what each term of the score added, or the floor or ceiling it set.

    `like` is the type whose examples the task is most like, `because` the terms and (in quotes) the
    words that spoke for that most, or against it. `confidence` is how often the examples were right
    where they were as far apart; without examples it is 0.5 where the smallest change of the score
    would change the type, and rises to 1 where the nearest other type is a fifth of the range away.
    """

    type: str
    complexity: float
    band: str | None
    confidence: float
    features: Mapping[str, float]
    small_models: bool | None = None
    like: str | None = None
    because: Mapping[str, float] = field(default_factory=dict)


def classify(taxonomy: TaskTaxonomy, facts: Mapping[str, Any]) -> Classified:
    """Compare with the examples, score the facts (`task.*`), then the first type that holds."""
    like = _like(taxonomy, facts)
    if like:
        facts = {**facts, "task.like": like.type}
    complexity, features = taxonomy.complexity.explain(facts)
    kind = _type(taxonomy, facts, complexity)
    band = taxonomy.band(complexity)
    small = None
    if taxonomy.small_models:
        known = {**facts, "complexity": complexity, "complexity.band": band, "type": kind}
        small = bool(taxonomy.small_models.find(known)[1])
    return Classified(
        type=kind,
        complexity=round(complexity, 3),
        band=band,
        confidence=round(_confidence(taxonomy, facts, complexity, kind, like), 3),
        features={name: round(x, 3) for name, x in features.items()},
        small_models=small,
        like=like.type if like else None,
        because=dict([*like.because.items()][:REASONS]) if like else {},
    )


def _like(taxonomy: TaskTaxonomy, facts: Mapping[str, Any]) -> Like | None:
    """What the examples say, where there are any and the task has a text."""
    text = facts.get("task.text")
    return taxonomy.likeness.of(text) if text and taxonomy.likeness else None


def _type(taxonomy: TaskTaxonomy, facts: Mapping[str, Any], complexity: float) -> str:
    known = {**facts, "complexity": complexity, "complexity.band": taxonomy.band(complexity)}
    return str(taxonomy.types.find(known)[1])


def _confidence(
    taxonomy: TaskTaxonomy,
    facts: Mapping[str, Any],
    complexity: float,
    kind: str,
    like: Like | None,
) -> float:
    """That of the examples; else from the distance to the nearest score of another type."""
    if like:
        return like.confidence if like.type == kind else EVEN
    low, high = taxonomy.complexity.low, taxonomy.complexity.high
    grid = (low + (high - low) * i / _GRID for i in range(_GRID + 1))
    others = (x for x in grid if _type(taxonomy, facts, x) != kind)
    nearest = min((abs(x - complexity) for x in others), default=high - low)
    return 0.5 + 0.5 * min(1.0, nearest / (SURE * (high - low)))
