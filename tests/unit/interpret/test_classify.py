"""What the built-in taxonomy makes of tasks as people write them, and how sure it is."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rungbook import paths
from rungbook.compiler.load import builtin, load
from rungbook.interpret.classify import EVEN, REASONS, Classified, classify
from rungbook.rulebook.matchers import ALWAYS
from rungbook.rulebook.tables import Row, Table
from rungbook.rulebook.taxonomy import TaskTaxonomy

TAKEN_SERIOUSLY = {"checkout", "forms", "webhooks"}
"""Cents that are missing, what visitors see of each other, and talk of an outage."""

BROKEN = json.loads((paths.data("datasets") / "broken" / "index.json").read_text("utf-8"))
PLAIN = [t["task"] for t in BROKEN["tasks"] if t["name"] not in TAKEN_SERIOUSLY]
EDITS = """\
Fix the typo in README
Fix the typos on the payment page
fix a typo in the password dialog
Typo in the heading of the invoice template
Rename the refund button
Please rename the variable `tokn`
Add a docstring to parse()
Remove trailing whitespace in billing.md
Update the comment above the loop
Bump ruff to 0.9
""".splitlines()
BUGS = """\
The parser drops the last token of each line
Comments are lost when a file is saved
Typos in search queries return nothing
Renamed files are shown twice in the diff
The date format is wrong in the weekly report
Login page shows 500 when the cart is empty
TypeError in page.py when items is None
The bumper car demo crashes
Whitespace at the end of a name is kept
The author of a note is not shown
""".splitlines()
CRITICAL = """\
Fix the SQL injection in login
Passwords are written to the log
The rename endpoint leaks the session token
Authentication is skipped for HEAD requests
Unauthorised users: authorization is checked too late
Invoice total is off by one cent
Rename the users table
Optimise the hot loop of the order service, production cannot keep up
""".splitlines()

LOOK_ALIKES = {
    "Rename the payment button": "quick-edit",
    "Typo in the security docs": "quick-edit",
    "The login form lost its CSS class": "standard-development",
    "Drop the column `nickname` from the users table": "critical",
    "Lexer: merge two adjacent string tokens": "standard-development",
    "The session list of the workshop is sorted the wrong way": "standard-development",
    "Memory leak in production": "critical",
    "Make the unit tests of the parser faster": "standard-development",
    "Sicherheitslücke beim Hochladen von Dateien": "critical",
    "Datenverlust, wenn zwei Nutzer gleichzeitig speichern": "critical",
    "Zahlungen werden doppelt abgebucht": "critical",
    "Rechtschreibfehler auf der Zahlungsseite": "quick-edit",
    "Fuite de mémoire en production": "critical",
    "Corregir errata en la página de pagos": "quick-edit",
    "数据库迁移后数据丢失": "critical",
}


@pytest.fixture(scope="module")
def taxonomy() -> TaskTaxonomy:
    rulebook = load([builtin()]).rulebook
    assert rulebook
    return rulebook.taxonomies["coding-tasks"]


@pytest.mark.parametrize("text", EDITS)
def test_a_quick_edit_has_a_positive_sign(taxonomy: TaskTaxonomy, text: str) -> None:
    assert classify(taxonomy, {"task.text": text}).type == "quick-edit"


@pytest.mark.parametrize("text", [*BUGS, *PLAIN])
def test_a_plain_bug_report_is_standard(taxonomy: TaskTaxonomy, text: str) -> None:
    assert classify(taxonomy, {"task.text": text}).type == "standard-development"


@pytest.mark.parametrize("text", CRITICAL)
def test_the_subject_makes_a_task_critical(taxonomy: TaskTaxonomy, text: str) -> None:
    seen = classify(taxonomy, {"task.text": text})
    assert (seen.type, seen.band) == ("critical", "complex")
    assert seen.complexity >= 9


def test_size_makes_a_task_harder_but_not_critical(taxonomy: TaskTaxonomy) -> None:
    text = "Add a filter to the list"
    small, large = (
        classify(taxonomy, {"task.text": text, "task.files": n, "task.tokens": 1000 * n})
        for n in (1, 500)
    )
    assert (small.type, large.type) == ("standard-development", "complex-architecture")
    assert large.features["files"] > small.features["files"] > 0
    assert large.complexity < 9


@pytest.mark.parametrize("text", sorted(LOOK_ALIKES))
def test_what_only_looks_like_another_type(taxonomy: TaskTaxonomy, text: str) -> None:
    assert classify(taxonomy, {"task.text": text}).type == LOOK_ALIKES[text]


def test_the_reasons_are_told_and_are_plain(taxonomy: TaskTaxonomy) -> None:
    seen = classify(taxonomy, {"task.text": "Customers are charged twice for one order"})
    assert (seen.type, seen.like) == ("critical", "critical")
    assert next(iter(seen.because)) == "charge"
    assert any(reason.startswith('"') for reason in seen.because)
    assert len(seen.because) <= REASONS
    assert json.loads(json.dumps(asdict(seen)))["because"] == seen.because


def test_a_row_outweighs_the_examples(taxonomy: TaskTaxonomy) -> None:
    text = {"task.text": "Fix the typo in README"}
    assert classify(taxonomy, text).confidence > 0.9
    rows = (Row(ALWAYS, "critical"), *taxonomy.types.rows)
    seen = classify(replace(taxonomy, types=Table(rows)), text)
    assert (seen.type, seen.like, seen.confidence) == ("critical", "quick-edit", EVEN)


def test_without_examples_the_words_decide(taxonomy: TaskTaxonomy) -> None:
    bare = replace(taxonomy, examples=())
    for text, expected in (
        ("Fix the SQL injection in login", "critical"),
        ("Fix the typo in README", "quick-edit"),
        ("Design a plugin system", "complex-architecture"),
        ("Add a filter to the list", "standard-development"),
    ):
        seen = classify(bare, {"task.text": text})
        assert (seen.type, seen.like) == (expected, None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"task.kind": "extraction", "task.tokens": 2000}, True),
        ({"task.kind": "extraction", "task.tokens": 9000}, False),
        ({"task.kind": "extraction", "task.tokens": 2000, "task.steps": 3}, False),
        ({"task.kind": "classification", "task.labels": ["a", "b"]}, True),
        ({"task.kind": "classification"}, False),
        ({}, False),
    ],
)
def test_small_models(taxonomy: TaskTaxonomy, facts: Any, expected: bool) -> None:
    assert classify(taxonomy, {"task.text": "x", **facts}).small_models is expected


@given(st.floats(0, 10))
def test_confidence_rises_with_the_distance_to_another_type(score: float) -> None:
    seen = at(score)
    assert seen.type == ("hard" if score >= 5 else "easy")
    assert seen.confidence == pytest.approx(0.5 + 0.5 * min(1, abs(score - 5) / 2), abs=0.026)


def test_where_there_is_one_type_it_is_sure() -> None:
    assert at(3, [{"name": "only"}]).confidence == 1


def at(score: float, types: Any = None) -> Classified:
    """A task whose score is the number of its tokens."""
    from rungbook.rulebook.taxonomy import build

    types = types or [{"name": "hard", "when": {"complexity": {"gte": 5}}}, {"name": "easy"}]
    terms = {"tokens": {"per": "task.tokens", "each": 1}}
    body = {"complexity": {"range": [0, 10], "terms": terms}, "types": types}
    return classify(build("t", body)[0], {"task.text": "x", "task.tokens": score})
