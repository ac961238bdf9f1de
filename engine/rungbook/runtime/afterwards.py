"""What can be done with a run that has ended: its change applied, taken back, accepted, rejected.

The person's word is recorded before anything is written, so a crash leaves no change without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from anyio import to_thread

from rungbook.errors import Conflict, NotFound
from rungbook.ports import Approver, Question, Reply
from rungbook.records import AttemptRecord, RunRecord
from rungbook.runtime.applying import Target, Written, alone, bring, change_of, doubts, take_back
from rungbook.runtime.parked import Seen
from rungbook.runtime.recorder import Recorder
from rungbook.store.journal import Journal
from rungbook.store.reading import read


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of it: what was written, or why nothing was; `asks`: because nobody answered."""

    run: str
    written: Written | None = None
    why_not: str = ""
    asks: bool = False


async def apply(seen: Seen, to: Target, approver: Approver) -> Settled:
    """Write the change of a run that passed; one that ended in review takes a person's yes.

    Raises NotFound where there is no change, Conflict or Refused where it cannot be written.
    """
    ended, n = _ended(seen), _attempt(seen)
    reason = await to_thread.run_sync(_reason, seen, to, n)
    if ended.outcome == "review":
        reason = " and ".join(filter(None, (f"the run ended in review ({ended.because})", reason)))
    if not reason:
        return await to_thread.run_sync(_do, seen.run, to, lambda r: bring(to, r, n, "command"))
    text = f"Apply it, although {reason}?"
    reply = await approver.ask(Question("apply", ended.description, text, lines=seen.lines))
    if reply is None:
        return Settled(seen.run, why_not=f"a person has to agree, because {reason}", asks=True)
    return await to_thread.run_sync(_said, seen.run, to, n, ("apply", reason), reply)


async def undo(seen: Seen, to: Target) -> Settled:
    """Write what the change of a run replaced; raises Conflict or NotFound."""
    _ended(seen)
    n = _attempt(seen)
    return await to_thread.run_sync(_do, seen.run, to, lambda r: take_back(to, r, n, "command"))


async def answer(seen: Seen, to: Target, approver: Approver) -> Settled:
    """Let a person accept the change of a run that ended in review, or reject it.

    Raises as `apply` does; what was accepted and could not be written waits on.
    """
    ended, n = _ended(seen), seen.attempt
    where = f"commit it to branch {to.branch}" if to.branch else "write it to the project"
    text = f"Accept it, and {where}? (yes: accept, no: reject, else: later)"
    subject = ended.because
    if n is None:
        text, subject = "There is no change to accept. Reject it?", "no change"
    elif reason := await to_thread.run_sync(_reason, seen, to, n):
        text, subject = f"Mind that {reason}. {text}", f"{subject}; {reason}"
    question = Question("review", ended.description, text, lines=seen.lines)
    reply = await approver.ask(question)
    if reply is None or (n is None and not reply.yes):
        return Settled(seen.run, why_not="nobody has accepted or rejected it", asks=True)
    if n is None:
        reply = replace(reply, yes=False)
    return await to_thread.run_sync(_said, seen.run, to, n or 0, ("review", subject), reply)


def _ended(seen: Seen) -> RunRecord:
    if seen.ended is None:
        raise Conflict(f"run {seen.run} has not ended", f"rungbook review {seen.run}")
    return seen.ended


def _attempt(seen: Seen) -> int:
    """The attempt whose change may be applied."""
    ended = _ended(seen)
    if ended.outcome == "skip" or seen.attempt is None:
        told = f"run {seen.run} ended in {ended.outcome} ({ended.because})"
        raise NotFound(f"{told}: it has no change to apply", f"rungbook why {seen.run}")
    return seen.attempt


def _reason(seen: Seen, to: Target, n: int) -> str:
    return doubts(seen.records, n, change_of(to.state, seen.records, n))


def _said(run: str, to: Target, n: int, about: tuple[str, str], reply: Reply) -> Settled:
    """Record what a person said, then do it."""

    def work(recorder: Recorder) -> Written | None:
        closed = (r.work_s for r in recorder.written if isinstance(r, AttemptRecord))
        recorder.looked(n, max(closed, default=0.0), about, reply)
        return bring(to, recorder, n, reply.channel) if reply.yes else None

    settled = _do(run, to, work)
    return settled if reply.yes else replace(settled, why_not=f"{reply.who} said no")


def _do(run: str, to: Target, work: Callable[[Recorder], Written | None]) -> Settled:
    """Let nobody else write, and go on with the run's records where they end."""
    with alone(to.state), Journal(to.state) as journal:
        return Settled(run, work(Recorder(journal, run, read(to.state, run))))
