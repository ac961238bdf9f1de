"""What is kept of a run: one record a stream, the only table of names, types and meanings.

The journal, the views, `--json` and the reference pages are derived from it. It only grows: a field
is never renamed, retyped or removed, and a new one has a default, so old records stay readable.

The classes have no slots: orjson writes such a dataclass four times faster.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

_SCALARS = {
    str: "VARCHAR",
    int: "BIGINT",
    float: "DOUBLE",
    bool: "BOOLEAN",
    datetime: "TIMESTAMP",
    dict: "JSON",
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the rulebook that decided something."""

    part: Annotated[str, "kind, name and part of the spec, e.g. EscalationMatrix/coding#ladder"]
    hash: Annotated[str, "content hash of that part"]


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """One thing an attempt was told about an earlier one."""

    attempt: Annotated[int, "`n` of the attempt that failed"]
    validator: Annotated[str, "validator that failed it, or `answer` for an unusable one"]


@dataclass(frozen=True, kw_only=True)
class RungLeft:
    """A rung that was climbed past."""

    rung: Annotated[str, "name of the rung"]
    because: Annotated[str, "reason in one word, e.g. attempts, unreachable, declined, budget"]


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What every record carries."""

    id: Annotated[str, "ULID of the record; empty until the journal gives it"] = ""
    ts: Annotated[datetime, "when the record was made, in UTC (a naive time means UTC)"]


@dataclass(frozen=True, kw_only=True)
class Record(Envelope):
    """What every record of a run carries."""

    run: Annotated[str, "id of the run"]
    seq: Annotated[int, "place among the run's records, counted from 1, given by its one writer"]


@dataclass(frozen=True, kw_only=True)
class PlanRecord(Record):
    """What a run set out with: written before anything else happens."""

    project: Annotated[str, "absolute path of the project"]
    session: Annotated[str | None, "session of the surface that asked, where there is one"] = None
    rulebook: Annotated[str, "content hash of the rulebook"]
    commit: Annotated[str | None, "commit the specs came from; null outside git"] = None
    dirty: Annotated[bool | None, "whether the specs differed from that commit"] = None
    parts: Annotated[tuple[Part, ...], "the spec parts that decide this run"] = ()
    surface: Annotated[str, "where the task came from: cli, mcp …"]
    description: Annotated[str, "the task in the words it was given"]
    task_type: Annotated[str, "type given by the taxonomy"]
    complexity: Annotated[float, "complexity given by the taxonomy"]
    confidence: Annotated[float, "margin between the two best types, 0 to 1"]
    features: Annotated[dict[str, Any], "facts the classification rests on"]
    tokens: Annotated[int | None, "estimated tokens of the task's files; null if unknown"] = None
    files: Annotated[tuple[str, ...], "files the task names, relative to the project"] = ()
    language: Annotated[str | None, "language of those files"] = None
    ladder: Annotated[str, "ladder that was taken"]
    base_tree: Annotated[str, "git tree the attempts start from"]
    frozen: Annotated[tuple[str, ...], "globs of paths a worker may not change"] = ()
    isolation: Annotated[str, "how workers are kept in: bubblewrap or none"]
    plan: Annotated[dict[str, Any], "the whole plan: nothing afterwards reads the rulebook"]
    notes: Annotated[tuple[str, ...], "what was passed over while planning, and why"] = ()


@dataclass(frozen=True, kw_only=True)
class AttemptRecord(Record):
    """One try of one worker: written when it is closed; its diff is stored before."""

    n: Annotated[int, "id of the decision"]
    work_s: Annotated[float, "seconds of work in the run so far, waiting for people left out"]
    rung: Annotated[str, "rung of the ladder"]
    round: Annotated[int, "round on that rung, counted from 1"]
    model: Annotated[str, "worker"]
    variant: Annotated[str | None, "variant of the worker's prompt or settings"] = None
    host: Annotated[str | None, "machine that answered; null for a command"] = None
    feedback_from: Annotated[tuple[Feedback, ...], "failures the worker was told of"] = ()
    result: Annotated[str, "ok, unusable, lost, unreachable, overflow, budget or cancelled"]
    isolation: Annotated[str, "how this worker was kept in: bubblewrap or none"]
    tokens_in: Annotated[int | None, "prompt tokens; null if unknown"] = None
    tokens_out: Annotated[int | None, "answer tokens; null if unknown"] = None
    estimated: Annotated[bool, "whether the tokens were estimated rather than reported"] = False
    usd_most: Annotated[float, "bound of its cost in US dollars, held before it began"] = 0.0
    usd: Annotated[float, "its cost in US dollars"] = 0.0
    latency_ms: Annotated[float, "milliseconds from start to close"]
    diff_sha: Annotated[str | None, "sha256 of the stored diff; null if nothing changed"] = None
    change_sha: Annotated[str | None, "id of the stored change; null if there is none"] = None
    files_changed: Annotated[int, "files the diff touches"] = 0
    lines_changed: Annotated[int, "lines the diff adds and removes"] = 0
    tampered: Annotated[bool, "whether the diff touches frozen paths"] = False
    error: Annotated[str | None, "what went wrong, where something did"] = None
    excerpt: Annotated[str, "end of an answer that could not be used; a retry is shown it"] = ""


@dataclass(frozen=True, kw_only=True)
class CheckRecord(Record):
    """One check of one attempt: written when it is closed."""

    n: Annotated[int, "id of the decision"]
    work_s: Annotated[float, "seconds of work in the run so far, waiting for people left out"]
    attempt: Annotated[int, "`n` of the attempt that was checked"]
    validator: Annotated[str, "validator that checked"]
    model: Annotated[str | None, "judge model, where the validator is one"] = None
    verdict: Annotated[str, "pass, unproved, error, fail, not-applicable or cancelled"]
    confidence: Annotated[float, "how sure the verdict is, 0 to 1"]
    baseline: Annotated[str | None, "verdict on the tree before the change"] = None
    latency_ms: Annotated[float, "milliseconds from start to close"]
    tokens_in: Annotated[int | None, "prompt tokens of the judge"] = None
    tokens_out: Annotated[int | None, "answer tokens of the judge"] = None
    usd_most: Annotated[float, "bound of its cost in US dollars, held before it began"] = 0.0
    usd: Annotated[float, "its cost in US dollars"] = 0.0
    evidence_sha: Annotated[str | None, "sha256 of the stored evidence"] = None
    excerpt: Annotated[str, "the lines of evidence that matter"] = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalRecord(Record):
    """One question to a person: written when it is answered, or when the run is stopped."""

    n: Annotated[int, "id of the decision"]
    work_s: Annotated[float, "seconds of work in the run so far, waiting for people left out"]
    about: Annotated[str, "spend, check, apply, review or run"]
    subject: Annotated[str, "what is asked for, e.g. the rung"]
    usd_most: Annotated[float, "most US dollars a yes can cost"] = 0.0
    answer: Annotated[str, "yes, no or stopped"]
    who: Annotated[str, "who answered"]
    channel: Annotated[str, "how they answered: terminal, mcp, policy …"]
    note: Annotated[str | None, "what they added"] = None


@dataclass(frozen=True, kw_only=True)
class SpendRecord(Record):
    """Money held before paid work begins; a second record of the same `n` settles it."""

    n: Annotated[int, "id of the decision that costs"]
    project: Annotated[str, "absolute path of the project"]
    task_type: Annotated[str, "type of the task"]
    day: Annotated[str, "UTC day it was held, YYYY-MM-DD; the settling record repeats it"]
    held_usd: Annotated[float, "bound in US dollars; counts until it is settled"]
    settled_usd: Annotated[float | None, "cost in US dollars; null while it is only held"] = None


@dataclass(frozen=True, kw_only=True)
class RunRecord(Record):
    """How a run ended: a function of its events, in the names of the task log."""

    task_id: Annotated[str, "id of the task: that of the run"]
    timestamp: Annotated[datetime, "when the run began, in UTC"]
    task_type: Annotated[str, "type given by the taxonomy"]
    description: Annotated[str, "the task in the words it was given"]
    complexity_score: Annotated[float, "complexity given by the taxonomy"]
    worker: Annotated[str | None, "model of the winning attempt, else of the last that worked"]
    checker: Annotated[str | None, "judge model of that attempt, where one judged"]
    outcome: Annotated[str, "pass, skip or review"]
    because: Annotated[str, "why it ended so"]
    attempt: Annotated[int | None, "`n` of the attempt the end names: the winner if it passed"]
    attempts: Annotated[int, "attempts that got to work"]
    escalations: Annotated[int, "rungs climbed after the first one that worked"]
    validation_method: Annotated[str, "validators joined by +, e.g. syntax+tests"]
    latency_ms: Annotated[float, "milliseconds of work, waiting for people left out"]
    tokens_in: Annotated[int | None, "prompt tokens of all attempts and checks"] = None
    tokens_out: Annotated[int | None, "answer tokens of all attempts and checks"] = None
    usd: Annotated[float, "cost in US dollars of all attempts and checks"] = 0.0
    rungs_left: Annotated[tuple[RungLeft, ...], "rungs that were left, in order"] = ()
    proved: Annotated[bool, "whether a check passed, and none failed or broke"] = False
    tampered: Annotated[bool, "whether the winning diff touches frozen paths"] = False
    applied: Annotated[bool, "whether the run wrote its change to the project or a branch"] = False
    project: Annotated[str, "absolute path of the project"]
    rulebook: Annotated[str, "content hash of the rulebook"]
    commit: Annotated[str | None, "commit the specs came from; null outside git"] = None
    dirty: Annotated[bool | None, "whether the specs differed from that commit"] = None
    parts: Annotated[tuple[Part, ...], "the spec parts that decided this run"] = ()


@dataclass(frozen=True, kw_only=True)
class ApplyRecord(Record):
    """A change of a run that was written to the user's project, or taken back."""

    n: Annotated[int, "`n` of the attempt whose change it is"]
    action: Annotated[str, "apply or undo"]
    branch: Annotated[str | None, "branch it was committed to; null for the user's tree"] = None
    commit: Annotated[str | None, "commit that was made; null for the user's tree"] = None
    files: Annotated[int, "files that were written"]
    who: Annotated[str, "who asked for it"]
    channel: Annotated[str, "how they asked: flag (--apply), command (rungbook apply), terminal"]


@dataclass(frozen=True, kw_only=True)
class ReloadRecord(Envelope):
    """One attempt to take changed specs into use: written whether it succeeded or not."""

    surface: Annotated[str, "what was running: watch, serve …"]
    project: Annotated[str, "absolute path of the project"]
    specs: Annotated[str, "absolute path of the folder the specs stand in"]
    ok: Annotated[bool, "whether the new rulebook was taken; if not, the last good one stays"]
    errors: Annotated[int, "findings that kept it from being taken"] = 0
    findings: Annotated[tuple[str, ...], "the first of them, as path:line:col code message"] = ()
    from_rulebook: Annotated[str | None, "content hash of the rulebook before; null at start"] = (
        None
    )
    to_rulebook: Annotated[str | None, "content hash of the new rulebook; null if there is none"]
    changed: Annotated[tuple[Part, ...], "new or other parts, 1,000 at most; none at start"] = ()
    gone: Annotated[tuple[str, ...], "parts that are no longer there, 1,000 at most"] = ()
    commit: Annotated[str | None, "commit the specs came from; null outside git"] = None
    dirty: Annotated[bool | None, "whether the specs differed from that commit"] = None
    ms: Annotated[float, "milliseconds to find, read and build what changed"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Attempts that got to work in runs that have ended, and those the run passed with."""

    won: int
    tried: int


STREAMS: Mapping[str, type[Envelope]] = types.MappingProxyType(
    {
        "plans": PlanRecord,
        "attempts": AttemptRecord,
        "checks": CheckRecord,
        "approvals": ApprovalRecord,
        "spend": SpendRecord,
        "runs": RunRecord,
        "applies": ApplyRecord,
        "reloads": ReloadRecord,
    }
)
"""Stream (folder of the journal, view of the database) → its records."""


class Column(NamedTuple):
    """One column of a view."""

    name: str
    duck_type: str
    doc: str


@cache
def columns(stream: str) -> Mapping[str, Column]:
    """The columns of a stream by name, the envelope first; raises KeyError for no such stream."""
    hints = get_type_hints(STREAMS[stream], include_extras=True)
    return types.MappingProxyType(
        {name: Column(name, _duck(hint), get_args(hint)[1]) for name, hint in hints.items()}
    )


def plain(hint: Any) -> Any:
    """A field's type without its doc and without its null."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (arg for arg in get_args(hint) if arg is not types.NoneType)
    return hint


def _duck(hint: Any) -> str:
    """The DuckDB type of a field's type; raises KeyError for a type that has none."""
    hint = plain(hint)
    origin = get_origin(hint) or hint
    if origin is tuple:
        return f"{_duck(get_args(hint)[0])}[]"
    if is_dataclass(origin):
        fields = (f'"{name}" {_duck(kind)}' for name, kind in get_type_hints(origin).items())
        return f"STRUCT({', '.join(fields)})"
    return _SCALARS[origin]
