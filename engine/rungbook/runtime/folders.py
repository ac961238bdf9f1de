"""Where a run keeps what it needs, and which process works on it."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rungbook.errors import Conflict, NotFound
from rungbook.records import RunRecord
from rungbook.store.layout import folder, guarded
from rungbook.store.reading import read

GRACE_S = 3600.0
"""Seconds that the folder of a run without records is left alone: it may be just beginning."""

_TRIES, _PAUSE_S = 50, 0.01


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one run: its trees while it lasts, its diffs for good."""

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

    @property
    def _lock(self) -> Path:
        return self.work / "lock"

    def make(self) -> None:
        """Make the folder of a new run; raises StateFailed."""
        with guarded(self.state):
            folder(self.state, "work", self.run)
            self._lock.touch(0o600)

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Nobody else works on this run meanwhile.

        Raises Conflict if somebody does, NotFound where there is nothing to work on any more.
        """
        gone = f"run {self.run} has ended, or its trees were removed"
        try:
            lock = self._lock.open("rb")
        except OSError as e:
            raise NotFound(gone, f"rungbook why {self.run}") from e
        with lock:
            if not _taken(lock):
                raise Conflict(f"run {self.run} is under way in another process")
            if not os.fstat(lock.fileno()).st_nlink:
                raise NotFound(gone, f"rungbook why {self.run}")
            yield

    def under_way(self) -> bool:
        """Whether some process works on the run."""
        try:
            with self._lock.open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def remove(self) -> None:
        """Remove the trees; the diffs stay."""
        shutil.rmtree(self.work, ignore_errors=True)

    def abandoned(self) -> bool:
        """Whether an engine was killed here before the run's first record, or after its last."""
        try:
            young = time.time() - self._lock.stat().st_mtime < GRACE_S
        except OSError:
            return False  # none of ours
        if self.under_way():
            return False
        records = read(self.state, self.run)
        return any(isinstance(r, RunRecord) for r in records) if records else not young


def _taken(lock: IO[bytes]) -> bool:
    """Whether the lock could be had; whoever only looks at it holds it for a moment."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_S)
        else:
            return True
    return False


def kept(state: Path) -> list[Folders]:
    """The folders that runs work in or have left, oldest first."""
    return [Folders(state, path.name) for path in sorted((state / "work").glob("*"))]


def sweep(state: Path) -> None:
    """Remove the trees of runs that no one can go on with."""
    for folders in kept(state):
        if folders.abandoned():
            folders.remove()
