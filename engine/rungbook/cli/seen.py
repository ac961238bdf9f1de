"""A run as a person sees it who is to judge it: the task, the reason, the change, the checks."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from rungbook.records import AttemptRecord, CheckRecord
from rungbook.render.diff import painted
from rungbook.render.text import clean, count, money, phrases

if TYPE_CHECKING:
    from rungbook.runtime.engine import Seen

EXCERPT = 20
"""Lines of a check's evidence that are shown."""


def as_text(seen: "Seen", *, colour: bool) -> str:
    """For people."""
    lines = [*_begun(seen), *_attempts(seen)]
    shown = list(map(clean, lines))
    if seen.diff:
        shown += ["", *painted(seen.diff.splitlines(), on=colour)]
    if seen.checks:
        shown += ["", f"checks of attempt {seen.attempt}:"]
    for check in seen.checks:
        shown += map(clean, _check(check))
    return "\n".join(shown)


def _begun(seen: "Seen") -> Iterator[str]:
    first, waiting = seen.first, seen.waiting
    yield f"run {seen.run}, begun {first.ts:%Y-%m-%d %H:%M} UTC"
    yield f"task: {first.description}"
    yield (
        f"  {first.task_type}, complexity {first.complexity:g}, "
        f"confidence {first.confidence:g}: ladder {first.ladder}"
    )
    yield from (f"  passed over: {note}" for note in first.notes)
    if waiting:
        yield f"waits since {waiting.since} for {waiting.on}; {money(waiting.usd)} so far"


def _attempts(seen: "Seen") -> Iterator[str]:
    """Every attempt on a line, with what its checks said."""
    for one in (r for r in seen.records if isinstance(r, AttemptRecord)):
        size = f", {count(one.files_changed, 'file')}, {count(one.lines_changed, 'line')}"
        changed = size if one.diff_sha else ""
        error = f" ({phrases(one.error)})" if one.error else ""
        yield f"  attempt {one.n}, {one.rung}: {one.model}, {one.result}{changed}{error}"
        checks = (r for r in seen.records if isinstance(r, CheckRecord) and r.attempt == one.n)
        if said := ", ".join(f"{c.validator} {c.verdict}" for c in checks):
            yield f"    {said}"


def _check(check: CheckRecord) -> Iterator[str]:
    by = f" by {check.model}" if check.model else ""
    yield f"  {check.validator}: {check.verdict}{by}"
    excerpt = check.excerpt.splitlines()
    yield from (f"    {line}" for line in excerpt[:EXCERPT])
    if len(excerpt) > EXCERPT:
        yield f"    … {len(excerpt) - EXCERPT} lines more"


def as_json(seen: "Seen") -> str:
    """For programs."""
    first = seen.first
    attempts = [asdict(r) for r in seen.records if isinstance(r, AttemptRecord)]
    told = {
        "run": seen.run,
        "task": first.description,
        "type": first.task_type,
        "complexity": first.complexity,
        "ladder": first.ladder,
        "notes": first.notes,
        "waiting": asdict(seen.waiting) if seen.waiting else None,
        "ended": asdict(seen.ended) if seen.ended else None,
        "attempts": attempts,
        "attempt": seen.attempt,
        "diff": seen.diff,
        "checks": [asdict(check) for check in seen.checks],
    }
    return json.dumps(told, default=str, ensure_ascii=False)
