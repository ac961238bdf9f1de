"""A taxonomy with examples: which rows are some, and when they are learned from."""

from collections.abc import Mapping
from typing import Any

import pytest

from rungbook.rulebook.examples import Dataset, examples
from rungbook.rulebook.taxonomy import TaskTaxonomy, build

ROWS: tuple[Mapping[str, Any], ...] = (
    {"text": "Fix a typo", "type": "easy"},
    {"text": "Rename a word", "type": "easy", "split": "train"},
    {"text": "Split the core", "type": "hard"},
    {"text": "Design a core", "type": "hard"},
    {"text": "Split the shell", "type": "hard", "split": "held-out"},
)


def dataset(*rows: Mapping[str, Any]) -> Dataset:
    return Dataset("d", "datasets/d.jsonl", "", tuple(enumerate(rows, 1)))


def taxonomy(*rows: Mapping[str, Any]) -> TaskTaxonomy:
    start = {"add": 1, "when": {"task.text": {"present": True}}}
    body = {
        "complexity": {"range": [0, 10], "terms": {"start": start}},
        "types": [{"name": "hard", "when": {"task.like": "hard"}}, {"name": "easy"}],
        "examples": dataset(*rows),
    }
    made, problems = build("t", body)
    assert problems == []
    return made


def test_what_is_held_out_is_not_learned_from() -> None:
    made = taxonomy(*ROWS)
    assert made.likeness
    assert made.likeness.of("a shell").because.keys() == {'"a"'}
    assert [e.split for e in made.examples] == ["train"] * 4 + ["held-out"]


def test_it_learns_when_it_is_asked_and_once() -> None:
    made = taxonomy(*ROWS)
    assert "likeness" not in vars(made)
    assert made.likeness is made.likeness is not None


@pytest.mark.parametrize("rows", [(), ROWS[-1:]], ids=["none", "held out only"])
def test_without_an_example_to_learn_from_there_is_no_likeness(rows: Any) -> None:
    assert taxonomy(*rows).likeness is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"type": "easy"}, "1: `text` must be the task's text"),
        ({"text": " ", "type": "easy"}, "1: `text` must be the task's text"),
        ({"text": "x", "type": "esay"}, "1: there is no type 'esay' | did you mean `easy`?"),
        ({"text": "x", "type": ["easy"]}, "1: there is no type a list | there is: easy, hard"),
        ({"text": "x"}, "1: there is no type null | there is: easy, hard"),
        (
            {"text": "x", "type": "easy", "split": "test"},
            "1: `split` must be train or held-out, not 'test'",
        ),
    ],
)
def test_a_row_that_is_no_example(row: Mapping[str, Any], said: str) -> None:
    found, (problem,) = examples(dataset(row), ("easy", "hard"))
    assert found == []
    told = f"{problem.message} | {problem.hint}"
    assert told.startswith(f"datasets/d.jsonl:{said}")


def test_the_same_mistake_is_told_once() -> None:
    rows = [{"text": "x", "type": kind} for kind in ("a", "a", "b", "easy", "a")]
    found, problems = examples(dataset(*rows), ("easy",))
    assert len(found) == 1
    assert [p.message.partition(": ")[0] for p in problems] == [
        "datasets/d.jsonl:1",
        "datasets/d.jsonl:3",
    ]
