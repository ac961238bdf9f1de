"""The labelled tasks are what their README says, and the built-in taxonomy learns them."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from itertools import combinations

import pytest

from rungbook import paths
from rungbook.compiler.load import builtin, load
from rungbook.rulebook.taxonomy import TaskTaxonomy
from rungbook.testing.accuracy import Measured, measure

Row = Mapping[str, str]
FOLDER = paths.data("datasets") / "task-types"
ROWS: list[Row] = [json.loads(line) for line in (FOLDER / "tasks.jsonl").open(encoding="utf-8")]
TYPES = {"quick-edit", "standard-development", "complex-architecture", "critical"}


@pytest.fixture(scope="module")
def taxonomy() -> TaskTaxonomy:
    rulebook = load([builtin()]).rulebook
    assert rulebook
    return rulebook.taxonomies["coding-tasks"]


@pytest.fixture(scope="module")
def measured(taxonomy: TaskTaxonomy) -> Measured:
    return measure(taxonomy, taxonomy.examples)


def grams(text: str) -> set[str]:
    letters = "".join(text.lower().split())
    return {letters[i : i + 4] for i in range(max(1, len(letters) - 3))}


def test_there_are_enough_of_each_type_and_language() -> None:
    types = Counter(row["type"] for row in ROWS)
    languages = Counter(row["lang"] for row in ROWS)
    assert set(types) == TYPES
    assert min(types.values()) >= 120
    assert 0.1 <= languages["de"] / len(ROWS) <= 0.15
    assert len(languages) == 11
    assert all(set(row) == {"id", "text", "type", "lang", "split"} for row in ROWS)
    assert len({row["id"] for row in ROWS}) == len({row["text"] for row in ROWS}) == len(ROWS)


def test_a_third_of_each_type_is_held_out_by_the_hash_of_its_id() -> None:
    for kind in TYPES:
        ids = {row["id"]: row["split"] for row in ROWS if row["type"] == kind}
        order = sorted(ids, key=lambda one: hashlib.sha256(one.encode()).hexdigest())
        third = round(len(order) / 3)
        assert {ids[one] for one in order[:third]} == {"held-out"}
        assert {ids[one] for one in order[third:]} == {"train"}


def test_no_two_tasks_are_nearly_the_same() -> None:
    seen = [(row["id"], grams(row["text"])) for row in ROWS]
    near = [
        (one, other)
        for (one, a), (other, b) in combinations(seen, 2)
        if len(a & b) > 0.5 * len(a | b)
    ]
    assert near == []


def test_nine_of_ten_that_are_held_out_are_told_rightly(measured: Measured) -> None:
    held = [row for row in ROWS if row["split"] == "held-out"]
    assert measured.total == len(held)
    assert measured.accuracy >= 0.9, measured.report()
    for kind in TYPES:
        total = sum(n for (has, _), n in measured.confusion.items() if has == kind)
        assert measured.confusion[kind, kind] / total >= 0.85, measured.report()


def test_the_others_than_english_are_told_rightly_too(measured: Measured) -> None:
    languages = {row["text"]: row["lang"] for row in ROWS}
    held = Counter(row["lang"] == "en" for row in ROWS if row["split"] == "held-out")
    wrong = Counter(languages[m.example.text] == "en" for m in measured.mistakes)
    assert wrong[False] / held[False] <= 0.15, measured.report()


def test_it_is_right_as_often_as_it_says(taxonomy: TaskTaxonomy) -> None:
    likeness = taxonomy.likeness
    assert likeness
    told = [
        (like.confidence, like.type == e.type)
        for e in taxonomy.examples
        if e.split == "held-out"
        for like in [likeness.of(e.text)]
    ]
    sure = sum(confidence for confidence, _ in told) / len(told)
    right = sum(ok for _, ok in told) / len(told)
    assert abs(sure - right) < 0.05
    unsure = [ok for confidence, ok in told if confidence < 0.8]
    assert sum(unsure) / len(unsure) < right
