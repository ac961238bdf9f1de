"""Ladder scripts: tests/cases/climb/scripts.yaml, and that no script can bring a traceback."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rungbook.interpret.climb.plan import Lane, Plan, Step
from rungbook.interpret.climb.transcript import OPEN, Played, play

CASES = Path(__file__).parents[3] / "cases/climb/scripts.yaml"
PLAN = Plan(
    "coding/quick",
    (
        Step("fix", (Lane("ruff-fix"),)),
        Step("local", (Lane("qwen"), Lane("coder")), attempts=2),
        Step("haiku", (Lane("haiku", 0.02),)),
    ),
    (("syntax",), ("tests", "types"), ("person",)),
)


@pytest.mark.parametrize("case", YAML(typ="safe").load(CASES), ids=lambda case: case["name"])
def test_script(case):
    problems = tuple((line, told) for line, told in case.get("problems", ()))
    assert play(PLAN, case["script"]) == Played(case["ended"], problems)


def test_a_ladder_without_rungs_or_checks_is_told_plainly():
    empty = Plan("coding/none", (), ())
    assert play(empty, "=> skip") == Played("skip", ())
    told = "ladder coding/none has no rung `fix`; it has none at all"
    assert play(empty, "fix pass => skip") == Played(OPEN, ((1, told),))


words = st.sampled_from(["fix", "local", "qwen", "pass", "tests", "#", "?"]) | st.text(max_size=3)
lines = st.one_of(
    st.sampled_from(["fix fail", "fix lost", "fix pass", "haiku? yes", "haiku? no", "haiku fail"]),
    st.sampled_from(["local qwen fail tests", "local coder unreachable", "local coder unproved"]),
    st.lists(words, max_size=4).map(" ".join),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=7))
def test_any_script_is_played_or_told_what_is_wrong(lines):
    played = play(PLAN, "\n".join([*lines, "=> skip"]))
    assert played.problems or played.ended == "skip"
    assert all(line >= 1 and told for line, told in played.problems)
    assert played.ended != OPEN or played.problems
