"""Words of a run → records, numbered without a gap; each is durable before the next."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import (
    Answered,
    Ask,
    Attempt,
    Attempted,
    Check,
    Checked,
    End,
    Leave,
    Stopped,
)
from rungbook.ports import Reply
from rungbook.records import (
    STREAMS,
    ApprovalRecord,
    AttemptRecord,
    CheckRecord,
    Feedback,
    PlanRecord,
    Record,
    RunRecord,
)
from rungbook.runtime.outcome import outcome
from rungbook.store.journal import Journal

_STREAM = {kind: stream for stream, kind in STREAMS.items()}

R = TypeVar("R", bound=Record)

STOPPED = {"answer": "stopped", "who": "user", "channel": "signal"}
"""What an approval says where the question was called off."""


def said_in(reply: Reply) -> dict[str, Any]:
    """What a person answered, as records say it."""
    answer = "yes" if reply.yes else "no"
    return {"answer": answer, "who": reply.who, "channel": reply.channel, "note": reply.note}


@dataclass(slots=True)
class Recorder:
    """The one writer of a run; `written` are its records so far, in order."""

    journal: Journal
    run: str
    written: list[Record] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, record: R) -> R:
        """Append a record under the next number; durable when this returns.

        Raises StateFailed, and keeps nothing.
        """
        with self._lock:
            record = replace(record, seq=len(self.written) + 1)
            record = replace(record, id=self.journal.append(_STREAM[type(record)], record))
            self.written.append(record)
            return record

    def envelope(self) -> dict[str, Any]:
        """What every record begins with: UTC without a zone; `write` gives the number."""
        return {"ts": datetime.now(UTC).replace(tzinfo=None), "run": self.run, "seq": 0}

    def attempt(self, asked: Attempt, event: Attempted, detail: dict[str, Any]) -> None:
        """An attempt has closed."""
        known = {"isolation": self._isolation, "latency_ms": 0.0, **detail}
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
                **known,
            )
        )

    def check(self, asked: Check, event: Checked, detail: dict[str, Any]) -> None:
        """A check has closed."""
        known = {"confidence": 0.0, "latency_ms": 0.0, **detail}
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
                **known,
            )
        )

    def answer(self, asked: Ask, event: Answered, detail: dict[str, Any]) -> None:
        """Whether a rung may be paid for."""
        said = {"usd_most": asked.usd_most, **STOPPED, **detail}
        self._approval(asked.id, event.at, (asked.about, asked.subject), said)

    def looked(self, n: int, at: float, asked: tuple[str, str], reply: Reply) -> None:
        """What a person said to a change: at the check `n`, or to applying attempt `n`.

        `asked`: about what (check, apply), and what it was that took a person.
        """
        self._approval(n, at, asked, said_in(reply))

    def stopped(self, event: Stopped) -> None:
        """The run was told to stop."""
        self._approval(0, event.at, ("run", "stop"), STOPPED)

    def _approval(self, n: int, at: float, asked: tuple[str, str], said: dict[str, Any]) -> None:
        about, subject = asked
        envelope = self.envelope()
        self.write(ApprovalRecord(**envelope, n=n, work_s=at, about=about, subject=subject, **said))

    def end(self, plan: Plan, end: End, left: Sequence[Leave], *, applied: bool) -> RunRecord:
        """The run's last record, written once."""
        for record in self.written:
            if isinstance(record, RunRecord):
                return record
        columns = outcome(self.written, plan, end, left)
        return self.write(RunRecord(**self.envelope(), **columns, applied=applied))

    @property
    def _isolation(self) -> str:
        """What workers of this run are kept in by, as its first record says."""
        plans = (r.isolation for r in self.written if isinstance(r, PlanRecord))
        return next(plans, "none")
