"""Runs that have not ended: what each waits for."""

from dataclasses import dataclass
from pathlib import Path

from rungbook import paths
from rungbook.errors import StateFailed
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import Ask, Check, Decision
from rungbook.records import Record, RunRecord
from rungbook.rulebook.validator import Person
from rungbook.runtime.folders import kept
from rungbook.runtime.standing import first_of, standing
from rungbook.store.reading import read


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that has not ended: what it waits for, or that its engine is gone."""

    run: str
    since: str
    task: str
    on: str


def waiting(repo: Path, state: Path | None = None) -> list[Waiting]:
    """Runs of a project that wait for a person or whose engine died, oldest first."""
    found = []
    for folders in kept(state or paths.state(repo)):
        records = read(folders.state, folders.run)
        ended = any(isinstance(record, RunRecord) for record in records)
        if records and not ended and not folders.under_way():
            first = first_of(records)
            since = f"{first.ts:%Y-%m-%d %H:%M}"
            found.append(Waiting(folders.run, since, first.description, _on(records)))
    return found


def _on(records: list[Record]) -> str:
    """What a run waits for; one that cannot be followed is listed all the same."""
    try:
        at = standing(records)
    except StateFailed as e:
        return str(e)
    asked = (_asks(decision, at.plan) for decision in at.open)
    return next(filter(None, asked), "its engine stopped; it can go on")


def _asks(decision: Decision, plan: Plan) -> str:
    if isinstance(decision, Ask):
        return f"rung {decision.subject} may cost ${decision.usd_most:.4f}"
    if isinstance(decision, Check) and isinstance(plan.validator(decision.validator).check, Person):
        return f"{decision.validator} is to look at attempt {decision.attempt}"
    return ""
