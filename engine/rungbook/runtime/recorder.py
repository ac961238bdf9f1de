"""Words of a run → records, numbered without a gap; the run's last record follows from its events."""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import (
    WORKED,
    Answered,
    Ask,
    Attempt,
    Attempted,
    Check,
    Checked,
    End,
    Event,
    Leave,
    Stopped,
)
from rungbook.records import (
    ApprovalRecord,
    AttemptRecord,
    CheckRecord,
    Feedback,
    PlanRecord,
    Record,
    RungLeft,
    RunRecord,
    SpendRecord,
)
from rungbook.store.journal import Journal

_STREAM: dict[type[Record], str] = {
    PlanRecord: "plans",
    AttemptRecord: "attempts",
    CheckRecord: "checks",
    ApprovalRecord: "approvals",
    SpendRecord: "spend",
    RunRecord: "runs",
}

R = TypeVar("R", bound=Record)

ANSWER = {True: "yes", False: "no"}


def utc() -> datetime:
    """Now, as records say it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _over(defaults: dict[str, Any], detail: dict[str, Any]) -> dict[str, Any]:
    return {**defaults, **detail}


def event_of(record: Record) -> Event | None:
    """The event a record stands for; None for records that are no events."""
    if isinstance(record, AttemptRecord):
        return Attempted(record.n, record.work_s, record.result, record.usd)  # type: ignore[arg-type]
    if isinstance(record, CheckRecord):
        return Checked(record.n, record.work_s, record.verdict, record.usd)  # type: ignore[arg-type]
    if isinstance(record, ApprovalRecord) and record.about == "run":
        return Stopped(record.work_s)
    if isinstance(record, ApprovalRecord) and record.about == "spend":
        return Answered(record.n, record.work_s, record.answer == "yes")
    return None


@dataclass(slots=True)
class Recorder:
    """The one writer of a run; `written` are its records so far, in order."""

    journal: Journal
    run: str
    written: list[Record] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, record: R) -> R:
        """Append a record under the next number; durable when this returns.

        Raises StateFailed, and writes nothing.
        """
        with self._lock:
            record = replace(record, seq=len(self.written) + 1)
            record = replace(record, id=self.journal.append(_STREAM[type(record)], record))
            self.written.append(record)
            return record

    def envelope(self) -> dict[str, Any]:
        """What every record begins with; `write` gives the number."""
        return {"ts": utc(), "run": self.run, "seq": 0}

    def attempt(self, asked: Attempt, event: Attempted, detail: dict[str, Any]) -> None:
        """An attempt has closed."""
        self.write(
            AttemptRecord(
                **self.envelope(),
                n=asked.id,
                work_s=event.at,
                rung=asked.rung,
                round=asked.round,
                model=asked.model,
                variant=asked.variant,
                feedback_from=tuple(Feedback(attempt=a, validator=v) for a, v in asked.feedback),
                result=event.result,
                usd_most=asked.usd_most,
                usd=event.usd,
                **_over({"isolation": "none", "latency_ms": 0.0}, detail),
            )
        )

    def check(self, asked: Check, event: Checked, detail: dict[str, Any]) -> None:
        """A check has closed."""
        self.write(
            CheckRecord(
                **self.envelope(),
                n=asked.id,
                work_s=event.at,
                attempt=asked.attempt,
                validator=asked.validator,
                model=asked.model,
                verdict=event.verdict,
                usd_most=asked.usd_most,
                usd=event.usd,
                **_over({"confidence": 0.0, "latency_ms": 0.0}, detail),
            )
        )

    def answer(self, asked: Ask, event: Answered, detail: dict[str, Any]) -> None:
        """A person has answered."""
        self.write(
            ApprovalRecord(
                **self.envelope(),
                n=asked.id,
                work_s=event.at,
                about=asked.about,
                subject=asked.subject,
                usd_most=asked.usd_most,
                **_over({"answer": ANSWER[event.yes], "who": "", "channel": ""}, detail),
            )
        )

    def stopped(self, event: Stopped, who: str) -> None:
        """The run was told to stop."""
        self.write(
            ApprovalRecord(
                **self.envelope(),
                n=0,
                work_s=event.at,
                about="run",
                subject="stop",
                answer="stopped",
                who=who,
                channel="signal",
            )
        )

    def end(self, plan: Plan, end: End, left: tuple[Leave, ...], *, applied: bool) -> RunRecord:
        """The run's last record, written once."""
        for record in self.written:
            if isinstance(record, RunRecord):
                return record
        columns = _run(self.written, plan, end, left)
        return self.write(RunRecord(**self.envelope(), **columns, applied=applied))


def _run(written: list[Record], plan: Plan, end: End, left: tuple[Leave, ...]) -> dict[str, Any]:
    """The columns of a run's last record, from its first one and its events."""
    first = next(r for r in written if isinstance(r, PlanRecord))
    attempts = [r for r in written if isinstance(r, AttemptRecord)]
    checks = [r for r in written if isinstance(r, CheckRecord)]
    worked = [a for a in attempts if a.result in WORKED]
    named = [a for a in worked if a.n == end.attempt] or worked[-1:]
    winner = named[0] if named else None
    judged = [c.model for c in checks if winner and c.attempt == winner.n and c.model]
    rungs = list(dict.fromkeys(a.rung for a in worked))
    closed: list[AttemptRecord | CheckRecord] = [*attempts, *checks]
    last = max((r.work_s for r in closed), default=0.0)
    return {
        "task_id": first.run,
        "timestamp": first.ts,
        "task_type": first.task_type,
        "description": first.description,
        "complexity_score": first.complexity,
        "worker": winner.model if winner else None,
        "checker": judged[0] if judged else None,
        "outcome": end.outcome,
        "because": end.because,
        "attempt": end.attempt,
        "attempts": len(worked),
        "escalations": max(0, len(rungs) - 1),
        "validation_method": "+".join(v for group in plan.verify for v in group),
        "latency_ms": last * 1000,
        "tokens_in": _sum(r.tokens_in for r in closed),
        "tokens_out": _sum(r.tokens_out for r in closed),
        "usd": sum(r.usd for r in closed),
        "rungs_left": tuple(RungLeft(rung=w.rung, because=w.because) for w in left),
        "proved": end.proved,
        "tampered": bool(winner and winner.tampered),
        "project": first.project,
        "rulebook": first.rulebook,
        "commit": first.commit,
        "dirty": first.dirty,
        "parts": first.parts,
    }


def _sum(counts: Any) -> int | None:
    """The sum of what is known; None if nothing is."""
    known = [n for n in counts if n is not None]
    return sum(known) if known else None
