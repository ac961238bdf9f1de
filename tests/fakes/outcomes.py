"""Records as runs leave them, and the small state folder that later versions must still read.

`python tests/fakes/outcomes.py` writes tests/fixtures/state-v1 anew: only for a new version's
folder; an old one stays as it is.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rungbook.records import (
    ApprovalRecord,
    AttemptRecord,
    CheckRecord,
    Feedback,
    Part,
    PlanRecord,
    Record,
    RungLeft,
    RunRecord,
    SpendRecord,
)
from rungbook.store.journal import Journal

BEGAN = datetime(2026, 1, 11, 10, 30, tzinfo=UTC)
PARTS = (Part(part="EscalationMatrix/coding#standard-development", hash="sha256:ab12"),)


def attempt(run: str, seq: int, n: int = 1, **values: object) -> AttemptRecord:
    """An attempt, of the local model unless something else is said."""
    given = {
        "ts": BEGAN + timedelta(seconds=seq),
        "work_s": float(seq),
        "rung": "local",
        "round": 1,
        "model": "qwen3-30b",
        "result": "ok",
        "isolation": "none",
        "latency_ms": 8500.0,
    }
    return AttemptRecord(run=run, seq=seq, n=n, **(given | values))  # type: ignore[arg-type]


def ended(run: str, seq: int, **values: object) -> RunRecord:
    """A run that passed with its first attempt, unless something else is said."""
    given = {
        "ts": BEGAN + timedelta(seconds=seq),
        "task_id": run,
        "timestamp": BEGAN,
        "task_type": "standard-development",
        "description": "Add user authentication",
        "complexity_score": 5.5,
        "worker": "qwen3-30b",
        "checker": None,
        "outcome": "pass",
        "because": "proved",
        "attempt": 1,
        "attempts": 1,
        "escalations": 0,
        "validation_method": "syntax+tests",
        "latency_ms": 8500.0,
        "project": "/home/ann/shop",
        "rulebook": "sha256:cd34",
    }
    return RunRecord(run=run, seq=seq, **(given | values))  # type: ignore[arg-type]


def spend(run: str, seq: int, n: int, held: float, settled: float | None = None) -> SpendRecord:
    """Money held, or settled, on the day of BEGAN."""
    return SpendRecord(
        ts=BEGAN,
        run=run,
        seq=seq,
        n=n,
        project="/home/ann/shop",
        task_type="standard-development",
        day="2026-01-11",
        held_usd=held,
        settled_usd=settled,
    )


def climbed(run: str) -> list[tuple[str, Record]]:
    """A whole run: a local try that fails its tests, a yes to spend, a paid try that passes."""
    told = (Feedback(attempt=1, validator="tests"),)
    envelope = {"ts": BEGAN, "run": run}
    return [
        (
            "plans",
            PlanRecord(
                **envelope,  # type: ignore[arg-type]
                seq=1,
                project="/home/ann/shop",
                rulebook="sha256:cd34",
                commit="4f2c",
                dirty=False,
                parts=PARTS,
                surface="cli",
                description="Add user authentication",
                task_type="standard-development",
                complexity=5.5,
                confidence=0.75,
                features={"words": 3, "task.language": "python"},
                tokens=2000,
                files=("shop/auth.py",),
                language="python",
                ladder="standard-development",
                base_tree="9ae1",
                frozen=("tests/**",),
                isolation="bubblewrap",
                plan={"rungs": [{"name": "local", "attempts": 1}, {"name": "haiku"}]},
                notes=("gemini-flash passed over: unreachable",),
            ),
        ),
        ("attempts", attempt(run, 2, 1, files_changed=1, lines_changed=9, diff_sha="77aa")),
        ("checks", check(run, 3, 2, 1, "fail", excerpt="test_login: AssertionError")),
        (
            "approvals",
            ApprovalRecord(
                **envelope,  # type: ignore[arg-type]
                seq=4,
                n=3,
                work_s=3.0,
                about="spend",
                subject="haiku",
                usd_most=0.02,
                answer="yes",
                who="ann",
                channel="terminal",
            ),
        ),
        ("spend", spend(run, 5, 4, 0.02)),
        (
            "attempts",
            attempt(
                run, 6, 4, rung="haiku", model="haiku", feedback_from=told, usd_most=0.02, usd=0.009
            ),
        ),
        ("spend", spend(run, 7, 4, 0.02, 0.009)),
        ("checks", check(run, 8, 5, 4, "pass", baseline="fail")),
        (
            "runs",
            ended(
                run,
                9,
                worker="haiku",
                attempt=4,
                attempts=2,
                escalations=1,
                usd=0.009,
                proved=True,
                rungs_left=(RungLeft(rung="local", because="attempts"),),
                parts=PARTS,
            ),
        ),
    ]


def check(run: str, seq: int, n: int, of: int, verdict: str, **values: object) -> CheckRecord:
    """A check by the tests."""
    return CheckRecord(
        ts=BEGAN,
        run=run,
        seq=seq,
        n=n,
        work_s=float(seq),
        attempt=of,
        validator="tests",
        verdict=verdict,
        confidence=1.0,
        latency_ms=900.0,
        **values,  # type: ignore[arg-type]
    )


def kept(state: Path, records: list[tuple[str, Record]]) -> Path:
    """The state folder, with those records in it."""
    with Journal(state) as journal:
        for stream, record in records:
            journal.append(stream, record)
    return state


if __name__ == "__main__":
    root = Path(__file__).parents[1] / "fixtures" / sys.argv[1]
    kept(root, climbed("01KEPT0RVN0000000000000001"))
    for segment in sorted((root / "journal").glob("*/*.ndjson")):
        segment.chmod(0o644)
    (root / ".gitignore").unlink()
