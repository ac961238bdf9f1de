"""What `why` says of a run: who decided, on which facts, by which part of the rulebook."""

import pytest

from rungbook.interpret.climb.plan import Lane, Part, Plan, Step
from rungbook.interpret.climb.why import Line, explain
from rungbook.interpret.climb.words import Answered, Attempted, Checked, Stopped

LADDER = Part("EscalationMatrix/coding/standard", "a1")
TAXONOMY = Part("TaskTaxonomy/coding-tasks", "b2")
QWEN = Part("Model/qwen", "c3")
TESTS = Part("Validator/tests", "d4")
PLAN = Plan(
    "coding/standard",
    (
        Step("local", (Lane("qwen"), Lane("coder", variant="terse")), attempts=2),
        Step("haiku", (Lane("haiku", 0.02, "flash", 0.01),)),
        Step("opus", (), barred="does-not-pay"),
    ),
    (("tests",), ("semantic",)),
    judges=("semantic",),
    attempts=4,
    seconds=60.0,
    usd=0.05,
    parts=(LADDER, TAXONOMY, QWEN, TESTS),
    notes=("opus: does not pay",),
)
FAILED = (
    Attempted(1, 1.0, "ok"),
    Attempted(2, 2.0, "unreachable"),
    Checked(3, 3.0, "fail"),
    Attempted(4, 4.0, "unusable"),
)


def lines(*events, what):
    return [line for line in explain(PLAN, events) if line.what == what]


def test_it_begins_with_the_plan_its_parts_and_what_was_passed_over():
    plan, *rest = explain(PLAN, ())
    assert (plan.what, plan.subject, plan.part) == ("plan", "coding/standard", LADDER)
    assert dict(plan.facts) == {
        "rungs": "local, haiku, opus",
        "verify": "tests, semantic",
        "attempts": 4,
        "seconds": 60.0,
        "usd": 0.05,
    }
    assert [(line.what, line.said) for line in rest[:3]] == [
        ("part", "had a say"),
        ("part", "had a say"),
        ("note", "opus: does not pay"),
    ]
    assert [line.part for line in rest[:2]] == [TAXONOMY, TESTS]


def test_each_answer_is_a_line_with_its_facts_and_the_part_that_decided():
    told = explain(PLAN, FAILED)
    happened = told[3:]
    assert happened[0] == Line(
        "attempt", 2, "qwen", "ok", 1.0, (("attempt", 1), ("rung", "local"), ("round", 1)), QWEN
    )
    assert ("variant", "terse") in happened[1].facts
    assert happened[2] == Line("check", 3, "tests", "fail", 3.0, (("attempt", 1),), TESTS)
    assert ("told", "tests of 1") in happened[3].facts
    assert happened[4] == Line("leave", 1, "local", "failed", 4.0, (), LADDER)


def test_money_a_person_and_a_judge_are_named():
    events = (
        *FAILED,
        Answered(5, 4.0, True),
        Attempted(6, 5.0, "ok", 0.015),
        Checked(7, 6.0, "pass"),
    )
    (ask,) = lines(*events, what="ask")
    assert (ask.subject, ask.said) == ("haiku", "yes")
    assert dict(ask.facts) == {"about": "spend", "usd_most": pytest.approx(0.03), "above": 0.0}
    worker = dict(lines(*events, what="attempt")[-1].facts)
    assert (worker["usd"], worker["usd_most"]) == (0.015, 0.02)
    judge = lines(*events, what="check")[-1]
    assert (judge.said, judge.at, dict(judge.facts)["by"]) == ("open", None, "flash")
    told = explain(PLAN, (*events, Checked(8, 7.0, "pass", 0.002)), {7: 0.5, 8: 0.9})
    tests, judge = [line for line in told if line.what == "check"][-2:]
    assert "sure" not in dict(tests.facts)
    assert (judge.said, dict(judge.facts)["sure"]) == ("pass", 0.9)


def test_a_budget_says_what_was_used_and_what_was_next():
    events = (Attempted(1, 61.0, "lost"), Attempted(2, 61.0, "unreachable"))
    assert dict(lines(*events, what="leave")[0].facts) == {"used": 61.0, "limit": 60.0}
    dear = (*FAILED[:-1], Attempted(4, 5.0, "ok", 0.04), Checked(5, 5.0, "fail"))
    assert dict(lines(*dear, what="leave")[1].facts) == {
        "used": 0.04,
        "next": pytest.approx(0.03),
        "limit": 0.05,
    }


def test_the_lanes_that_were_left_count_for_the_next_round():
    plan = Plan("l", (Step("x", (Lane("a"), Lane("b")), 3),), (("t",),), attempts=1)
    plan = Plan("l", plan.steps, plan.verify, attempts=2)
    events = [Attempted(1, 1.0, "lost"), Attempted(2, 1.0, "overflow"), Attempted(3, 1.0, "lost")]
    (left,) = [line for line in explain(plan, events) if line.what == "leave"]
    assert dict(left.facts) == {"used": 2, "next": 1, "limit": 2}


def test_the_end_says_what_it_took():
    events = (Attempted(1, 1.0, "ok"), Attempted(2, 2.0, "lost"), Checked(3, 3.0, "pass"))
    stopped = (*events, Stopped(3.5), Checked(4, 4.0, "cancelled"))
    assert lines(*stopped, what="stop") == [Line("stop", 1, "run", "stopped", 3.5)]
    (end,) = lines(*stopped, what="end")
    assert (end.said, end.at, end.depth) == ("skip", 4.0, 0)
    assert dict(end.facts) == {"because": "stopped", "attempts": 2, "usd": 0.0}
    (end,) = lines(*events, Checked(4, 4.0, "pass"), what="end")
    assert dict(end.facts) | {"attempt": 1, "proved": "yes", "because": "passed"} == dict(end.facts)


def test_events_of_another_run_are_refused():
    with pytest.raises(ValueError, match="answers no open decision"):
        explain(PLAN, [Answered(1, 1.0, True)])
