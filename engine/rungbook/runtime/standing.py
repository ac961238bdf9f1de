"""Records → where a run stands: its plan, its events, and an interpreter ready for the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

from rungbook.errors import NotFound, StateFailed
from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import (
    Answered,
    Attempted,
    Checked,
    Decision,
    End,
    Event,
    Leave,
    Result,
    Stopped,
    Verdict,
)
from rungbook.interpret.replay import open_decisions, replay
from rungbook.records import ApprovalRecord, AttemptRecord, CheckRecord, PlanRecord, Record
from rungbook.runtime.drive import Flow

_WORDS = (*get_args(Result), *get_args(Verdict))


@dataclass(slots=True)
class Standing:
    """A run so far: what was heard, what was said, and what is open."""

    plan: Plan
    flow: Flow
    events: list[Event]
    said: list[Decision]
    open: list[Decision]

    @property
    def end(self) -> End | None:
        """The last word, if it was said."""
        return next((d for d in self.said if isinstance(d, End)), None)

    @property
    def due(self) -> list[Decision]:
        """What is to be acted on: all that was said to a new run, else what is open."""
        return self.open if self.events else self.said

    @property
    def left(self) -> list[Leave]:
        """The rungs that were left."""
        return [d for d in self.said if isinstance(d, Leave)]

    @property
    def seconds(self) -> float:
        """Seconds of work so far."""
        return max((event.at for event in self.events), default=0.0)


def standing(records: Sequence[Record]) -> Standing:
    """Where a run stands, from its records alone.

    Raises NotFound without a first record, StateFailed for records that this version cannot follow.
    """
    first = first_of(records)
    plan = plan_of(first)
    flow = climb(plan)
    try:
        events = [event for event in map(event_of, records) if event]
        told = [*replay(flow, events)]
    except ValueError as e:
        raise StateFailed(f"the records of run {first.run} contradict each other: {e}") from e
    said = [d for _, decisions in told for d in decisions]
    return Standing(plan, flow, events, said, open_decisions(told))


def first_of(records: Sequence[Record]) -> PlanRecord:
    """The first record of a run; raises NotFound if there is none."""
    for record in records:
        if isinstance(record, PlanRecord):
            return record
    raise NotFound("there is no such run", "rungbook query 'select task_id, description from runs'")


def plan_of(record: PlanRecord) -> Plan:
    """The plan that a run's first record holds; raises StateFailed for one of another version."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Plan).validate_python(record.plan)
    except ValidationError as e:
        raise StateFailed(f"the plan of run {record.run} is not one of this version") from e


def event_of(record: Record) -> Event | None:
    """The event a record stands for; None for records that are no events (ValueError)."""
    if isinstance(record, AttemptRecord):
        return Attempted(record.n, record.work_s, cast(Result, _word(record.result)), record.usd)
    if isinstance(record, CheckRecord):
        return Checked(record.n, record.work_s, cast(Verdict, _word(record.verdict)), record.usd)
    if isinstance(record, ApprovalRecord) and record.about == "run":
        return Stopped(record.work_s)
    if isinstance(record, ApprovalRecord) and record.about == "spend":
        return Answered(record.n, record.work_s, record.answer == "yes")
    return None


def _word(word: str) -> str:
    if word not in _WORDS:
        raise ValueError(f"{word!r} is no word of this version")
    return word
