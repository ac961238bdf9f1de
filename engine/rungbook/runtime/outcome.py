"""A run's last record: a function of its first one, its events and how it ended."""

from collections.abc import Iterable, Sequence
from typing import Any

from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import WORKED, End, Leave
from rungbook.records import AttemptRecord, CheckRecord, PlanRecord, Record, RungLeft


def outcome(
    written: Sequence[Record], plan: Plan, end: End, left: Sequence[Leave]
) -> dict[str, Any]:
    """Its columns, but for the envelope and whether the change was applied."""
    first = next(r for r in written if isinstance(r, PlanRecord))
    attempts = [r for r in written if isinstance(r, AttemptRecord)]
    checks = [r for r in written if isinstance(r, CheckRecord)]
    worked = [a for a in attempts if a.result in WORKED]
    named = [a for a in worked if a.n == end.attempt] or worked[-1:]
    winner = named[0] if named else None
    judged = [c.model for c in checks if winner and c.attempt == winner.n and c.model]
    rungs = dict.fromkeys(a.rung for a in worked)
    closed: list[AttemptRecord | CheckRecord] = [*attempts, *checks]
    return {
        "task_id": first.run,
        "timestamp": first.ts,
        "task_type": first.task_type,
        "description": first.description,
        "complexity_score": first.complexity,
        "worker": winner.model if winner else None,
        "checker": judged[0] if judged else None,
        "outcome": end.outcome,
        "because": end.because,
        "attempt": end.attempt,
        "attempts": len(worked),
        "escalations": max(0, len(rungs) - 1),
        "validation_method": "+".join(v for group in plan.verify for v in group),
        "latency_ms": 1000 * max((r.work_s for r in closed), default=0.0),
        "tokens_in": _sum(r.tokens_in for r in closed),
        "tokens_out": _sum(r.tokens_out for r in closed),
        "usd": sum(r.usd for r in closed),
        "rungs_left": tuple(RungLeft(rung=w.rung, because=w.because) for w in left),
        "proved": end.proved,
        "tampered": bool(winner and winner.tampered),
        "project": first.project,
        "rulebook": first.rulebook,
        "commit": first.commit,
        "dirty": first.dirty,
        "parts": first.parts,
    }


def _sum(counts: Iterable[int | None]) -> int | None:
    """The sum of what is known; None if nothing is."""
    known = [n for n in counts if n is not None]
    return sum(known) if known else None
