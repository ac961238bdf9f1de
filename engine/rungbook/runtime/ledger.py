"""Money is held before paid work begins, and settled when its cost is known.

The hold is the only intent that is written ahead: after a crash it tells what may have been paid.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rungbook.interpret.climb.budget import SLACK_USD
from rungbook.records import AttemptRecord, CheckRecord, Record, SpendRecord
from rungbook.runtime.recorder import Recorder
from rungbook.store.layout import folder, guarded
from rungbook.store.reading import spent


@dataclass(slots=True)
class Ledger:
    """The holds of one run, under the day's limit of its project (USD; None is no limit)."""

    state: Path
    recorder: Recorder
    project: str
    task_type: str
    usd_day: float | None
    held: dict[int, SpendRecord] = field(default_factory=dict)

    def restore(self, records: Sequence[Record]) -> dict[int, float]:
        """Take up the holds that an earlier process of this run left open.

        What closed after all is settled; the rest was under way when the engine died: decision →
        USD held.
        """
        for record in records:
            if isinstance(record, SpendRecord):
                if record.settled_usd is None:
                    self.held[record.n] = record
                else:
                    self.held.pop(record.n, None)
        for record in records:
            if isinstance(record, AttemptRecord | CheckRecord):
                self.settle(record.n, record.usd)
        return {n: hold.held_usd for n, hold in self.held.items()}

    def hold(self, n: int, usd: float) -> bool:
        """Set the bound of decision `n` aside, durably; False when the day has not that much left.

        One lock for all processes of the project, so that together they cannot overdraw.
        """
        if usd <= 0 or n in self.held:
            return True
        with self._locked():
            day = datetime.now(UTC).strftime("%Y-%m-%d")
            limit = self.usd_day
            if limit is not None and spent(self.state, day, self.project) + usd > limit + SLACK_USD:
                return False
            self.held[n] = self._write(n, day, usd)
        return True

    def settle(self, n: int, usd: float) -> None:
        """Replace the hold of decision `n`, if there is one, by what it cost."""
        if record := self.held.pop(n, None):
            self._write(n, record.day, record.held_usd, usd)

    def _write(self, n: int, day: str, held: float, settled: float | None = None) -> SpendRecord:
        record = SpendRecord(
            **self.recorder.envelope(),
            n=n,
            project=self.project,
            task_type=self.task_type,
            day=day,
            held_usd=held,
            settled_usd=settled,
        )
        return self.recorder.write(record)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with guarded(self.state):
            lock = (folder(self.state) / "spend.lock").open("a")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
