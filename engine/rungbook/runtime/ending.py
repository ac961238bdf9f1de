"""The end of a run: its change in the user's tree where that is wanted, its last record."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import anyio
from anyio import to_thread

from rungbook.errors import Conflict, Refused
from rungbook.interpret.climb.words import End
from rungbook.ports import Approver, Question
from rungbook.records import AttemptRecord, RunRecord
from rungbook.runtime.drive import Tell
from rungbook.runtime.run import Run
from rungbook.runtime.standing import standing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended; `end` is None while it waits for a person. `diff` is what was proved."""

    run: str
    end: End | None
    record: RunRecord | None = None
    diff: str = ""
    applied: bool = False
    not_applied: str = ""


async def climbed(
    run: Run, approver: Approver, tell: Tell, stop: anyio.Event, *, apply: bool
) -> Ended:
    """Climb to the end, write the change if that is wanted, then the last record.

    Raises Conflict or Refused where the change cannot be written; the run has ended then too.
    """
    end = await run.go(approver, tell, stop)
    if end is None:
        return Ended(run.first.run, None)
    diff, why_not, trouble = "", "", None
    wanted = apply and end.outcome == "pass"
    if end.outcome == "pass" and end.attempt is not None:
        diff = await to_thread.run_sync(run.sandboxes.diff, end.attempt)
        try:
            why_not = await _apply(run, end.attempt, diff, approver, stop) if wanted else ""
        except (Conflict, Refused) as e:
            trouble = e
    applied = wanted and not why_not and not trouble
    record = await to_thread.run_sync(_close, run, end, applied)
    if trouble:
        raise trouble
    return Ended(run.first.run, end, record, diff, applied, why_not)


def _close(run: Run, end: End, applied: bool) -> RunRecord:
    """The last record; the trees are no longer needed then."""
    at = standing(run.recorder.written)
    record = run.recorder.end(at.plan, end, at.left, applied=applied)
    run.sandboxes.trees.close()
    return record


async def _apply(run: Run, n: int, diff: str, approver: Approver, stop: anyio.Event) -> str:
    """Write the proved change to the user's tree, all or nothing; why not, if it was not."""
    if reason := await to_thread.run_sync(_doubtful, run, n):
        text, lines = f"Apply it, although {reason}?", tuple(diff.splitlines())
        question = Question("apply", run.first.description, text, lines=lines)
        reply = await _unless(stop, approver.ask(question))
        if reply is not None:
            at = max(r.work_s for r in run.recorder.written if isinstance(r, AttemptRecord))
            await to_thread.run_sync(run.recorder.looked, n, at, ("apply", reason), reply)
        if reply is None or not reply.yes:
            return f"a person has to agree, because {reason}"
    await to_thread.run_sync(run.sandboxes.apply, n)
    return ""


def _doubtful(run: Run, n: int) -> str:
    """Why a change takes a person's yes: it runs later without being asked for, or its worker also
    laid hands on the proof."""
    odd = [change.path for change in run.sandboxes.changes(n) if change.sensitive]
    if odd:
        return f"it touches {', '.join(odd)}"
    attempts = (r for r in run.recorder.written if isinstance(r, AttemptRecord) and r.n == n)
    return "its worker also changed frozen files" if any(a.tampered for a in attempts) else ""


async def _unless(stop: anyio.Event, asked: Awaitable[T]) -> T | None:
    """The answer; None if the run is told to stop before it comes."""
    answer: T | None = None
    async with anyio.create_task_group() as tasks:

        async def watch() -> None:
            await stop.wait()
            tasks.cancel_scope.cancel()

        tasks.start_soon(watch)
        answer = await asked
        tasks.cancel_scope.cancel()
    return answer
