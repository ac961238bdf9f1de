"""Conditions: facts under dotted keys, all of which must hold; the same in every kind.

What a file says is data; what runs is a closure per condition, built once. An absent fact fails
every operator but `present: false`; a fact with many values holds if one of them does.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from rungbook import regexes
from rungbook.findings import Pointer
from rungbook.globs import MAX_CHOICES, BadGlob, expand, matches_any
from rungbook.rulebook.conditions import COMPARE, TEXT
from rungbook.rulebook.facts import Event, Fact, known
from rungbook.rulebook.problem import Problem, said
from rungbook.rulebook.schema import AKA

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]
_Holds = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Matcher:
    """A compiled condition."""

    holds: Test


ALWAYS = Matcher(lambda _: True)


def matcher(
    raw: Mapping[str, Any], at: Pointer, events: tuple[Event, ...]
) -> tuple[Matcher, list[Problem]]:
    """Compile a condition that its schema admits; what is wrong with a part stops no other."""
    tests: list[Test] = []
    problems: list[Problem] = []
    facts = known(*events)
    for name, value in raw.items():
        here = (*at, name)
        if name == "any":
            parts = [matcher(v, (*here, i), events) for i, v in enumerate(value)]
            tests.append(_either([part.holds for part, _ in parts]))
            problems += (p for _, wrong in parts for p in wrong)
            continue
        if name == "not":
            part, wrong = matcher(value, here, events)
            tests.append(_negated(part.holds))
        else:
            test, wrong = _on(facts[name], value, here)
            tests.append(test)
        problems += wrong
    return Matcher(_all(tests)), problems


def near(word: str, choices: Iterable[str]) -> str:
    """`did you mean …?`: a curated synonym first, because edit distance alone suggests nonsense."""
    there = list(choices)
    if same := [meant for meant in AKA.get(word.lower(), ()) if meant in there]:
        return f"did you mean `{same[0]}`?"
    close = get_close_matches(word, there, 1, 0.7) or get_close_matches(word.lower(), there, 1, 0.7)
    return f"did you mean `{close[0]}`?" if close else ""


def is_number(x: Any) -> bool:
    """Whether it is a number; true and false are not."""
    return isinstance(x, int | float) and not isinstance(x, bool)


def is_glob(x: Any) -> bool:
    """Whether a literal is a name glob."""
    return isinstance(x, str) and any(c in x for c in "*?[")


def bad_globs(globs: Iterable[str], at: Pointer) -> list[Problem]:
    """The globs of a list that stand for too much to be looked for."""
    found = []
    for i, glob in enumerate(globs):
        try:
            expand(glob)
        except BadGlob:
            message = f"{said(glob)} stands for more than {MAX_CHOICES} globs"
            found.append(Problem("R104", (*at, i), message, "fewer braces, or several globs"))
    return found


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
    if not isinstance(value, dict):
        holds, problems = _literal(fact, value, at)
        return _each(fact.name, holds, None), problems
    tests: list[Test] = []
    problems = []
    default = value.get("default")
    for op, x in value.items():
        here = (*at, op)
        if op == "present":
            tests.append(_present(fact.name, x))
        elif op == "count":
            tests.append(_counted(fact.name, x, default))
        elif op == "default":
            problems += _mistyped(fact, x, here)
        else:
            holds, wrong = _operator(fact, op, x, here)
            tests.append(_each(fact.name, holds, default))
            problems += wrong
    if not tests:
        problems = [Problem("R104", at, "`default` alone asks nothing", "add an operator")]
    return _all(tests), problems


def _present(name: str, wanted: bool) -> Test:
    return lambda f: (f.get(name) is not None) == wanted


_COUNTS: Mapping[str, Callable[[Any, Any], bool]] = {**COMPARE, "eq": operator.eq}


def _counted(name: str, asked: Any, default: Any) -> Test:
    bounds = asked if isinstance(asked, dict) else {"eq": asked}
    tests = [(_COUNTS[op], bound) for op, bound in bounds.items()]

    def test(f: Facts) -> bool:
        value = f.get(name)
        value = default if value is None else value
        if value is None:
            return False
        n = len(value) if isinstance(value, list | tuple) else 1
        return all(holds(n, bound) for holds, bound in tests)

    return test


def _each(name: str, holds: _Holds, default: Any) -> Test:
    def test(f: Facts) -> bool:
        value = f.get(name)
        value = default if value is None else value
        if isinstance(value, list | tuple):
            return any(holds(v) for v in value)
        return value is not None and holds(value)

    return test


def _literal(fact: Fact, value: Any, at: Pointer) -> tuple[_Holds, list[Problem]]:
    """A list is any of its values; text with `*`, `?` or `[` is a name glob."""
    if isinstance(value, list):
        parts = [_literal(fact, x, (*at, i)) for i, x in enumerate(value)]
        choices = [holds for holds, _ in parts]
        return (lambda v: any(h(v) for h in choices)), [p for _, wrong in parts for p in wrong]
    wrong = _mistyped(fact, value, at)
    if is_glob(value):
        return (lambda v: isinstance(v, str) and fnmatchcase(v, value)), wrong
    return _equal(value), wrong


def _equal(x: Any) -> _Holds:
    """Equality that keeps `true` and `1` apart."""
    return lambda v: bool(v == x) and isinstance(v, bool) == isinstance(x, bool)


_IS: Mapping[str, Callable[[Any], bool]] = {
    "number": is_number,
    "text": lambda x: isinstance(x, str),
    "flag": lambda x: isinstance(x, bool),
}


def _mistyped(fact: Fact, x: Any, at: Pointer) -> list[Problem]:
    if _IS[fact.type](x):
        return []
    return [Problem("R206", at, f"`{fact.name}` is a {fact.type}, and {said(x)} is not")]


def _operator(fact: Fact, op: str, x: Any, at: Pointer) -> tuple[_Holds, list[Problem]]:
    wanted = "number" if op in COMPARE else "text" if op in TEXT else fact.type
    if fact.type != wanted:
        does = "compares numbers" if op in COMPARE else "looks at text"
        message = f"`{op}` {does}, and `{fact.name}` is a {fact.type}"
        return _never, [Problem("R206", at, message, key=True)]
    if op in COMPARE:
        compare = COMPARE[op]
        return (lambda v: is_number(v) and compare(v, x)), []
    if op in ("finds", "matches", "misses"):
        return _regex(op, x, at)
    if op == "contains":
        return (lambda v: isinstance(v, str) and x in v), []
    if op == "glob":
        globs = [x] if isinstance(x, str) else x
        return (lambda v: isinstance(v, str) and matches_any(v, globs)), bad_globs(globs, at)
    if op == "in":
        wrong = [p for i, y in enumerate(x) for p in _mistyped(fact, y, (*at, i))]
        choices = [_equal(y) for y in x]
        return (lambda v: any(h(v) for h in choices)), wrong
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
