"""Runs that wait: for a person's answer, for somebody to go on, or for a review of their change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rungbook import paths
from rungbook.errors import StateFailed
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import Ask, Check, Decision
from rungbook.records import (
    ApplyRecord,
    ApprovalRecord,
    AttemptRecord,
    CheckRecord,
    PlanRecord,
    Record,
    RunRecord,
)
from rungbook.rulebook.validator import Person
from rungbook.runtime.folders import Folders, kept
from rungbook.runtime.standing import first_of, standing
from rungbook.store.reading import every, read

STOPPED = "its engine stopped; it can go on"

_WORDS = {
    "failed": "no rung held",
    "unproved": "nothing proved it",
    "check-broken": "a check broke",
    "no-rungs": "there is no rung",
}
"""Why a run ended in review, where its own word says too little."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits, and what it has cost so far, in US dollars.

    `what`: for an answer (asked), to be gone on with (interrupted), or for a look at its end
    (review); `on` says it in words.
    """

    run: str
    since: str
    task: str
    on: str
    what: Literal["asked", "interrupted", "review"]
    usd: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as someone needs it who is to judge it: its records, and the attempt to look at.

    `attempt` is None, and `diff` empty, where none has made a change.
    """

    run: str
    records: Sequence[Record]
    waiting: Waiting | None
    attempt: int | None
    diff: str

    @property
    def first(self) -> PlanRecord:
        """Its first record."""
        return first_of(self.records)

    @property
    def ended(self) -> RunRecord | None:
        """Its last record, once it has ended."""
        return next((r for r in self.records if isinstance(r, RunRecord)), None)

    @property
    def checks(self) -> list[CheckRecord]:
        """The checks of the attempt."""
        checks = (r for r in self.records if isinstance(r, CheckRecord))
        return [check for check in checks if check.attempt == self.attempt]

    @property
    def lines(self) -> tuple[str, ...]:
        """What to look at before a question: the diff, then the verdicts."""
        verdicts = (f"{c.validator}: {c.verdict}" for c in self.checks)
        return (*self.diff.splitlines(), "", *verdicts)


def waiting(repo: Path, state: Path | None = None) -> list[Waiting]:
    """Runs of a project that wait for somebody, newest first; raises StateFailed."""
    state = state or paths.state(repo)
    found = [one for folders in kept(state) if (one := _unfinished(folders))]
    found += map(_in_review, _not_reviewed(state))
    return sorted(found, key=lambda one: (one.since, one.run), reverse=True)


def seen(state: Path, run: str, records: Sequence[Record]) -> Seen:
    """A run to be judged, from its records and the diffs that are kept."""
    folders = Folders(state, run)
    ended = next((r for r in records if isinstance(r, RunRecord)), None)
    if ended is None:
        waits = _unfinished(folders)
    else:
        waits = next((_in_review(r) for r in _not_reviewed(state) if r.run == run), None)
    n = _attempt(records, ended)
    patch = folders.artifacts / f"{n}.patch"
    diff = patch.read_text("utf-8", "replace") if n and patch.is_file() else ""
    return Seen(run, records, waits, n, diff)


def _attempt(records: Sequence[Record], ended: RunRecord | None) -> int | None:
    """The attempt to look at: the one the end names, else the last with a change."""
    if ended and ended.attempt is not None:
        return ended.attempt
    changed = [r.n for r in records if isinstance(r, AttemptRecord) and r.diff_sha]
    return max(changed, default=None)


def _unfinished(folders: Folders) -> Waiting | None:
    """A run that has not ended, and that no process works on."""
    records = read(folders.state, folders.run)
    ended = any(isinstance(record, RunRecord) for record in records)
    if not records or ended or folders.under_way():
        return None
    asks, on = _on(records)
    paid = sum(r.usd for r in records if isinstance(r, AttemptRecord | CheckRecord))
    since = _minute(records[-1])
    what: Literal["asked", "interrupted"] = "asked" if asks else "interrupted"
    return Waiting(folders.run, since, first_of(records).description, on, what, paid)


def _in_review(ended: RunRecord) -> Waiting:
    because = _WORDS.get(ended.because, ended.because)
    on = f"a look: {because}" + ("" if ended.attempts else ", nobody got to work")
    return Waiting(ended.run, _minute(ended), ended.description, on, "review", ended.usd)


def _not_reviewed(state: Path) -> Iterable[RunRecord]:
    """Runs that ended in review, and whose change was neither rejected nor ever applied."""
    ended = every(state, RunRecord, b'"outcome":"review"')
    found = {r.run: r for r in ended if r.outcome == "review"}
    if found:
        for said in every(state, ApprovalRecord, b'"about":"review"'):
            if said.about == "review" and said.answer == "no":
                found.pop(said.run, None)
        for applied in every(state, ApplyRecord, b'"run":'):
            found.pop(applied.run, None)
    return found.values()


def _minute(record: Record) -> str:
    return f"{record.ts:%Y-%m-%d %H:%M}"


def _on(records: list[Record]) -> tuple[bool, str]:
    """Whether a run asks for something, and what; one that cannot be followed is told as well."""
    try:
        at = standing(records)
    except StateFailed as e:
        return False, str(e)
    asked = (_asks(decision, at.plan) for decision in at.open)
    on = next(filter(None, asked), "")
    return bool(on), on or STOPPED


def _asks(decision: Decision, plan: Plan) -> str:
    if isinstance(decision, Ask):
        return f"rung {decision.subject} may cost ${decision.usd_most:.4f}"
    if isinstance(decision, Check) and isinstance(plan.validator(decision.validator).check, Person):
        return f"{decision.validator} is to look at attempt {decision.attempt}"
    return ""
