"""The end of a run: its change in the user's hands where that is wanted, its last record."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import anyio
from anyio import to_thread

from rungbook.errors import Conflict, GitFailed, Refused, UsageError, UserError
from rungbook.interpret.climb.words import End
from rungbook.ports import Approver, Question
from rungbook.records import ApprovalRecord, AttemptRecord, RunRecord
from rungbook.runtime.applying import Target, alone, bring, change_of, doubts
from rungbook.runtime.drive import Tell
from rungbook.runtime.run import Run
from rungbook.runtime.standing import standing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended; `end` is None while it waits for a person. `diff` is what was proved.

    `branch` is what it was committed to, if not applied to the project's files.
    """

    run: str
    end: End | None
    record: RunRecord | None = None
    diff: str = ""
    applied: bool = False
    not_applied: str = ""
    branch: str = ""


async def climbed(
    run: Run, approver: Approver, tell: Tell, stop: anyio.Event, to: Target | None = None
) -> Ended:
    """Climb to the end, write the change if that is wanted, then the last record.

    Raises Conflict, Refused, UsageError or GitFailed where the change cannot be written; the run
    has ended then too.
    """
    end = await run.go(approver, tell, stop)
    if end is None:
        return Ended(run.first.run, None)
    diff, why_not, applied = "", "", False
    trouble: UserError | None = None
    if end.outcome == "pass" and end.attempt is not None:
        diff = await to_thread.run_sync(run.sandboxes.diff, end.attempt)
        if to is not None:
            try:
                why_not = await _apply(run, to, end.attempt, approver, stop)
                applied = not why_not
            except (Conflict, GitFailed, Refused, UsageError) as e:
                trouble = e
    record = await to_thread.run_sync(_close, run, end, applied)
    if trouble:
        raise trouble
    branch = to.branch if to and applied else ""
    return Ended(run.first.run, end, record, diff, applied, why_not, branch)


def _close(run: Run, end: End, applied: bool) -> RunRecord:
    """The last record; the trees are no longer needed then."""
    at = standing(run.recorder.written)
    record = run.recorder.end(at.plan, end, at.left, applied=applied)
    run.sandboxes.trees.close()
    return record


async def _apply(run: Run, to: Target, n: int, approver: Approver, stop: anyio.Event) -> str:
    """Write the proved change where it is wanted, all or nothing; why not, if it was not."""
    reason = await to_thread.run_sync(_reason, run, n)
    if reason and not _agreed(run, n):
        diff = await to_thread.run_sync(run.sandboxes.diff, n)
        text, lines = f"Apply it, although {reason}?", tuple(diff.splitlines())
        question = Question("apply", run.first.description, text, lines=lines)
        reply = await _unless(stop, approver.ask(question))
        if reply is not None:
            at = max(r.work_s for r in run.recorder.written if isinstance(r, AttemptRecord))
            await to_thread.run_sync(run.recorder.looked, n, at, ("apply", reason), reply)
        if reply is None or not reply.yes:
            return f"a person has to agree, because {reason}"
    await to_thread.run_sync(_write, run, to, n)
    return ""


def _write(run: Run, to: Target, n: int) -> None:
    with alone(to.state):
        bring(to, run.recorder, n, "flag")


def _reason(run: Run, n: int) -> str:
    written = run.recorder.written
    return doubts(written, n, change_of(run.folders.state, written, n))


def _agreed(run: Run, n: int) -> bool:
    """Whether a person had agreed before the engine died."""
    asked = (r for r in run.recorder.written if isinstance(r, ApprovalRecord) and r.n == n)
    return any(r.about == "apply" and r.answer == "yes" for r in asked)


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
