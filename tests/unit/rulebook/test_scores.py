"""A Score is a sum of terms with floors, ceilings and a clamp; a published formula is one."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rungbook.rulebook import facts as vocabulary
from rungbook.rulebook.facts import Fact
from rungbook.rulebook.scores import Score, score

FACTS = (
    Fact("outcome.status", "text", "task", "."),
    Fact("feedback.rating", "number", "task", "."),
    Fact("similar_queries", "number", "task", ".", many=True),
    Fact("words.query", "text", "task", "."),
    Fact("words.response", "text", "task", "."),
    Fact("chars.response", "number", "task", "."),
    Fact("age", "number", "task", "."),
    Fact("flag", "flag", "task", "."),
    Fact("n", "number", "task", "."),
)


@pytest.fixture(scope="module", autouse=True)
def own_facts() -> Iterator[None]:
    """A vocabulary of the test's own."""
    mine = MappingProxyType({fact.name: fact for fact in FACTS})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "facts", lambda: mine)
        vocabulary.known.cache_clear()
        yield
    vocabulary.known.cache_clear()


def built(terms: Mapping[str, Any], low: float = 0, high: float = 10) -> Score:
    made, problems = score({"range": [low, high], "terms": terms}, (), ("task",))
    assert problems == []
    return made


def value(term: Mapping[str, Any], given: Mapping[str, Any], low: float = -100) -> float:
    return built({"x": term}, low, 100).explain(given)[0]


KEYWORDS = ("how to", "best practice", "configure", "setup")
VALUE_002 = {
    "outcome": {"of": "outcome.status", "points": {"success": 0.4, "partial": 0.2, "failure": 0}},
    "feedback": {"of": "feedback.rating", "points": {"1": 0.2, "0": 0.1, "-1": 0}},
    "reusability": {
        "weight": 0.2,
        "range": [0, 1],
        "terms": {
            "similar": {"per": "similar_queries", "at": {"similarity": 0.8}, "each": 0.1},
            # A keyword counts once, however often it occurs.
            **{
                word.replace(" ", "-"): {
                    "per": "words.query",
                    "any": [word],
                    "each": 0.2,
                    "max": 0.2,
                }
                for word in KEYWORDS
            },
        },
    },
    "complexity": {
        "weight": 0.1,
        "range": [0, 1],
        "terms": {
            "steps": {"per": "words.response", "any": ["1.", "2.", "3."], "each": 0.1},
            "blocks": {"per": "words.response", "any": ["```"], "each": 0.15},
            "length": {"per": "chars.response", "each": 0.00025, "max": 0.5},
        },
    },
    "novelty": {
        "weight": 0.1,
        "of": "similar_queries",
        "at": {"similarity": 0.9},
        "steps": [{"lt": 1, "add": 1}, {"lt": 3, "add": 0.7}, {"lt": 10, "add": 0.4}, {"add": 0.1}],
    },
}
"""The published value score of the hybrid-learning design, as a Score."""


def published(outcome: str, rating: int, query: str, response: str, similar: list[float]) -> float:
    """The same, as it was published: a Python program."""
    score = {"success": 0.4, "partial": 0.2}.get(outcome, 0.0)
    score += {1: 0.2, 0: 0.1}.get(rating, 0.0)
    bonus = sum(1 for kw in KEYWORDS if kw in query.lower())
    score += 0.2 * min(sum(s >= 0.8 for s in similar) * 0.1 + bonus * 0.2, 1.0)
    steps = response.count("1.") + response.count("2.") + response.count("3.")
    length = min(len(response) / 2000, 1.0)
    score += 0.1 * min(steps * 0.1 + response.count("```") * 0.15 + length * 0.5, 1.0)
    close = sum(s >= 0.9 for s in similar)
    score += 0.1 * (1.0 if close == 0 else 0.7 if close < 3 else 0.4 if close < 10 else 0.1)
    return min(score, 1.0)


pieces = st.sampled_from([*KEYWORDS, "How to", "1.", "2.", "3.", "```", " ", "why slow", "x" * 300])
prose = st.lists(pieces, max_size=14).map(" ".join)
similar = st.lists(st.sampled_from([0.1, 0.79, 0.8, 0.85, 0.9, 0.95]), max_size=14)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(["success", "partial", "failure"]),
    st.sampled_from([-1, 0, 1]),
    prose,
    prose,
    similar,
)
def test_the_published_value_score_is_a_score(
    outcome: str, rating: int, query: str, response: str, similar: list[float]
) -> None:
    got, _ = seed_002().explain(
        {
            "outcome.status": outcome,
            "feedback.rating": rating,
            "words.query": query.lower(),
            "words.response": response,
            "chars.response": len(response),
            "similar_queries": similar,
        }
    )
    assert got == pytest.approx(published(outcome, rating, query, response, similar), abs=1e-12)


def seed_002() -> Score:
    return built(VALUE_002, 0, 1)


bounds = st.dictionaries(st.sampled_from("abcd"), st.integers(-12, 12).map(float), max_size=4)
always = {"n": {"present": True}}


@given(bounds, bounds, bounds, st.randoms())
def test_floors_lift_the_sum_then_ceilings_cap_it_then_the_range(
    sums: dict[str, float], floors: dict[str, float], ceilings: dict[str, float], random: Any
) -> None:
    terms = [(f"s{k}", {"add": x, "when": always}) for k, x in sums.items()]
    terms += [(f"f{k}", {"at_least": x, "when": always}) for k, x in floors.items()]
    terms += [(f"c{k}", {"at_most": x, "when": always}) for k, x in ceilings.items()]
    random.shuffle(terms)
    if not terms:
        return
    expected = max([sum(sums.values()), *floors.values()])
    expected = min([expected, *ceilings.values()])
    total, said = built(dict(terms), -5, 5).explain({"n": 1})
    assert total == min(5, max(-5, expected))
    assert set(said) == {name for name, _ in terms} - {f"s{k}" for k, x in sums.items() if not x}
    assert built(dict(terms), -5, 5).explain({}) == (0, {})


@pytest.mark.parametrize(
    ("term", "given", "expected"),
    [
        ({"per": "n", "each": 2}, {"n": 3}, 6),
        ({"per": "n", "each": 2, "max": 5}, {"n": 3}, 5),
        ({"per": "n", "each": 2}, {}, 0),
        ({"per": "n", "each": 2, "weight": 0.5}, {"n": 3}, 3),
        ({"per": "similar_queries", "each": 1}, {"similar_queries": [0.1, 0.2]}, 2),
        ({"per": "similar_queries", "at": {"similarity": 0.2}, "each": 1},
         {"similar_queries": [0.1, 0.2]}, 1),
        ({"per": "words.query", "any": ["a", "b"], "each": 1}, {"words.query": "abba"}, 4),
        ({"per": "words.query", "any": ["a", "b"], "each": 1}, {"words.query": ["a", "ab"]}, 1),
        ({"per": "age", "half_life": {"days": 1}, "each": 8}, {"age": 86400 * 2}, 2),
        ({"per": "age", "half_life": {"days": 1}, "each": 8}, {}, 0),
        ({"of": "n", "points": {"-1": 5, "2": 7}}, {"n": -1}, 5),
        ({"of": "n", "points": {"2": 7}}, {"n": 2.0}, 7),
        ({"of": "flag", "points": {"true": 7}}, {"flag": True}, 7),
        ({"of": "similar_queries", "points": {"1": 2}}, {"similar_queries": [1, 1, 3]}, 4),
        ({"of": "n", "points": {"2": 7}}, {}, 0),
        ({"of": "n", "steps": [{"lt": 1, "add": 3}, {"add": 4}]}, {"n": 1}, 4),
        ({"of": "n", "steps": [{"lt": 1, "add": 3}]}, {"n": 1}, 0),
        ({"of": "n", "steps": [{"lt": 1, "add": 3}, {"add": 4}]}, {}, 0),
        ({"at_least": 0, "when": {"n": 1}}, {"n": 1}, 0),
        ({"at_least": 8, "weight": 0.5, "when": {"n": 1}}, {"n": 1}, 4),
        ({"add": 8, "when": {"n": 1}}, {"n": 2}, 0),
    ],
)  # fmt: skip
def test_what_a_term_says(term: Any, given: Any, expected: float) -> None:
    assert value(term, given) == expected


def test_a_ceiling_of_zero_caps() -> None:
    terms = {"a": {"add": 5, "when": always}, "b": {"at_most": 0, "when": always}}
    assert built(terms).explain({"n": 1}) == (0, {"a": 5, "b": 0})
