"""`rungbook why`: what was decided in a run, and on what."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from rungbook.cli import arguments
from rungbook.interpret.climb.why import Line
from rungbook.records import (
    ApplyRecord,
    ApprovalRecord,
    AttemptRecord,
    CheckRecord,
    PlanRecord,
    Record,
)
from rungbook.render.text import clean, count, phrases


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("run", help="the run's id, the beginning of one, or `last`")
    arguments.json(parser)
    arguments.repo(parser)


def run(given: argparse.Namespace) -> int:
    """Always 0."""
    from rungbook.runtime import engine

    key, lines, records = engine.why(given.run, given.repo)
    print(as_json(key, lines, records) if given.json else as_text(key, lines, records))
    return 0


def as_text(run: str, lines: Sequence[Line], records: Sequence[Record]) -> str:
    """A run told again, for people."""
    out = []
    for record in records:
        if isinstance(record, PlanRecord):
            commit = f", commit {record.commit[:12]}" if record.commit else ""
            dirty = " and uncommitted changes" if record.dirty else ""
            out += [
                f"run {run}, {record.ts:%Y-%m-%d %H:%M:%S} UTC",
                f"task: {record.description}",
                f"rulebook {record.rulebook[:12]}{commit}{dirty}",
            ]
    out += map(_line, lines)
    if bad := [line for record in records if (line := _failed(record))]:
        out += ["what did not pass:", *bad]
    out += [line for record in records if (line := _afterwards(record))]
    return "\n".join(clean(line) for line in out)


def _failed(record: Record) -> str:
    """Why an attempt came to nothing, or what a check had against it."""
    if isinstance(record, AttemptRecord) and record.error:
        return f"  attempt {record.n}: {record.result}, {phrases(record.error)}"
    if isinstance(record, CheckRecord) and record.verdict in ("fail", "error"):
        reason = record.excerpt.split("\n", 1)[0]
        return f"  {record.validator} of attempt {record.attempt}: {record.verdict}, {reason}"
    return ""


def _afterwards(record: Record) -> str:
    """What a person said to the change, and where it went."""
    if isinstance(record, ApplyRecord):
        done = f"committed to {record.branch} {(record.commit or '')[:12]}" if record.branch else ""
        done = done or ("taken back" if record.action == "undo" else "applied to the project")
        by = f"{record.who} ({record.channel}), {count(record.files, 'file')}"
        return f"{record.ts:%Y-%m-%d %H:%M:%S} UTC {done} by {by}"
    if isinstance(record, ApprovalRecord) and record.about in ("apply", "review"):
        said = f"{record.about}: {record.who} said {record.answer} ({record.subject})"
        return f"{record.ts:%Y-%m-%d %H:%M:%S} UTC {said}"
    return ""


def _line(line: Line) -> str:
    facts = ", ".join(f"{name} {_fact(value)}" for name, value in line.facts)
    at = f"{line.at:8.2f} s " if line.at is not None else " " * 11
    by = f"  [{line.part.part} {line.part.hash[:8]}]" if line.part else ""
    if line.what == "part":
        return f"{at}{'  ' * line.depth}part    {by.strip()}"
    text = f"{line.what:<8}{line.subject}: {line.said}" + (f" ({facts})" if facts else "")
    return at + "  " * line.depth + text + by


def _fact(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def as_json(run: str, lines: Sequence[Line], records: Sequence[Record]) -> str:
    """A run told again, for programs."""
    told = [{**asdict(line), "facts": dict(line.facts)} for line in lines]
    kept = [
        {"record": type(r).__name__.removesuffix("Record").lower(), **asdict(r)} for r in records
    ]
    return json.dumps({"run": run, "lines": told, "records": kept}, default=str, ensure_ascii=False)
