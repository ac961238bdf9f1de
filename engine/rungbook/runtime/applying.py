"""A run's change goes to the project's files or a new branch, or back: all of it, with a record.

One lock a project keeps two of these apart. What a crash left without its record is seen by the
content of the files, and recorded when the same is asked again.
"""

import fcntl
import getpass
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rungbook.errors import Conflict, NotFound
from rungbook.records import ApplyRecord, ApprovalRecord, AttemptRecord, CheckRecord, Record
from rungbook.render.text import clean, cut, one_line
from rungbook.runtime.changes import fetch
from rungbook.runtime.recorder import Recorder
from rungbook.runtime.standing import first_of
from rungbook.store.layout import folder, guarded
from rungbook.workspace.apply import apply, stands
from rungbook.workspace.branch import Branch
from rungbook.workspace.kept import Kept
from rungbook.workspace.staging import NEXT

_SUBJECT = 72
"""Characters of a commit's first line that git's own lists show."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a change goes: to the project's files, or to a new branch of its repository."""

    repo: Path
    state: Path
    branch: str = ""

    def check(self, *, new: bool = False) -> None:
        """Raises UsageError where the branch cannot be made; Conflict where it is to be `new` and
        is not."""
        if self.branch:
            branch = Branch.of(self.repo, self.branch)
            if new:
                branch.must_be_new()


@dataclass(frozen=True, slots=True)
class Written:
    """What was done, by its record; `before`: it had been done, nothing was written now."""

    record: ApplyRecord
    files: tuple[str, ...]
    before: bool = False


def user() -> str:
    """Who sits here, by name, or by number where nobody is named."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Nobody else writes changes of this project meanwhile; waits for its turn."""
    with guarded(state):
        lock = (folder(state) / "apply.lock").open("a")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def change_of(state: Path, written: Sequence[Record], n: int) -> Kept:
    """The change of an attempt; raises NotFound where it is not kept."""
    attempts = (r for r in written if isinstance(r, AttemptRecord) and r.n == n)
    return fetch(state, next((attempt.change_sha for attempt in attempts), None))


def doubts(written: Sequence[Record], n: int, change: Kept) -> str:
    """Why a change takes a person's yes; empty if it does not.

    It runs later without being asked for, or its worker also laid hands on the proof.
    """
    if change.sensitive:
        return f"it touches {', '.join(change.sensitive)}"
    attempts = (r for r in written if isinstance(r, AttemptRecord) and r.n == n)
    return "its worker also changed frozen files" if any(a.tampered for a in attempts) else ""


def bring(to: Target, recorder: Recorder, n: int, channel: str) -> Written:
    """Write the change of an attempt; to be called `alone`.

    Raises Conflict or Refused, and nothing is written then.
    """
    change = change_of(to.state, recorder.written, n)
    last, commit = _last(recorder.written, n, to.branch), None
    if to.branch:
        commit, now = _commit(to, recorder.written, n, change)
        before = not now and last is not None and last.commit == commit
    else:
        now = _moved(to.repo, change, f"rungbook apply {recorder.run}")
        before = not now and last is not None and last.action == "apply"
    if before and last is not None:
        return Written(last, change.files, before=True)
    place = {"branch": to.branch or None, "commit": commit}
    return _recorded(recorder, change, n=n, action="apply", channel=channel, **place)


def take_back(to: Target, recorder: Recorder, n: int, channel: str) -> Written:
    """Write what the change of an attempt replaced; to be called `alone`.

    Raises Conflict where the files no longer are as the change left them, NotFound where the
    change never came; nothing is written then.
    """
    change = change_of(to.state, recorder.written, n)
    last = _last(recorder.written, n, "")
    again = f"rungbook apply {recorder.run} --undo"
    if not _moved(to.repo, change.reversed(), again, back=True):
        if last is None:
            raise NotFound(f"the change of run {recorder.run} was never applied")
        if last.action == "undo":
            return Written(last, change.files, before=True)
    return _recorded(recorder, change, n=n, action="undo", channel=channel)


def _moved(repo: Path, change: Kept, again: str, *, back: bool = False) -> bool:
    """Write a change to the files; False if all of it stands there already."""
    try:
        apply(repo, change.changes, change.blobs, back=back)
    except Conflict as e:
        if stands(repo, change.changes, change.blobs):
            return False
        if e.next_step != NEXT:
            raise
        step = f"Nothing was written. Set your edits aside (git stash, say), then: {again}"
        raise Conflict(str(e), step) from e
    return True


def _last(written: Sequence[Record], n: int, branch: str) -> ApplyRecord | None:
    """What was last done with an attempt's change in that place."""
    there = (r for r in written if isinstance(r, ApplyRecord) and r.n == n)
    return next((r for r in reversed([*there]) if (r.branch or "") == branch), None)


def _recorded(recorder: Recorder, change: Kept, **columns: Any) -> Written:
    envelope, files = recorder.envelope(), len(change.files)
    record = ApplyRecord(**envelope, files=files, who=user(), **columns)
    return Written(recorder.write(record), change.files)


def _commit(to: Target, written: Sequence[Record], n: int, change: Kept) -> tuple[str, bool]:
    """The commit on the branch, and whether that is new.

    Its time is when the attempt closed, so it is the same one if a crash has it made twice.
    """
    at = next(r.ts for r in written if isinstance(r, AttemptRecord) and r.n == n)
    with guarded(to.state):
        scratch = tempfile.TemporaryDirectory(prefix=".branch-", dir=folder(to.state))
    with scratch as empty:
        branch = Branch.of(to.repo, to.branch)
        try:
            return branch.commit(change, message(written, n), at, Path(empty))
        except Conflict as e:
            again = f"The change is kept: rungbook apply {first_of(written).run} [--branch NAME]"
            raise Conflict(str(e), f"{e.next_step} {again}") from e


def message(written: Sequence[Record], n: int) -> str:
    """What a commit says of its change: the task, what proved it, the run and its rulebook."""
    first = first_of(written)
    task = clean(first.description).strip()
    checks = [r for r in written if isinstance(r, CheckRecord) and r.attempt == n]
    passed = list(dict.fromkeys(c.validator for c in checks if c.verdict == "pass"))
    worker = next(r for r in written if isinstance(r, AttemptRecord) and r.n == n).model
    said = f"{worker} made it. " + (f"Proved by {', '.join(passed)}." if passed else "Not proved.")
    asked = (r for r in written if isinstance(r, ApprovalRecord) and r.n == n)
    if yes := [r.who for r in asked if r.about in ("apply", "review") and r.answer == "yes"]:
        said += f" Accepted by {yes[-1]}."
    subject = cut(one_line(task), _SUBJECT)
    trailers = f"Rungbook-Run: {first.run}\nRungbook-Rulebook: {first.rulebook}\n"
    return "\n\n".join((subject, *([task] if task != subject else []), said, trailers))
