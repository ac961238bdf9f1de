"""What a check saw: facts only; what they prove is judged by `interpret.validate`."""

from dataclasses import dataclass
from typing import Literal

from rungbook import regexes
from rungbook.rulebook.validator import Metric

Verdict = Literal["pass", "unproved", "error", "fail", "not-applicable"]
"""What a check says of a change."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a test runner counted; `ran` leaves skipped tests out."""

    ran: int
    passed: int
    failed: int = 0
    errors: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a judge says that a change does what its task asks, how sure it is, and why."""

    meets: bool
    confidence: float
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One run of a check on one tree.

    `status` is None where it never ended by itself, and `because` names the limit; `missing` names
    what is not installed; `reports` says that a report was asked for; `value` is the metric's;
    `applies` is False where there was nothing to look at; `elsewhere` are the changed modules that
    were loaded from another place than the tree; `judgement` is a judge's; `broke` says why there
    is nothing else to see.
    """

    status: int | None = None
    because: str = ""
    missing: str = ""
    reports: bool = False
    report: Report | None = None
    value: float | None = None
    applies: bool = True
    elsewhere: tuple[str, ...] = ()
    judgement: Judgement | None = None
    broke: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation and its evidence: the end of what the check printed, or what a judge wrote."""

    observation: Observation
    excerpt: str = ""


def number(metric: Metric, output: str) -> float | None:
    """The metric's number: the first in the last `regexes.MAX_INPUT` characters; None if none."""
    found = regexes.compiled(metric.finds).search(output[-regexes.MAX_INPUT :])
    try:
        return float(found["value"]) if found else None
    except (TypeError, ValueError):
        return None
