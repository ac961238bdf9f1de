"""Likeness: counting tells types apart, says why, and is as sure as it was right."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rungbook.rulebook.examples import Example
from rungbook.rulebook.likeness import CHARS, Likeness, words

FRUIT = ["a ripe apple", "two pears", "apple pie", "the plum tree", "sour plums", "a pear tree"]
TOOLS = ["a rusty saw", "two hammers", "the hammer fell", "a saw blade", "pliers", "old pliers"]
EXAMPLES = [Example(t, "fruit") for t in FRUIT] + [Example(t, "tool") for t in TOOLS]


def silent(_: str) -> list[str]:
    return []


def loud(text: str) -> list[str]:
    return ["always", *(["metal"] if "rust" in text or "blade" in text or "saw" in text else [])]


@pytest.mark.parametrize(
    ("text", "kind"), [("an apple", "fruit"), ("a saw", "tool"), ("plums and pears", "fruit")]
)
def test_it_tells_types_apart(text: str, kind: str) -> None:
    assert Likeness(("fruit", "tool"), EXAMPLES, silent).of(text).type == kind


def test_it_names_what_spoke_strongest_first() -> None:
    told = Likeness(("fruit", "tool"), EXAMPLES, loud).of("the rusty apple saw")
    assert told.type == "tool"
    weights = list(told.because.values())
    assert all(abs(one) >= abs(other) for one, other in pairwise(weights))
    assert told.because["metal"] > 0 > told.because['"apple"']


@given(st.text(max_size=200))
def test_any_text_is_like_something(text: str) -> None:
    told = Likeness(("fruit", "tool"), EXAMPLES, silent).of(text)
    assert told.type in ("fruit", "tool")
    assert 0 < told.confidence <= 1


def test_the_order_of_the_examples_does_not_matter() -> None:
    one = Likeness(("fruit", "tool"), EXAMPLES, loud).of("an apple and a saw blade")
    other = Likeness(("fruit", "tool"), EXAMPLES[::-1], loud).of("an apple and a saw blade")
    assert one.type == other.type
    assert one.because == other.because
    assert math.isclose(one.confidence, other.confidence)


def test_confidence_rises_with_the_margin() -> None:
    made = Likeness(("fruit", "tool"), EXAMPLES, silent)
    clear, clearer = made.of("apple"), made.of("apple pear plum tree")
    assert clear.type == clearer.type == "fruit"
    assert 0.5 < made.of("zebra").confidence <= clear.confidence <= clearer.confidence < 1


def test_where_nothing_can_be_learned_it_is_not_sure() -> None:
    made = [Example(t, k) for t in ("same words", "the same words") for k in ("a", "b")]
    assert Likeness(("a", "b"), made, silent).of("same words").confidence < 0.5


def test_one_type_is_no_question() -> None:
    told = Likeness(("a",), [Example("x", "a")], silent).of("y")
    assert (told.type, round(told.confidence, 2)) == ("a", 0.67)


@given(
    st.lists(
        st.tuples(st.text("abc ", min_size=1, max_size=8), st.sampled_from("xyz")), min_size=1
    ),
    st.text("abcd ", max_size=12),
)
def test_few_or_odd_examples_leave_it_unsure_not_broken(
    made: list[tuple[str, str]], text: str
) -> None:
    told = Likeness(("x", "y", "z"), [Example(*e) for e in made], silent).of(text)
    assert 0 < told.confidence < 1
    assert all(map(math.isfinite, told.because.values()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fix IT, fix it", ["fix", "it"]),
        ("migrating 40 rows", ["migrating", "migra…", "0", "rows"]),
        ("getUser_name", ["getuser", "getus…", "name"]),
        ("Zahlungen", ["zahlungen", "zahlu…"]),
        ("数据丢失", ["数据", "据丢", "丢失"]),
        ("列", ["列"]),
        ("…", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_long_text_is_known_by_its_beginning() -> None:
    assert words("a " * CHARS + "apple") == ["a"]
