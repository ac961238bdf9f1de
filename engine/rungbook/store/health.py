"""How a state folder is: read in whole and judged by nobody; nothing in it is changed or made."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from rungbook.records import STREAMS, columns
from rungbook.store.codec import decode
from rungbook.store.layout import reader, segments
from rungbook.store.views import LEVELS, view_sql

SLACK = timedelta(minutes=2)
"""How far a record may lie ahead: two clocks that are kept in step differ by less."""

_OTHERS = 0o077
"""Bits of a mode that let other users in."""


@dataclass(slots=True)
class Segments:
    """The journal of one stream: `live` segments have a writer, `torn` end in half a record.

    `unreadable`: (file, line, why) of whole lines that no reader understands; `newer` records have
    columns that this version does not know.
    """

    live: int = 0
    sealed: int = 0
    records: int = 0
    torn: int = 0
    newer: int = 0
    unreadable: list[tuple[str, int, str]] = field(default_factory=list)
    ahead: list[datetime] = field(default_factory=list)
    """Times of records that were not to be expected yet."""


@dataclass(frozen=True, slots=True)
class Health:
    """A state folder; where there is none, `place` is the nearest of what is above it.

    `bytes` in it, `free` bytes on its disk; `views`: what DuckDB says against them, empty where
    they answer, None where they are made anew when they are asked next. `strange`: streams of the
    journal that this version does not know.
    """

    place: Path
    there: bool
    writable: bool
    private: bool
    free: int
    bytes: int = 0
    streams: Mapping[str, Segments] = field(default_factory=dict)
    strange: tuple[str, ...] = ()
    views: str | None = None


def health(state: Path, now: datetime) -> Health:
    """Look at all of a state folder; `now` in UTC, without a zone. Raises OSError."""
    place = next(path for path in (state, *state.parents) if path.exists())
    writable = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
    free = shutil.disk_usage(place).free
    if place != state or not place.is_dir():
        return Health(place, False, writable, True, free)
    known = sorted(path.name for path in (state / "journal").glob("*") if path.is_dir())
    return Health(
        place=state,
        there=True,
        writable=writable,
        private=not state.stat().st_mode & _OTHERS,
        free=free,
        bytes=sum(_sizes(state)),
        streams={name: _stream(state, name, now + SLACK) for name in STREAMS if name in known},
        strange=tuple(name for name in known if name not in STREAMS),
        views=_views(state),
    )


def _sizes(folder: Path) -> Iterator[int]:
    """The size of each file below a folder; one that goes meanwhile has none."""
    for here, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(os.path.join(here, name)).st_size  # noqa: PTH118 - hot
            except OSError:
                continue


def _stream(state: Path, name: str, soon: datetime) -> Segments:
    found = Segments()
    for path in segments(state, name):
        try:
            _segment(path, name, soon, found)
        except OSError as e:
            found.unreadable.append((str(path), 0, e.strerror or str(e)))
    return found


def _segment(path: Path, stream: str, soon: datetime, found: Segments) -> None:
    """Add one segment to what was found; half a record at the end of a live one is on its way."""
    known = columns(stream).keys()
    with path.open("rb") as file:
        live = _has_writer(file.fileno())
        found.live += live
        found.sealed += not live
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                found.torn += not live
                continue
            try:
                when = _time(stream, line)
            except (TypeError, ValueError, AttributeError) as e:
                found.unreadable.append((str(path), number, str(e)))
                continue
            found.records += 1
            found.newer += not orjson.loads(line).keys() <= known
            if when > soon:
                found.ahead.append(when)


def _time(stream: str, line: bytes) -> datetime:
    """When the record of a line was made; raises as `decode`, ValueError for no record."""
    record = decode(stream, line)
    if record is None or not isinstance(record.ts, datetime):
        raise ValueError("it is no record")
    return record.ts


def _has_writer(fd: int) -> bool:
    """Whether some process holds the segment's lock."""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False


def _views(state: Path) -> str | None:
    """What DuckDB says of the first view that does not answer; see Health."""
    if not all(path.exists() for name in STREAMS for path in _empties(state, name)):
        return None
    import duckdb

    with ExitStack() as stack:
        if (state / "lake" / ".readers").exists():
            stack.enter_context(reader(state))
        db = stack.enter_context(duckdb.connect())
        for name in STREAMS:
            try:
                db.execute(f"FROM ({view_sql(state.resolve(), name)}) LIMIT 1")
            except duckdb.BinderException:  # a column that is not among those of the empty files
                return None
            except (duckdb.Error, UnicodeError) as e:
                return f"{name}: {e}"
    return ""


def _empties(state: Path, stream: str) -> Iterator[Path]:
    """The files without which DuckDB refuses a view; whoever asks the views makes them."""
    yield state / "journal" / stream / "_empty.ndjson"
    yield from (state / "lake" / stream / level / "_empty.parquet" for level in LEVELS)
