"""Validator: one way to prove an outcome."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from rungbook import regexes
from rungbook.rulebook import environment as env
from rungbook.rulebook import schema as s
from rungbook.rulebook.conditions import NUMBERS
from rungbook.rulebook.environment import Environment
from rungbook.rulebook.matchers import bad_globs
from rungbook.rulebook.problem import Problem

TIMEOUT_S = 60.0
"""Seconds a check may take where its spec is silent."""

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
class Judge:
    """Another model reads the task and the change."""

    prompt: str
    confidence: Comparison = ()
    method: Literal["judge"] = "judge"


@dataclass(frozen=True, slots=True)
class Person:
    """A person looks at the change."""

    ask: str
    method: Literal["person"] = "person"


Check = Parse | Command | Tests | Judge | Person


@dataclass(frozen=True, slots=True)
class Validator:
    """A check with its standing; `errors`: exit statuses that may mean the check itself broke."""

    name: str
    check: Check
    confidence: float = 1.0
    false_accept: float = 0.0
    timeout_s: float = TIMEOUT_S
    cost: float = 1.0
    errors: tuple[int, ...] = ()
    if_missing: Literal["skip", "error"] = "error"
    environment: Environment = env.DEFAULT

    @property
    def is_judge(self) -> bool:
        """Whether a model speaks here, so that a checker is needed."""
        return isinstance(self.check, Judge)


_ARGV: s.Schema = {"type": "string", "minLength": 1}
_FEEDBACK = s.mapping(
    "How much of its output a retry is told.",
    needs=("chars",),
    chars=s.whole("The last characters.", FEEDBACK_CHARS),
)

SCHEMA = s.mapping(
    "One way to prove an outcome: a parse, a command, the tests, a judge, a person.",
    needs=("check", "confidence"),
    check=s.mapping(
        "What is done; exactly one.",
        one_of=("parse", "command", "tests", "judge", "person"),
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
    ),
    confidence=s.number("How far a pass is believed, stated; 0 to 1.", 0.95, maximum=1),
    false_accept=s.number("The share of wrong work that passes, stated; 0 to 1.", 0.05, maximum=1),
    timeout=s.duration("How long it may take.", {"seconds": 600}),
    cost=s.number("What it costs beside others, in any unit.", 3),
    errors=s.mapping(
        "When the check itself broke; counted only where the untouched tree gives it too.",
        exit=s.items("Exit statuses.", s.whole("A status.", 3, 0), examples=[[3, 4]]),
    ),
    if_missing=s.choice(
        "What it means that its program is absent.", "error", "skip", default="error"
    ),
    environment=env.SCHEMA,
)


def build(name: str, body: Mapping[str, Any]) -> tuple[Validator, list[Problem]]:
    """The type of a checked body, and what the schema could not say against it."""
    ((method, options),) = body["check"].items()
    built = Validator(
        name=name,
        check=_CHECKS[method](options),
        confidence=float(body["confidence"]),
        false_accept=float(body.get("false_accept", 0.0)),
        timeout_s=s.seconds(body.get("timeout"), TIMEOUT_S),
        cost=float(body.get("cost", 1.0)),
        errors=tuple(body.get("errors", {}).get("exit", ())),
        if_missing=body.get("if_missing", "error"),
        environment=env.environment(body.get("environment")),
    )
    return built, list(_problems(built))


def _problems(validator: Validator) -> Iterator[Problem]:
    """What a regex or a glob has against it."""
    yield from bad_globs(validator.environment.paths, ("environment", "paths"))
    check = validator.check
    if not isinstance(check, Command) or check.metric is None:
        return
    at = ("check", "command", "metric", "finds")
    try:
        if "value" not in regexes.compiled(check.metric.finds).groupindex:
            hint = r"name one: (?P<value>[\d.]+)"
            yield Problem("R203", at, "the regex has no group called `value`", hint)
    except regexes.BadPattern as e:
        yield Problem("R203", at, str(e), regexes.HINT)


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


_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], Check]] = {
    "parse": lambda _: Parse(),
    "command": _command,
    "tests": _tests,
    "judge": _judge,
    "person": lambda body: Person(body["ask"]),
}
