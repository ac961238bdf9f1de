"""Records read straight from the segments: what resume, `why` and budgets need, without DuckDB."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import orjson

from rungbook.errors import StateFailed
from rungbook.records import STREAMS, Envelope, PlanRecord, Record, SpendRecord
from rungbook.store.codec import decode
from rungbook.store.layout import guarded, segments

E = TypeVar("E", bound=Envelope)


def read(state: Path, run: str) -> list[Record]:
    """The records of a run, of all streams, from its first to the first gap in `seq`.

    Empty for an unknown run. What stands after a gap was never acknowledged before it. Raises
    StateFailed where a segment cannot be read or a record lacks what every version has.
    """
    needle = b'"run":' + orjson.dumps(run)
    found = [
        record
        for stream in STREAMS
        for record in _records(state, stream, needle)
        if isinstance(record, Record) and record.run == run
    ]
    kept: list[Record] = []
    for record in sorted(found, key=lambda record: (record.seq, record.id)):
        if record.seq == len(kept) + 1:
            kept.append(record)
    return kept


def run_ids(state: Path) -> list[str]:
    """The ids of all runs that have begun, oldest first; raises as `read` does."""
    plans = _records(state, "plans", b'"run":')
    return sorted({plan.run for plan in plans if isinstance(plan, PlanRecord)})


def every(state: Path, kind: type[E], needle: bytes) -> Iterator[E]:
    """All records of a kind whose line holds the needle, of all runs; raises as `read` does."""
    stream = next(name for name, one in STREAMS.items() if one is kind)
    found = _records(state, stream, needle)
    return (record for record in found if isinstance(record, kind))


def spent(state: Path, day: str, project: str | None = None, task_type: str | None = None) -> float:
    """US dollars held or settled on a UTC day (YYYY-MM-DD); held money counts until it is settled.

    Of one project and one task type where they are given. Raises as `read` does.
    """
    needle = b'"day":' + orjson.dumps(day)
    # A day's grace: segments are older than their day only if the clock was set back.
    since = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1)
    costs: dict[tuple[str, int], float] = {}
    settled: set[tuple[str, int]] = set()
    for record in _records(state, "spend", needle, since.timestamp()):
        if not isinstance(record, SpendRecord) or record.day != day:
            continue
        if project not in (None, record.project) or task_type not in (None, record.task_type):
            continue
        key = (record.run, record.n)
        if record.settled_usd is not None:
            costs[key] = record.settled_usd
            settled.add(key)
        elif key not in settled:
            costs[key] = record.held_usd
    return math.fsum(costs.values())


def _records(state: Path, stream: str, needle: bytes, since: float = 0.0) -> Iterator[Envelope]:
    """A stream's records whose line holds the needle, from segments touched since then."""
    for path in segments(state, stream):
        with guarded(state):
            data = path.read_bytes() if path.stat().st_mtime >= since else b""
        for line in _lines(data, needle):
            try:
                record = decode(stream, line)
            except (TypeError, ValueError, AttributeError) as error:
                raise StateFailed(f"{path}: a record that cannot be read: {error}") from error
            if record is not None:
                yield record


def _lines(data: bytes, needle: bytes) -> Iterator[bytes]:
    """The whole lines that hold the needle; one without its newline was never acknowledged."""
    at = data.find(needle)
    while at >= 0:
        end = data.find(b"\n", at)
        if end < 0:
            return
        yield data[data.rfind(b"\n", 0, at) + 1 : end]
        at = data.find(needle, end + 1)
