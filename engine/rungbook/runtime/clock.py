"""Seconds of work: the clock stands still while nothing but a person is waited for."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class WorkClock:
    """Counts wall time while at least one piece of work is under way; `before` was counted by an
    earlier process of the same run."""

    before: float = 0.0
    time: Callable[[], float] = time.monotonic
    _running: int = 0
    _since: float = 0.0

    def now(self) -> float:
        """Seconds of work so far."""
        return self.before + (self.time() - self._since if self._running else 0.0)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work is under way inside this."""
        if not self._running:
            self._since = self.time()
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self.before += self.time() - self._since
