"""One run from its plan to its end, or from where it stood when its engine stopped."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from anyio import to_thread

from rungbook.checks.suites import recognise
from rungbook.errors import Conflict, NotFound
from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import Answered, Decision, End, Event, Leave, Stopped
from rungbook.interpret.replay import open_decisions, replay
from rungbook.ports import Approver
from rungbook.records import AttemptRecord, CheckRecord, PlanRecord, Record
from rungbook.runtime.attempts import Attempts, Workers
from rungbook.runtime.clock import WorkClock
from rungbook.runtime.drive import Detail, Flow, Tell, drive
from rungbook.runtime.effects import RunEffects
from rungbook.runtime.ledger import Ledger
from rungbook.runtime.proofs import Proofs
from rungbook.runtime.recorder import Recorder, event_of
from rungbook.runtime.sandboxes import Sandboxes


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a run keeps what it needs: its trees while it lasts, its diffs for good."""

    state: Path
    run: str

    @property
    def work(self) -> Path:
        """Trees and their git folder; gone when the run has ended."""
        return self.state / "work" / self.run

    @property
    def artifacts(self) -> Path:
        """The diffs of the attempts."""
        return self.state / "artifacts" / self.run

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Nobody else works on this run meanwhile; raises Conflict if somebody does."""
        self.work.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.work / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Conflict(f"run {self.run} is under way in another process") from None
            yield


def under_way(folders: Folders) -> bool:
    """Whether some process works on the run."""
    try:
        with (folders.work / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except OSError:
        return True


def plan_of(record: PlanRecord) -> Plan:
    """The plan that a run's first record holds."""
    from pydantic import TypeAdapter

    return TypeAdapter(Plan).validate_python(record.plan)


@dataclass(slots=True)
class Replayed:
    """A run's recorded events through a fresh interpreter, which is ready for the next one."""

    flow: Flow
    events: list[Event]
    said: list[Decision]
    open: list[Decision]

    @property
    def end(self) -> End | None:
        """The last word, if it was said."""
        return self.said[-1] if self.said and isinstance(self.said[-1], End) else None

    @property
    def left(self) -> tuple[Leave, ...]:
        """The rungs that were left."""
        return tuple(d for d in self.said if isinstance(d, Leave))


def replayed(plan: Plan, records: Sequence[Record]) -> Replayed:
    """Where a run stands, from its plan and its records alone."""
    flow = climb(plan)
    events = [e for e in map(event_of, records) if e is not None]
    told = list(replay(flow, events))
    said = [d for _, decisions in told for d in decisions]
    return Replayed(flow, events, said, open_decisions(told))


@dataclass(slots=True)
class Run:
    """A run that is begun: its first record is written."""

    folders: Folders
    recorder: Recorder
    sandboxes: Sandboxes
    plan: Plan
    first: PlanRecord
    workers: Workers
    left: list[Leave] = field(default_factory=list)

    async def go(self, approver: Approver, tell: Tell, stop: anyio.Event) -> End | None:
        """Go on to the end; None when the run waits for a person."""
        at = await to_thread.run_sync(replayed, self.plan, list(self.recorder.written))
        self.left = list(at.left)
        if at.end:
            return at.end
        effects = self._effects(approver, at)

        def hear(word: Decision | Event, detail: Detail) -> None:
            if isinstance(word, Leave):
                self.left.append(word)
            tell(word, detail)

        return await drive(at.flow, at.open, effects, hear, stop)

    def _effects(self, approver: Approver, at: Replayed) -> RunEffects:
        plan, files = self.plan, self.first.files
        suite = recognise(plan.test) if plan.test else None
        task = self.first.description
        ledger = Ledger(
            self.folders.state,
            self.recorder,
            self.first.project,
            self.first.task_type,
            plan.usd_day,
        )
        return RunEffects(
            plan=plan,
            task=task,
            attempts=Attempts(
                plan, task, files, self.sandboxes, self.workers, self.folders.artifacts
            ),
            proofs=Proofs(plan, self.sandboxes, suite),
            ledger=ledger,
            recorder=self.recorder,
            approver=approver,
            clock=WorkClock(before=max((_at(e) for e in at.events), default=0.0)),
            lost=self._lost(ledger),
        )

    def _lost(self, ledger: Ledger) -> dict[int, float]:
        """What was held when the engine died: settled where its record was written, else lost."""
        records = list(self.recorder.written)
        ledger.restore(records)
        for record in records:
            if isinstance(record, AttemptRecord | CheckRecord):
                ledger.settle(record.n, record.usd)
        return {n: hold.held_usd for n, hold in ledger.held.items()}

    def finish(self) -> None:
        """The run has ended: its trees are no longer needed."""
        shutil.rmtree(self.folders.work, ignore_errors=True)


def _at(event: Event) -> float:
    return event.at


def first_of(records: Sequence[Record], run: str) -> PlanRecord:
    """The first record of a run; raises NotFound if there is none."""
    for record in records:
        if isinstance(record, PlanRecord):
            return record
    raise NotFound(f"there is no run {run!r}", "`rungbook query \"select task_id from runs\"`")
