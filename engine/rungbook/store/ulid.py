"""Ids that sort by the time they were made: 48 bits of milliseconds, 80 of chance, in base 32."""

import os
import threading
import time
from functools import lru_cache

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_PAIRS = [high + low for high in _LETTERS for low in _LETTERS]
_CHANCE = 80


class Ulids:
    """Ids that only ever grow, also within a millisecond and when the clock steps back."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Starts afresh: a forked child must not go on counting from its parent's last id."""
        self._lock = threading.Lock()
        self._last = 0

    def take(self, count: int) -> list[str]:
        """That many new ids, of 26 characters each."""
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now > self._last >> _CHANCE:
                self._last = now << _CHANCE | int.from_bytes(os.urandom(_CHANCE // 8), "big")
            first = self._last + 1
            self._last += count
        return [_spelled(number) for number in range(first, first + count)]


def _spelled(number: int) -> str:
    return _head(number >> 20) + _PAIRS[number >> 10 & 1023] + _PAIRS[number & 1023]


@lru_cache(maxsize=8)
def _head(number: int) -> str:
    """All but the last four letters, which ids made together share."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(100, -1, -10)])


_SOURCE = Ulids()
os.register_at_fork(after_in_child=_SOURCE.forget)


def ulid() -> str:
    """The process's next id: greater than every one before it."""
    return ulids(1)[0]


def ulids(count: int) -> list[str]:
    """The process's next ids, rising."""
    return _SOURCE.take(count)
