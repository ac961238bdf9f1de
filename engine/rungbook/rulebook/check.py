"""What a Validator may do: a type for each method of checking, and the keys it is written with."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from rungbook import regexes, schemas
from rungbook.findings import Pointer
from rungbook.rulebook import schema as s
from rungbook.rulebook.conditions import NUMBERS
from rungbook.rulebook.matchers import bad_globs, near
from rungbook.rulebook.problem import Problem, said

FEEDBACK_CHARS = 4000
"""Characters of a check's output that a retry is told, where the spec is silent."""

Operator = Literal["gt", "gte", "lt", "lte"]

Comparison = tuple[tuple[Operator, float], ...]
"""Operators that must all hold of a number."""


@dataclass(frozen=True, slots=True)
class Parse:
    """Changed files parse."""

    method: Literal["parse"] = "parse"


@dataclass(frozen=True, slots=True)
class Metric:
    """A number in the output; `of_baseline`: divided by what the untouched tree gave."""

    finds: str
    value: Comparison
    of_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A program exits as expected; `{files}` in its arguments are the changed files."""

    run: tuple[str, ...]
    exit: int = 0
    metric: Metric | None = None
    feedback_chars: int = FEEDBACK_CHARS
    method: Literal["command"] = "command"


@dataclass(frozen=True, slots=True)
class Tests:
    """The project's own tests pass; `run` None is found out from the repository."""

    run: tuple[str, ...] | None = None
    feedback_chars: int = FEEDBACK_CHARS
    method: Literal["tests"] = "tests"


@dataclass(frozen=True, slots=True)
class Regex:
    """Each changed file that the globs name `finds` one regex, or `lacks` one; no globs: all."""

    finds: str | None = None
    lacks: str | None = None
    files: tuple[str, ...] = ()
    method: Literal["regex"] = "regex"


@dataclass(frozen=True, slots=True)
class Schema:
    """Each changed data file that the globs name is `valid` by a JSON Schema."""

    files: tuple[str, ...]
    valid: Mapping[str, Any]
    method: Literal["schema"] = "schema"


@dataclass(frozen=True, slots=True)
class Judge:
    """Another model reads the task and the change; `confidence`: when its yes is a pass."""

    prompt: str
    confidence: Comparison = ()
    method: Literal["judge"] = "judge"


@dataclass(frozen=True, slots=True)
class Person:
    """A person looks at the change."""

    ask: str
    method: Literal["person"] = "person"


Check = Parse | Command | Tests | Regex | Schema | Judge | Person

_ARGV: s.Schema = {"type": "string", "minLength": 1}
_FEEDBACK = s.mapping(
    "How much of its output a retry is told.",
    needs=("chars",),
    chars=s.whole("The last characters.", FEEDBACK_CHARS),
)

SCHEMA = s.mapping(
    "What is done; exactly one.",
    one_of=("parse", "command", "tests", "regex", "schema", "judge", "person"),
    parse=s.mapping("Changed files parse (tree-sitter)."),
    command=s.mapping(
        "A program exits as expected.",
        needs=("run",),
        run=s.items(
            "Its argument list; `{files}` stands for the changed files, `{python}` for the"
            " project's interpreter.",
            _ARGV,
            least=1,
            examples=[["mypy", "{files}"]],
        ),
        exit=s.whole("The exit status that passes.", 0, 0, default=0, maximum=255),
        metric=s.mapping(
            "A number in the output that must hold as well.",
            needs=("finds", "value"),
            finds=s.text("A regex with a group `value`.", r"mean=(?P<value>[\d.]+)"),
            value=s.mapping("What must hold of it.", more=NUMBERS) | {"minProperties": 1},
            of=s.choice("Divided by what the untouched tree gave.", "baseline"),
        ),
        feedback=_FEEDBACK,
    ),
    tests=s.mapping(
        "The project's own tests pass.",
        run={
            "type": ["string", "array"],
            "description": "`auto` finds the command in the repository; or an argument list.",
            "items": _ARGV,
            "minItems": 1,
            "pattern": "^auto$",
            "default": "auto",
            "examples": ["auto", ["pytest", "-q"]],
        },
        feedback=_FEEDBACK,
    ),
    regex=s.mapping(
        "The text of the changed files has what it must, or nothing of what it must not.",
        one_of=("finds", "lacks"),
        files=s.strings(
            "Globs of the files it is about; without them, all.", [["src/**"]], least=1
        ),
        finds=s.text("A regex that must be found in each of them.", r"(?m)^# Copyright \d{4}"),
        lacks=s.text("A regex that must be found in none of them.", r"\bbreakpoint\(\)"),
    ),
    schema=s.mapping(
        "Changed data files (JSON, JSONL, TOML, YAML) are valid.",
        needs=("files", "valid"),
        files=s.strings("Globs of the files it is about.", [["config/*.json"]], least=1),
        valid={
            "type": "object",
            "description": "The JSON Schema (2020-12) they are valid by; it refers to itself only.",
            "examples": [{"type": "object", "required": ["name"]}],
        },
    ),
    judge=s.mapping(
        "A model that is not the worker reads the task and the change.",
        needs=("prompt",),
        prompt=s.text("A template in templates/prompts/.", "judge-binary"),
        more={
            "pass": s.mapping(
                "When its verdict counts.",
                confidence=s.mapping("Its stated confidence.", more=NUMBERS),
            )
        },
    ),
    person=s.mapping(
        "A person looks at the change.",
        needs=("ask",),
        ask=s.text("The question.", "Accept this result?"),
    ),
)


def build(body: Mapping[str, Any]) -> Check:
    """The type of what stands under `check`."""
    ((method, options),) = body.items()
    return _METHODS[method](options)


def problems(check: Check) -> Iterator[Problem]:
    """What a regex, a glob or a schema has against it; places are below `check`."""
    if isinstance(check, Regex | Schema):
        yield from bad_globs(check.files, (check.method, "files"))
    if isinstance(check, Schema):
        yield from _bad_schema(check.valid, (check.method, "valid"))
    if isinstance(check, Regex):
        for key in ("finds", "lacks"):
            yield from _bad_regex(getattr(check, key), (check.method, key))
    if isinstance(check, Command) and check.metric:
        yield from _bad_regex(check.metric.finds, ("command", "metric", "finds"), "value")


def _bad_regex(pattern: str | None, at: Pointer, group: str | None = None) -> Iterator[Problem]:
    if pattern is None:
        return
    try:
        found = regexes.compiled(pattern).groupindex
    except regexes.BadPattern as e:
        yield Problem("R203", at, str(e), regexes.HINT)
        return
    if group and group not in found:
        hint = rf"name one: (?P<{group}>[\d.]+)"
        yield Problem("R203", at, f"the regex has no group called `{group}`", hint)


_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def _bad_schema(schema: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    """What is wrong with it first; the rest is told once that is put right."""
    try:
        schemas.compiled(schema)
    except schemas.BadSchema as e:
        word, told = e.at[-1] if e.at else "", str(e)
        hint = ""
        if word == "type" and isinstance(e.value, str):
            told, hint = f"there is no type {said(e.value)}", "one of " + ", ".join(_TYPES)
            hint = near(e.value, _TYPES) or hint
        elif word == "format":
            told = f"there is no format {said(e.value)}"
        elif word == "pattern":
            told, hint = f"{said(e.value)} is no regex", "no look-around, no back-references"
        elif word in ("$ref", "$dynamicRef"):
            hint = "as in '#/$defs/NAME'; other files are not read"
        yield Problem("R213", (*at, *e.at), told, hint)


def _comparison(body: Mapping[str, Any] | None) -> Comparison:
    return tuple((cast(Operator, op), float(x)) for op, x in (body or {}).items())


def _feedback(body: Mapping[str, Any]) -> int:
    return int(body.get("feedback", {}).get("chars", FEEDBACK_CHARS))


def _command(body: Mapping[str, Any]) -> Check:
    metric = body.get("metric")
    return Command(
        run=tuple(body["run"]),
        exit=body.get("exit", 0),
        metric=Metric(metric["finds"], _comparison(metric["value"]), "of" in metric)
        if metric
        else None,
        feedback_chars=_feedback(body),
    )


def _tests(body: Mapping[str, Any]) -> Check:
    run = body.get("run", "auto")
    return Tests(None if run == "auto" else tuple(run), _feedback(body))


def _judge(body: Mapping[str, Any]) -> Check:
    return Judge(body["prompt"], _comparison(body.get("pass", {}).get("confidence")))


_METHODS: Mapping[str, Callable[[Mapping[str, Any]], Check]] = {
    "parse": lambda _: Parse(),
    "command": _command,
    "tests": _tests,
    "regex": lambda body: Regex(body.get("finds"), body.get("lacks"), tuple(body.get("files", ()))),
    "schema": lambda body: Schema(tuple(body["files"]), body["valid"]),
    "judge": _judge,
    "person": lambda body: Person(body["ask"]),
}
