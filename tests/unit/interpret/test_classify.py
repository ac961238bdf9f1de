"""What the built-in taxonomy makes of tasks as people write them, and how sure it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rungbook import paths
from rungbook.compiler.load import builtin, load
from rungbook.interpret.classify import Classified, classify
from rungbook.rulebook.taxonomy import TaskTaxonomy

BROKEN = json.loads((paths.data("datasets") / "broken" / "index.json").read_text("utf-8"))
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
Optimise the hot loop
""".splitlines()


@pytest.fixture(scope="module")
def taxonomy() -> TaskTaxonomy:
    rulebook = load([builtin()]).rulebook
    assert rulebook
    return rulebook.taxonomies["coding-tasks"]


@pytest.mark.parametrize("text", EDITS)
def test_a_quick_edit_has_a_positive_sign(taxonomy: TaskTaxonomy, text: str) -> None:
    assert classify(taxonomy, {"task.text": text}).type == "quick-edit"


@pytest.mark.parametrize("text", [*BUGS, *(task["task"] for task in BROKEN["tasks"])])
def test_a_plain_bug_report_is_standard(taxonomy: TaskTaxonomy, text: str) -> None:
    assert classify(taxonomy, {"task.text": text}).type == "standard-development"


@pytest.mark.parametrize("text", CRITICAL)
def test_the_subject_makes_a_task_critical(taxonomy: TaskTaxonomy, text: str) -> None:
    seen = classify(taxonomy, {"task.text": text})
    assert (seen.type, seen.band) == ("critical", "complex")
    assert seen.complexity >= 9


def test_size_makes_a_task_harder(taxonomy: TaskTaxonomy) -> None:
    seen = classify(taxonomy, {"task.text": "Design a cache", "task.files": 6, "task.tokens": 9000})
    assert seen.features == {"files": 4.0, "tokens": 2.0, "design": 3.0}
    assert (seen.complexity, seen.type) == (9.0, "critical")


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
