"""Claim: the journal writes at 0.7 of the speed of a bare write and sync of the same bytes.

Run: `uv run python bench/journal.py`. They take turns on one disk; the ratio is of medians.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rungbook.records import AttemptRecord, Feedback
from rungbook.store.codec import encode
from rungbook.store.journal import Journal
from rungbook.store.ulid import ulids

TARGET = 0.7
ROUNDS, SECONDS = 7, 0.4


def record(seq: int) -> AttemptRecord:
    """An attempt as runs write them: about half a kilobyte."""
    return AttemptRecord(
        ts=datetime.now(UTC),
        run="01M7XYHKPH12810531PGSWP5XS",
        seq=seq,
        n=seq,
        work_s=12.345,
        rung="local",
        round=2,
        model="qwen3-coder-30b",
        host="localhost",
        feedback_from=(Feedback(attempt=1, validator="tests"),),
        result="ok",
        isolation="bubblewrap",
        tokens_in=2000,
        tokens_out=1200,
        latency_ms=8500.0,
        diff_sha="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        files_changed=2,
        lines_changed=31,
    )


def rate(step: Callable[[], object], batch: int) -> float:
    """Records a second."""
    count, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < SECONDS:
        step()
        count += batch
    return count / taken


def compare(folder: Path, batch: int) -> tuple[float, float]:
    """Records a second of the journal and of the bare loop, each with a file of its own."""
    records = [record(seq) for seq in range(1, batch + 1)]
    data = b"".join(encode(records, ulids(batch)))
    fd = os.open(folder / f"bare-{batch}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    journal = Journal(folder / f"state-{batch}")

    def bare() -> None:
        os.write(fd, data)
        os.fdatasync(fd)

    def ours() -> None:
        journal.append_many("attempts", records)

    ours()
    pairs = [(rate(ours, batch), rate(bare, batch)) for _ in range(ROUNDS)]
    journal.close()
    os.close(fd)
    return statistics.median(one for one, _ in pairs), statistics.median(two for _, two in pairs)


def main() -> None:
    """Prints the table; exit status 1 if the claim does not hold here."""
    print(f"{'batch':>6} {'journal/s':>10} {'bare/s':>10} {'ratio':>6}   (target {TARGET})")
    worst = 1.0
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        for batch in (1, 64):
            ours, bare = compare(Path(folder), batch)
            worst = min(worst, ours / bare)
            print(f"{batch:>6} {ours:>10,.0f} {bare:>10,.0f} {ours / bare:>6.2f}")
    raise SystemExit(worst < TARGET)


if __name__ == "__main__":
    main()
