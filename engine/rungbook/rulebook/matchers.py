"""Conditions: facts under dotted keys, all of which must hold; the same in every kind.

What a file says is data; what runs is a closure per condition, built once. An absent fact fails
every operator but `present: false`; a fact with many values holds if one of them does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from rungbook import regexes
from rungbook.findings import Pointer
from rungbook.globs import matches_any
from rungbook.rulebook.facts import Event, Fact, known
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.schema import Schema

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]
_Holds = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Matcher:
    """A compiled condition, and the facts it reads."""

    holds: Test
    names: frozenset[str] = frozenset()


ALWAYS = Matcher(lambda _: True)

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}
_TEXT = {
    "matches": "the whole text matches this regex",
    "misses": "the whole text does not match this regex",
    "finds": "this regex occurs in the text",
    "contains": "this text occurs in it",
    "glob": "a path glob, or a list of them",
}
OPERATORS: Mapping[str, str] = {
    **_TEXT,
    "eq": "equal to this",
    "in": "one of these",
    "gt": "greater than",
    "gte": "at least",
    "lt": "less than",
    "lte": "at most",
    "count": "how many values a fact has",
    "default": "taken where the fact is absent",
    "present": "whether the fact is known at all",
}


def compare(op: str, a: float, b: float) -> bool:
    """Whether `a op b`, for gt, gte, lt and lte."""
    return _COMPARE[op](a, b)


def schema(*events: Event) -> Schema:
    """The JSON Schema of a condition over the facts that these events bring."""
    numbers: Schema = {"type": "number"}
    count: Schema = {
        "type": ["number", "object"],
        "properties": dict.fromkeys((*_COMPARE, "eq"), numbers),
        "additionalProperties": False,
    }
    scalar: Schema = {"type": ["string", "number", "boolean"]}
    types: dict[str, Schema] = {
        **dict.fromkeys(_TEXT, {"type": "string"}),
        "glob": {"type": ["string", "array"], "items": {"type": "string"}},
        "eq": scalar,
        "in": {"type": "array", "items": scalar, "minItems": 1},
        **dict.fromkeys(_COMPARE, numbers),
        "count": count,
        "default": scalar,
        "present": {"type": "boolean"},
    }
    value: Schema = {
        "type": ["string", "number", "boolean", "array", "object"],
        "items": scalar,
        "minItems": 1,
        "properties": {op: {"description": f"{OPERATORS[op]}.", **s} for op, s in types.items()},
        "minProperties": 1,
        "additionalProperties": False,
    }
    inner = {"$ref": "#/$defs/condition-" + "-".join(events)}
    properties = {
        name: {"description": fact.description, "examples": [fact.example], **value}
        for name, fact in known(*events).items()
    }
    return {
        "type": "object",
        "description": "Facts that must all hold: a literal or name glob, a list (any of them), "
        "or operators.",
        "minProperties": 1,
        "properties": {
            **properties,
            "any": {
                "type": "array",
                "description": "At least one of these conditions holds.",
                "items": inner,
                "minItems": 1,
            },
            "not": {"description": "This condition does not hold.", **inner},
        },
        "additionalProperties": False,
        "x-facts": list(events),
    }


def matcher(
    raw: Mapping[str, Any], at: Pointer, events: tuple[Event, ...]
) -> tuple[Matcher, list[Problem]]:
    """Compile one condition; what is wrong with a part of it does not stop the rest."""
    tests: list[Test] = []
    names: set[str] = set()
    problems: list[Problem] = []
    facts = known(*events)
    for name, value in raw.items():
        here = (*at, name)
        if name == "any":
            parts = [matcher(v, (*here, i), events) for i, v in enumerate(value)]
            tests.append(_either([m.holds for m, _ in parts]))
        elif name == "not":
            parts = [matcher(value, here, events)]
            tests.append(_negated(parts[0][0].holds))
        elif name in facts:
            test, wrong = _on(facts[name], value, here)
            parts = [(Matcher(test, frozenset((name,))), wrong)]
            tests.append(test)
        else:
            parts = [(ALWAYS, [Problem("R202", here, f"there is no fact `{name}` here", "", True)])]
        for part, wrong in parts:
            names |= part.names
            problems += wrong
    return Matcher(_all(tests), frozenset(names)), problems


def near(word: str, known_words: Any) -> str:
    """`did you mean …?` for the nearest known word, else nothing."""
    close = get_close_matches(word, list(known_words), 1, 0.75)
    return f"did you mean `{close[0]}`?" if close else ""


def _all(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda f: all(test(f) for test in tests)


def _either(tests: list[Test]) -> Test:
    return lambda f: any(test(f) for test in tests)


def _negated(test: Test) -> Test:
    return lambda f: not test(f)


def _on(fact: Fact, value: Any, at: Pointer) -> tuple[Test, list[Problem]]:
    """The test of one fact: what the value asks, of a value, of many, or of none."""
    name = fact.name
    if not isinstance(value, dict):
        holds, wrong = _literal(fact, value, at)
        return _each(name, holds, None), wrong
    tests: list[Test] = []
    problems: list[Problem] = []
    default = value.get("default")
    for op, x in value.items():
        if op == "default":
            continue
        if op == "present":
            tests.append(_present(name, x))
        elif op == "count":
            tests.append(_counted(name, x))
        else:
            holds, wrong = _operator(fact, op, x, (*at, op))
            tests.append(_each(name, holds, default))
            problems += wrong
    if not tests:
        problems.append(Problem("R104", at, "`default` alone asks nothing", "add an operator"))
    return _all(tests), problems


def _present(name: str, wanted: bool) -> Test:
    return lambda f: (f.get(name) is not None) == wanted


def _counted(name: str, x: Any) -> Test:
    asked = [(op, n) for op, n in x.items() if op != "eq"] if isinstance(x, dict) else []
    equal = x.get("eq") if isinstance(x, dict) else x

    def test(f: Facts) -> bool:
        value = f.get(name)
        if value is None:
            return False
        n = len(value) if isinstance(value, list | tuple) else 1
        return (equal is None or n == equal) and all(compare(op, n, m) for op, m in asked)

    return test


def _each(name: str, holds: _Holds, default: Any) -> Test:
    def test(f: Facts) -> bool:
        value = f.get(name, default)
        if isinstance(value, list | tuple):
            return any(holds(v) for v in value)
        return value is not None and holds(value)

    return test


def _literal(fact: Fact, value: Any, at: Pointer) -> tuple[_Holds, list[Problem]]:
    """A list is any of its values; text with `*`, `?` or `[` is a name glob."""
    if isinstance(value, list):
        parts = [_literal(fact, x, (*at, i)) for i, x in enumerate(value)]
        either = [holds for holds, _ in parts]
        return (lambda v: any(h(v) for h in either)), [p for _, wrong in parts for p in wrong]
    wrong = _mistyped(fact, value, at)
    if isinstance(value, str) and any(c in value for c in "*?["):
        return (lambda v: isinstance(v, str) and fnmatchcase(v, value)), wrong
    return _equal(value), wrong


def _equal(x: Any) -> _Holds:
    """Equality that keeps `true` and `1` apart."""
    return lambda v: v == x and isinstance(v, bool) == isinstance(x, bool)


def is_number(x: Any) -> bool:
    """Whether it is a number; true and false are not."""
    return isinstance(x, int | float) and not isinstance(x, bool)


_IS: Mapping[str, Callable[[Any], bool]] = {
    "number": is_number,
    "text": lambda x: isinstance(x, str),
    "flag": lambda x: isinstance(x, bool),
}


def _mistyped(fact: Fact, x: Any, at: Pointer) -> list[Problem]:
    if _IS[fact.type](x):
        return []
    return [Problem("R206", at, f"`{fact.name}` is a {fact.type}, and {x!r} is not")]


def _operator(fact: Fact, op: str, x: Any, at: Pointer) -> tuple[_Holds, list[Problem]]:
    if op in _COMPARE:
        if fact.type != "number":
            message = f"`{op}` compares numbers, and `{fact.name}` is a {fact.type}"
            return _never, [Problem("R206", at, message, key=True)]
        asked = _COMPARE[op]
        return (lambda v: is_number(v) and asked(v, x)), []
    if op in _TEXT and fact.type != "text":
        message = f"`{op}` looks at text, and `{fact.name}` is a {fact.type}"
        return _never, [Problem("R206", at, message, key=True)]
    if op in ("finds", "matches", "misses"):
        return _regex(op, x, at)
    if op == "contains":
        return (lambda v: isinstance(v, str) and x in v), []
    if op == "glob":
        globs = [x] if isinstance(x, str) else x
        return (lambda v: isinstance(v, str) and matches_any(v, globs)), []
    if op == "in":
        wrong = [p for i, y in enumerate(x) for p in _mistyped(fact, y, (*at, i))]
        either = [_equal(y) for y in x]
        return (lambda v: any(h(v) for h in either)), wrong
    return _equal(x), _mistyped(fact, x, at)


def _regex(op: str, x: str, at: Pointer) -> tuple[_Holds, list[Problem]]:
    try:
        regexes.compiled(x)
    except regexes.BadPattern as e:
        return _never, [Problem("R203", at, str(e), regexes.HINT)]
    search = regexes.finds if op == "finds" else regexes.matches
    wanted = op != "misses"
    return (lambda v: isinstance(v, str) and search(x, v) == wanted), []


def _never(_: Any) -> bool:
    return False
