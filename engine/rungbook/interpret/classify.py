"""Which type a task has, how hard it is, and why: the taxonomy alone decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rungbook.rulebook.taxonomy import TaskTaxonomy

_GRID = 100
"""Points of the score's range at which the neighbourhood of a task is looked at."""

SURE = 0.2
"""The share of the score's range from which the nearest other type is far: confidence 1."""


@dataclass(frozen=True, slots=True)
class Classified:
    """`features`: what each term of the score added, or the floor or ceiling it set.

    `confidence` is 0.5 where the smallest change of the score would change the type, and rises to 1
    where the nearest other type is a fifth of the range away.
    """

    type: str
    complexity: float
    band: str | None
    confidence: float
    features: Mapping[str, float]
    small_models: bool | None = None


def classify(taxonomy: TaskTaxonomy, facts: Mapping[str, Any]) -> Classified:
    """Score the facts (`task.*`), then the first type whose row holds."""
    complexity, features = taxonomy.complexity.explain(facts)
    kind = _type(taxonomy, facts, complexity)
    band = taxonomy.band(complexity)
    small = None
    if taxonomy.small_models:
        known = {**facts, "complexity": complexity, "complexity.band": band, "type": kind}
        small = bool(taxonomy.small_models.find(known)[1])
    sure = _confidence(taxonomy, facts, complexity, kind)
    return Classified(kind, round(complexity, 3), band, round(sure, 3), features, small)


def _type(taxonomy: TaskTaxonomy, facts: Mapping[str, Any], complexity: float) -> str:
    known = {**facts, "complexity": complexity, "complexity.band": taxonomy.band(complexity)}
    return str(taxonomy.types.find(known)[1])


def _confidence(
    taxonomy: TaskTaxonomy, facts: Mapping[str, Any], complexity: float, kind: str
) -> float:
    """From the distance to the nearest score at which the task would have another type."""
    low, high = taxonomy.complexity.low, taxonomy.complexity.high
    grid = (low + (high - low) * i / _GRID for i in range(_GRID + 1))
    others = (x for x in grid if _type(taxonomy, facts, x) != kind)
    nearest = min((abs(x - complexity) for x in others), default=high - low)
    return 0.5 + 0.5 * min(1.0, nearest / (SURE * (high - low)))
