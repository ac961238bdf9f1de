"""A condition holds exactly when a slow and plain reading of the language says so."""

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rungbook.rulebook.facts import facts, known
from rungbook.rulebook.matchers import matcher, near
from rungbook.rulebook.tables import covers

EVENTS = ("task", "like", "score", "type")
WORDS = ("a", "b", "ab", "ba", "spam", "a/b", "")
texts = st.sampled_from(WORDS)
numbers = st.one_of(st.integers(-2, 4), st.sampled_from([0.5, 2.0, 3.0]))
regex = st.sampled_from(["a", "a.*", "^b", "[ab]+", "", "(?i)A", "sp(am)?"])
globs = st.sampled_from(["a", "a*", "**/b", "a/*", "{a,b}", "*"])
NUMBERS = ("gt", "gte", "lt", "lte")
TEXTS = {
    "matches": regex, "misses": regex, "finds": regex, "contains": texts,
    "glob": st.one_of(globs, st.lists(globs, min_size=1, max_size=2)),
}  # fmt: skip
counts = st.one_of(
    numbers, st.dictionaries(st.sampled_from([*NUMBERS, "eq"]), numbers, min_size=1, max_size=2)
)


def asked(value: st.SearchStrategy[Any], own: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What may be asked of a fact with such values."""
    shared = {
        "eq": value, "in": st.lists(value, min_size=1, max_size=3), "count": counts,
        "present": st.booleans(), "default": value,
    }  # fmt: skip
    operators = st.fixed_dictionaries({}, optional=own | shared)
    return st.one_of(
        value,
        st.lists(value, min_size=1, max_size=3),
        operators.filter(lambda ops: ops.keys() - {"default"}),
    )


ASKED = {
    "task.text": asked(st.one_of(texts, st.sampled_from(["a*", "?", "[ab]"])), TEXTS),
    "task.labels": asked(texts, TEXTS),
    "task.files": asked(numbers, dict.fromkeys(NUMBERS, numbers)),
}
flat = st.fixed_dictionaries({}, optional=ASKED).filter(bool)
conditions = st.recursive(
    flat,
    lambda inner: st.one_of(
        st.builds(lambda a, c: {**a, "not": c}, flat, inner),
        st.builds(lambda cs: {"any": cs}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=5,
)
worlds = st.fixed_dictionaries(
    {},
    optional={
        "task.text": texts,
        "task.labels": st.lists(texts, max_size=3),
        "task.files": st.one_of(numbers, st.none()),
    },
)


def holds(condition: dict[str, Any], world: dict[str, Any]) -> bool:
    """specs.md, word for word."""
    return all(one(name, x, world) for name, x in condition.items())


def one(name: str, x: Any, world: dict[str, Any]) -> bool:
    if name == "any":
        return any(holds(c, world) for c in x)
    if name == "not":
        return not holds(x, world)
    fact = world.get(name)
    if not isinstance(x, dict):
        return fact is not None and any(literal(x, v) for v in each(fact))
    if "present" in x and (fact is not None) != x["present"]:
        return False
    fact = x.get("default") if fact is None else fact
    ops = {op: y for op, y in x.items() if op not in ("present", "default")}
    if fact is None:
        return not ops
    return all(
        counted(y, len(each(fact))) if op == "count" else any(on(op, y, v) for v in each(fact))
        for op, y in ops.items()
    )


def each(fact: Any) -> list[Any]:
    return fact if isinstance(fact, list) else [fact]


def literal(x: Any, v: Any) -> bool:
    if isinstance(x, list):
        return any(literal(y, v) for y in x)
    return v == x or (isinstance(x, str) and set(x) & {*"*?["} != set() and fnmatchcase(v, x))


def counted(y: Any, n: int) -> bool:
    return all(on(op, bound, n) for op, bound in (y if isinstance(y, dict) else {"eq": y}).items())


def on(op: str, y: Any, v: Any) -> bool:
    match op:
        case "eq":
            return bool(v == y)
        case "in":
            return v in y
        case "gt":
            return bool(v > y)
        case "gte":
            return bool(v >= y)
        case "lt":
            return bool(v < y)
        case "lte":
            return bool(v <= y)
        case "matches":
            return re.fullmatch(y, v) is not None
        case "misses":
            return re.fullmatch(y, v) is None
        case "finds":
            return re.search(y, v) is not None
        case "contains":
            return y in v
    return any(globbed(v, g) for g in each(y))


def globbed(path: str, glob: str) -> bool:
    """For the few globs above: does it name the path or a folder above it?"""
    first, _, rest = path.partition("/")
    return {
        "a": "a" in (first, rest), "a*": bool(re.match("a", first) or re.match("a", rest)),
        "**/b": "b" in (first, rest), "a/*": first == "a" and rest != "",
        "{a,b}": bool({"a", "b"} & {first, rest}), "*": path != "",
    }[glob]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(conditions, worlds)
def test_the_matcher_is_the_plain_reading(condition: Any, world: Any) -> None:
    compiled, problems = matcher(condition, (), EVENTS)
    assert problems == []
    assert compiled.holds(world) == holds(condition, world)


@settings(max_examples=600, deadline=None)
@given(flat, flat, worlds)
def test_what_covers_a_condition_holds_wherever_it_does(wide: Any, narrow: Any, world: Any) -> None:
    if covers(wide, narrow) and holds(narrow, world):
        assert holds(wide, world)


COVERED = [
    ({"task.files": {"lt": 5}}, {"task.files": {"lt": 3}, "task.text": "a"}, True),
    ({"task.files": {"lt": 5}}, {"task.files": {"lte": 5}}, False),
    ({"task.files": {"lte": 5}}, {"task.files": {"lt": 5}}, True),
    ({"task.files": {"gte": 1, "lt": 9}}, {"task.files": [2, 3]}, True),
    ({"task.files": {"gte": 1, "lt": 9}}, {"task.files": 9}, False),
    ({"task.text": ["a", "b"]}, {"task.text": "b"}, True),
    ({"task.text": "a*"}, {"task.text": {"eq": "ab"}}, False),
    ({"task.text": {"eq": "a*"}}, {"task.text": "a*"}, False),
    ({"task.files": {"lt": 5}}, {"task.files": {"lt": 3, "default": 0}}, False),
    ({"any": [{"task.text": "a"}]}, {"task.text": "a"}, False),
]


@pytest.mark.parametrize(("wide", "narrow", "expected"), COVERED)
def test_what_is_plain_to_see_is_seen(wide: Any, narrow: Any, expected: bool) -> None:
    assert covers(wide, narrow) is expected


def test_true_is_not_one() -> None:
    assert matcher({"task.files": 1}, (), EVENTS)[0].holds({"task.files": True}) is False


def test_a_fact_is_known_from_its_event_on() -> None:
    assert set(known("task")) < set(known("task", "score")) < set(known(*EVENTS)) == set(facts())


@pytest.mark.parametrize(
    ("word", "choices", "expected"),
    [
        ("retries", ["attempts", "race"], "did you mean `attempts`?"),
        ("Retries", ["attempts"], "did you mean `attempts`?"),
        ("retries", ["entries"], "did you mean `entries`?"),
        ("haikku", ["haiku", "opus"], "did you mean `haiku`?"),
        ("zebra", ["haiku", "opus"], ""),
        ("model", [], ""),
    ],
)
def test_what_could_be_meant(word: str, choices: list[str], expected: str) -> None:
    assert near(word, choices) == expected
