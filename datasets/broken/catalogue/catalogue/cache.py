"""A cache whose entries expire."""

import json
import time
from collections.abc import Callable, Hashable
from typing import Any


class Cache:
    """Keeps values for some seconds; the clock can be replaced in tests."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._entries: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value kept under the key, made anew when there is none or it is too old."""
        now = self._clock()
        kept = self._entries.get(key)
        if kept is None or kept[0] <= now:
            kept = (now + self._seconds, make())
            self._entries[key] = kept
        return kept[1]

    def drop(self, key: Hashable) -> None:
        """Forgets one key; an unknown one is no error."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
