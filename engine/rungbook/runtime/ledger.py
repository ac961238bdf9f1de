"""Money is held before paid work begins, and settled when its cost is known.

The hold is the only intent that is written ahead: after a crash it tells what may have been paid.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rungbook.records import Record, SpendRecord
from rungbook.store.reading import spent
from rungbook.runtime.recorder import Recorder, utc


@dataclass(slots=True)
class Ledger:
    """The holds of one run, under the day's limit of its project (USD; None is no limit)."""

    state: Path
    recorder: Recorder
    project: str
    task_type: str
    usd_day: float | None
    held: dict[int, SpendRecord] = field(default_factory=dict)

    def restore(self, records: list[Record]) -> None:
        """Take up the holds that an earlier process of this run left open."""
        for record in records:
            if isinstance(record, SpendRecord):
                if record.settled_usd is None:
                    self.held[record.n] = record
                else:
                    self.held.pop(record.n, None)

    def hold(self, n: int, usd: float) -> bool:
        """Set the bound of decision `n` aside, durably; False when the day has not that much left.

        One lock for all processes of the project, so that together they cannot overdraw.
        """
        if usd <= 0 or n in self.held:
            return True
        with self._locked():
            day = datetime.now(UTC).strftime("%Y-%m-%d")
            if self.usd_day is not None and spent(self.state, day, self.project) + usd > self.usd_day:
                return False
            self.held[n] = self._write(n, day, usd)
        return True

    def settle(self, n: int, usd: float) -> None:
        """Replace the hold of decision `n`, if there is one, by what it cost."""
        if record := self.held.pop(n, None):
            self._write(n, record.day, record.held_usd, usd)

    def _write(self, n: int, day: str, held: float, settled: float | None = None) -> SpendRecord:
        record = SpendRecord(
            ts=utc(),
            run=self.recorder.run,
            seq=0,
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
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.state / "spend.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
