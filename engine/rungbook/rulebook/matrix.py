"""EscalationMatrix: for each task type a ladder, and what proves that a rung held."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rungbook.findings import Pointer
from rungbook.rulebook import schema as s
from rungbook.rulebook.matchers import ALWAYS, bad_globs
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.tables import Row, Table, table, table_schema

Exhausted = Literal["skip", "review"]
Unproved = Literal["accept", "next-rung", "review"]

CHECKERS = ("none", "same-tier", "next-tier")
"""What a checker may be, beside the name of a Model."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: the models that try side by side, and how often."""

    name: str
    models: tuple[str, ...]
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Budget:
    """What one task may take, and one day of a project; None is no limit."""

    attempts: int | None = None
    seconds: float | None = None
    usd: float | None = None
    usd_day: float | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """How tasks of one type climb, and what proves them; what `common` says is merged in."""

    name: str
    rungs: tuple[Rung, ...]
    verify: tuple[tuple[str, ...], ...]
    checker: Table
    budget: Budget = Budget()
    confirm_above_usd: float | None = 0.0
    worth_usd: float | None = None
    exhausted: Exhausted = "skip"
    unproved: Unproved = "accept"
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EscalationMatrix:
    """The ladders of one taxonomy, by task type; `checker` is the one they share."""

    name: str
    taxonomy: str
    checker: Table
    ladders: Mapping[str, Ladder]


_CHECKER = table_schema(
    "Who judges an attempt, as a Table; or one word for all.",
    s.name("none, same-tier, next-tier, or the name of a Model.", "next-tier"),
    "use",
    "task",
    "score",
    "type",
) | {"type": ["array", "string"], "pattern": f"^{s.NAME}$", "examples": ["next-tier"]}

_LIMITS = {
    "attempts": s.whole("Attempts of all rungs together.", 6),
    "seconds": s.number(
        "Seconds of work; waiting for a person does not count.", 900, None, exclusiveMinimum=0
    ),
    "usd": s.number("US dollars.", 0.05),
}

_KEYS: dict[str, s.Schema] = {
    "checker": _CHECKER,
    "confirm": s.mapping(
        "When a person is asked before a rung that costs money.",
        needs=("above",),
        above=s.usd("Above this bound.", 0),
    ),
    "worth": s.usd("What a solved task is worth; a rung that cannot pay is passed over.", 2),
    "frozen": s.strings(
        "Globs of files that a worker may not change: its proof is not its own to edit.",
        [["tests/**", "**/conftest.py"]],
    ),
    "unproved": s.choice(
        "What happens when every check passed, and had passed before the change too.",
        "accept",
        "next-rung",
        "review",
        default="accept",
    ),
    "exhausted": s.choice("What happens when no rung held.", "skip", "review", default="skip"),
    "budget": s.mapping(
        "What may be spent; a ladder's own budget is merged onto the common one.",
        per_task=s.mapping("On one task.", more=_LIMITS) | {"minProperties": 1},
        per_day=s.mapping(
            "On one day, by all runs of the project.", needs=("usd",), usd=_LIMITS["usd"]
        ),
    ),
}

_RUNG = s.mapping(
    "One step of a ladder.",
    needs=("name",),
    one_of=("model", "race"),
    name=s.name("What the rung is called.", "local"),
    model=s.name("The Model that tries.", "ruff-fix"),
    race=s.items(
        "Models that try side by side; the first that passes wins.",
        s.name("A Model.", "qwen3-30b"),
        least=2,
        examples=[["qwen3-30b", "qwen2.5-coder-32b"]],
    ),
    attempts=s.whole("How often it tries; a retry is told what failed.", 2, default=1, maximum=20),
)

SCHEMA = s.mapping(
    "Ladders by task type: which model tries first, what proves it worked, when to step up.",
    needs=("taxonomy", "ladders"),
    taxonomy=s.name("The TaskTaxonomy whose types have ladders here.", "coding-tasks"),
    common=s.mapping("Said once, under every ladder.", more=_KEYS),
    ladders=s.named(
        "A ladder for each task type.",
        s.mapping(
            "How tasks of this type climb.",
            needs=("rungs", "verify"),
            rungs=s.items("The steps, first to last.", _RUNG, least=1),
            verify=s.items(
                "Validators, in order; a list among them runs side by side.",
                {
                    "type": ["string", "array"],
                    "items": s.name("A Validator.", "types"),
                    "minItems": 1,
                    "pattern": f"^{s.NAME}$",
                },
                least=1,
                examples=[["syntax", ["tests", "types"]]],
            ),
            more=_KEYS,
        ),
        least=1,
    ),
)


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings merge, everything else is replaced."""
    out = dict(below)
    for key, value in above.items():
        old = out.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            out[key] = merged(old, value)
        else:
            out[key] = value
    return out


def parts(body: Mapping[str, Any]) -> dict[str, Any]:
    """What decides each ladder: its own keys over the common ones, and the taxonomy."""
    common = {"taxonomy": body["taxonomy"], **body.get("common", {})}
    return {key: merged(common, own) for key, own in body["ladders"].items()}


def build(name: str, body: Mapping[str, Any]) -> tuple[EscalationMatrix, list[Problem]]:
    """The type of a checked body, and what the schema could not say against it."""
    common = body.get("common", {})
    shared, problems = _shared(common, ("common",))
    ladders: dict[str, Ladder] = {}
    for key, own in body["ladders"].items():
        at: Pointer = ("ladders", key)
        checker, wrong = _shared(own, at)
        if "checker" not in own:
            checker = shared
        ladders[key] = _ladder(key, merged(common, own), checker)
        problems += [*wrong, *_repeated(own, at)]
    return EscalationMatrix(name, body["taxonomy"], shared, ladders), problems


def _shared(body: Mapping[str, Any], at: Pointer) -> tuple[Table, list[Problem]]:
    """The checker that `common` or a ladder names, and what is wrong with what they share."""
    raw = body.get("checker", "none")
    problems = bad_globs(body.get("frozen", ()), (*at, "frozen"))
    if isinstance(raw, str):
        return Table((Row(ALWAYS, raw),)), problems
    checker, wrong = table(raw, (*at, "checker"), ("task", "score", "type"))
    return checker, problems + wrong


def _ladder(name: str, body: Mapping[str, Any], checker: Table) -> Ladder:
    budget = body.get("budget", {})
    task = budget.get("per_task", {})
    confirm, worth = body.get("confirm"), body.get("worth")
    return Ladder(
        name=name,
        rungs=tuple(
            Rung(r["name"], tuple(r.get("race") or (r["model"],)), r.get("attempts", 1))
            for r in body["rungs"]
        ),
        verify=tuple(tuple(v) if isinstance(v, list) else (v,) for v in body["verify"]),
        checker=checker,
        budget=Budget(
            attempts=task.get("attempts"),
            seconds=task.get("seconds"),
            usd=task.get("usd"),
            usd_day=budget.get("per_day", {}).get("usd"),
        ),
        confirm_above_usd=float(confirm["above"]["usd"]) if confirm else 0.0,
        worth_usd=float(worth["usd"]) if worth else None,
        exhausted=body.get("exhausted", "skip"),
        unproved=body.get("unproved", "accept"),
        frozen=tuple(body.get("frozen", ())),
    )


def _repeated(ladder: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    """Names that stand twice where each has its own place."""
    rungs = (*at, "rungs")
    names = [((*rungs, i, "name"), rung["name"]) for i, rung in enumerate(ladder["rungs"])]
    checks = [
        ((*at, "verify", i, j), name)
        for i, group in enumerate(ladder["verify"])
        for j, name in enumerate(group if isinstance(group, list) else [group])
    ]
    yield from _twice("rung", names)
    yield from _twice("validator", checks)
    for i, rung in enumerate(ladder["rungs"]):
        lanes = [((*rungs, i, "race", j), name) for j, name in enumerate(rung.get("race", ()))]
        yield from _twice("model", lanes)


def _twice(noun: str, names: list[tuple[Pointer, str]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, name in names:
        if name in seen:
            yield Problem("R106", place, f"{noun} `{name}` stands here twice", "drop or rename one")
        seen.add(name)
