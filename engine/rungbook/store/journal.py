"""The writer: one segment a process and stream; a record that was given an id is on the disk."""

import fcntl
import os
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from rungbook.errors import StateFailed
from rungbook.host import data_sync
from rungbook.records import STREAMS, Envelope
from rungbook.store.codec import encode
from rungbook.store.disk import sync_folder
from rungbook.store.layout import folder, guarded
from rungbook.store.ulid import ulid, ulids

SEAL_ROWS = 50_000
"""Rows after which a segment is closed and left to the compactor."""
RECORD_BYTES = 8 * 2**20
"""Longest record; DuckDB's reader gives up on a whole stream at a line of 16 MiB."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC


class _Segment:
    """A file that this process alone writes, and nobody opens for writing again."""

    def __init__(self, home: Path) -> None:
        """Creates and locks it under a name no reader sees: a sealed one may be compacted away."""
        name = ulid()
        new = home / f".{name}.new"
        self._fd = os.open(new, _CREATE, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(home / f"{name}.ndjson")
            sync_folder(home)
        except BaseException:
            os.close(self._fd)
            new.unlink(missing_ok=True)
            raise
        self._size = 0
        self.rows = 0

    def write(self, data: bytes, rows: int) -> None:
        """All of the data, durable; OSError, and the segment must be closed, if not."""
        written = os.write(self._fd, data)
        if written != len(data):
            raise OSError(f"only {written} of {len(data)} bytes were written: is the disk full?")
        data_sync(self._fd)
        self._size += written
        self.rows += rows

    def abandon(self) -> None:
        """Cuts off what nobody was told is kept, as far as the disk allows, and closes it."""
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            pass  # a torn tail: readers pass over it
        finally:
            self.close()

    def close(self) -> None:
        """Gives up the file and, unless a parent process holds it too, its lock."""
        os.close(self._fd)


class _Stream:
    """The open segment of one stream, if any; one append at a time."""

    def __init__(self, state: Path, name: str) -> None:
        self._state, self._name = state, name
        self._lock = threading.Lock()
        self._segment: _Segment | None = None

    def append(self, records: Sequence[Envelope]) -> list[str]:
        with self._lock, guarded(self._state):
            if others := {type(record) for record in records} - {STREAMS[self._name]}:
                raise TypeError(f"a {others.pop().__name__} does not belong to {self._name}")
            keys = ulids(len(records))
            lines = encode(records, keys)
            data = b"".join(lines)
            if len(data) > RECORD_BYTES and (longest := max(map(len, lines))) > RECORD_BYTES:
                raise StateFailed(f"a record of {self._name} is too long: {longest} bytes")
            if lines:
                self._write(data, len(lines))
        return keys

    def _write(self, data: bytes, rows: int) -> None:
        if self._segment is None:
            self._segment = _Segment(folder(self._state, "journal", self._name))
        try:
            self._segment.write(data, rows)
        except BaseException:  # an interrupt too leaves bytes behind that nobody was told of
            segment, self._segment = self._segment, None
            segment.abandon()
            raise
        if self._segment.rows >= SEAL_ROWS:
            self._close()

    def _close(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.close()

    def close(self) -> None:
        with self._lock:
            self._close()

    def forget(self) -> None:
        """In a forked child: the segment is the parent's, and so may be the hold on the lock."""
        self._lock = threading.Lock()
        self._close()


class Journal:
    """This process's writer of a project's outcomes; safe to share between threads and to fork.

    Segments are made when first needed, and closed by `close` or with the process.
    """

    def __init__(self, state: Path) -> None:
        self._streams = {name: _Stream(state, name) for name in STREAMS}
        _OPEN.add(self)

    def append(self, stream: str, record: Envelope) -> str:
        """The id of the record, once it is on the disk; raises StateFailed, and keeps nothing."""
        return self.append_many(stream, (record,))[0]

    def append_many(self, stream: str, records: Sequence[Envelope]) -> list[str]:
        """The ids of the records, kept all or none by one write and one sync (StateFailed)."""
        return self._streams[stream].append(records)

    def close(self) -> None:
        """Seals the open segments; a later append begins new ones."""
        for stream in self._streams.values():
            stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _forget(self) -> None:
        for stream in self._streams.values():
            stream.forget()


_OPEN: weakref.WeakSet[Journal] = weakref.WeakSet()


def _forget_all() -> None:
    for journal in tuple(_OPEN):
        journal._forget()


os.register_at_fork(after_in_child=_forget_all)
