"""Validator: one way to prove an outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rungbook.rulebook import check as checks
from rungbook.rulebook import environment as env
from rungbook.rulebook import schema as s
from rungbook.rulebook.check import (
    FEEDBACK_CHARS,
    Check,
    Command,
    Comparison,
    Judge,
    Metric,
    Parse,
    Person,
    Regex,
    Schema,
    Tests,
)
from rungbook.rulebook.environment import Environment
from rungbook.rulebook.matchers import bad_globs
from rungbook.rulebook.problem import Problem

__all__ = [
    "FEEDBACK_CHARS",
    "Check",
    "Command",
    "Comparison",
    "Judge",
    "Metric",
    "Parse",
    "Person",
    "Regex",
    "Schema",
    "Tests",
    "Validator",
]

TIMEOUT_S = 60.0
"""Seconds a check may take where its spec is silent."""


@dataclass(frozen=True, slots=True)
class Validator:
    """A check with its standing; `errors`: exit statuses that may mean the check itself broke."""

    name: str
    check: Check
    confidence: float = 1.0
    false_accept: float = 0.0
    timeout_s: float = TIMEOUT_S
    cost: float = 1.0
    errors: tuple[int, ...] = ()
    if_missing: Literal["skip", "error"] = "error"
    environment: Environment = env.DEFAULT

    @property
    def is_judge(self) -> bool:
        """Whether a model speaks here, so that a checker is needed."""
        return isinstance(self.check, Judge)


SCHEMA = s.mapping(
    "One way to prove an outcome: a parse, a command, the tests, a regex, a schema, a judge, a"
    " person.",
    needs=("check", "confidence"),
    check=checks.SCHEMA,
    confidence=s.number("How far a pass is believed, stated; 0 to 1.", 0.95, maximum=1),
    false_accept=s.number("The share of wrong work that passes, stated; 0 to 1.", 0.05, maximum=1),
    timeout=s.duration("How long it may take.", {"seconds": 600}),
    cost=s.number("What it costs beside others, in any unit.", 3),
    errors=s.mapping(
        "When the check itself broke; counted only where the untouched tree gives it too.",
        exit=s.items("Exit statuses.", s.whole("A status.", 3, 0), examples=[[3, 4]]),
    ),
    if_missing=s.choice(
        "What it means that its program is absent.", "error", "skip", default="error"
    ),
    environment=env.SCHEMA,
)


def build(name: str, body: Mapping[str, Any]) -> tuple[Validator, list[Problem]]:
    """The type of a checked body, and what the schema could not say against it."""
    built = Validator(
        name=name,
        check=checks.build(body["check"]),
        confidence=float(body["confidence"]),
        false_accept=float(body.get("false_accept", 0.0)),
        timeout_s=s.seconds(body.get("timeout"), TIMEOUT_S),
        cost=float(body.get("cost", 1.0)),
        errors=tuple(body.get("errors", {}).get("exit", ())),
        if_missing=body.get("if_missing", "error"),
        environment=env.environment(body.get("environment")),
    )
    against = [p._replace(at=("check", *p.at)) for p in checks.problems(built.check)]
    return built, bad_globs(built.environment.paths, ("environment", "paths")) + against
