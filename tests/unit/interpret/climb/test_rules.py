"""One rule of the ladder a test: what the climb says to a given sequence of events."""

from dataclasses import replace

import pytest

from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Lane, Plan, Step
from rungbook.interpret.climb.words import (
    Answered,
    Ask,
    Attempt,
    Attempted,
    Cancel,
    Check,
    Checked,
    End,
    Leave,
    Stopped,
)
from rungbook.interpret.replay import open_decisions, replay

FREE = Lane("a")
PAID = Lane("p", 0.1, "j", 0.2)
ONE = Plan("l", (Step("x", (FREE,)),), (("t",),))
TWO = Plan("l", (Step("x", (FREE,)), Step("y", (Lane("b"),))), (("t",),))
RACE = Plan("l", (Step("x", (FREE, Lane("b"))), Step("y", (Lane("c"),))), (("t",),))
GROUP = replace(TWO, verify=(("t", "u"),))
OK = Attempted(1, 1.0, "ok")


def said(plan, *events):
    """What is said to each event in turn; the first entry is what the climb opens with."""
    return [list(decisions) for _, decisions in replay(climb(plan), events)]


def last(plan, *events):
    return said(plan, *events)[-1]


def test_an_attempt_that_is_proved_ends_the_run():
    assert last(ONE, OK, Checked(2, 2.0, "pass")) == [End("pass", "passed", 1, True)]


def test_no_rungs_are_exhausted_at_once():
    assert said(Plan("l", (), (("t",),), exhausted="review")) == [[End("review", "no-rungs")]]


def test_a_barred_rung_is_not_entered():
    plan = replace(TWO, steps=(Step("x", (), barred="does-not-pay"), TWO.steps[1]))
    left, entered = said(plan)[0]
    assert left == Leave("x", "does-not-pay")
    assert (entered.rung, entered.id) == ("y", 1)


def test_a_rung_without_lanes_is_left():
    assert said(replace(ONE, steps=(Step("x", ()),)))[0][0] == Leave("x", "no-lanes")


def test_an_attempt_names_lane_variant_and_limits():
    lane = Lane("a", 0.3, variant="v")
    plan = replace(ONE, steps=(Step("x", (lane,)),), seconds=9.0, confirm_above_usd=None)
    assert said(plan) == [[Attempt(1, "x", 1, "a", "v", (), 0.3, 9.0)]]


def test_an_attempt_may_work_as_long_as_is_left():
    plan = replace(ONE, steps=(Step("x", (FREE,), 2),), seconds=9.0)
    (again,) = last(plan, Attempted(1, 4.0, "lost"))
    assert again.seconds_most == 5.0


@pytest.mark.parametrize("exhausted", ["skip", "review"])
def test_exhausted_ends_by_why_the_last_rung_was_left(exhausted):
    plan = replace(TWO, exhausted=exhausted)
    events = [OK, Checked(2, 2.0, "fail"), Attempted(3, 3.0, "unreachable")]
    assert last(plan, *events) == [Leave("y", "unreachable"), End(exhausted, "unreachable")]


def test_groups_follow_each_other_and_checks_of_a_group_run_at_once():
    plan = replace(ONE, verify=(("s",), ("t", "u")))
    first, second, more, end = said(
        plan, OK, Checked(2, 2.0, "pass"), Checked(4, 3.0, "pass"), Checked(3, 3.0, "pass")
    )[1:]
    assert first == [Check(2, 1, "s", None, 0.0)]
    assert second == [Check(3, 1, "t", None, 0.0), Check(4, 1, "u", None, 0.0)]
    assert more == []
    assert end == [End("pass", "passed", 1, True)]


def test_a_failed_check_cancels_the_rest_of_its_group_once():
    plan = replace(TWO, verify=(("t", "u", "v"), ("w",)))
    failed, again, closed = said(
        plan, OK, Checked(3, 2.0, "fail"), Checked(2, 2.0, "fail"), Checked(4, 2.0, "cancelled")
    )[2:]
    assert failed == [Cancel(2), Cancel(4)]
    assert again == []
    assert closed[0] == Leave("x", "failed")


def test_a_retry_is_told_what_failed_in_the_round_before_only():
    plan = replace(ONE, steps=(Step("x", (FREE,), 3),), verify=(("t", "u"),))
    events = [OK, Checked(3, 2.0, "fail"), Checked(2, 2.0, "fail"), Attempted(4, 3.0, "unusable")]
    opened = [d for step in said(plan, *events) for d in step if isinstance(d, Attempt)]
    assert [(a.round, a.feedback) for a in opened] == [
        (1, ()),
        (2, ((1, "t"), (1, "u"))),
        (3, ((4, "answer"),)),
    ]


def test_a_new_rung_starts_without_feedback():
    entered = last(TWO, OK, Checked(2, 2.0, "fail"))[1]
    assert (entered.rung, entered.round, entered.feedback) == ("y", 1, ())


def test_lanes_of_a_race_tell_each_other_what_failed():
    plan = replace(RACE, steps=(replace(RACE.steps[0], attempts=2),))
    events = [OK, Attempted(2, 1.0, "unusable"), Checked(3, 2.0, "fail")]
    feedback = ((1, "t"), (2, "answer"))
    assert [a.feedback for a in last(plan, *events)] == [feedback, feedback]


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
def test_a_broken_check_goes_to_a_person_and_to_no_other_rung(order):
    verdicts = {2: "error", 3: "pass"}
    events = [OK, *(Checked(i, 2.0, verdicts[i]) for i in order)]
    assert last(GROUP, *events) == [End("review", "check-broken", 1)]


def test_a_broken_check_waits_for_its_group_and_begins_no_other():
    plan = replace(TWO, verify=(("t", "u"), ("v",)))
    assert last(plan, OK, Checked(2, 2.0, "error")) == []
    events = [OK, Checked(2, 2.0, "error"), Checked(3, 2.0, "pass")]
    assert last(plan, *events) == [End("review", "check-broken", 1)]


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
def test_a_failure_outweighs_a_broken_check(order):
    verdicts = {2: "error", 3: "fail"}
    events = [OK, *(Checked(i, 2.0, verdicts[i]) for i in order)]
    assert last(GROUP, *events)[0] == Leave("x", "failed")


@pytest.mark.parametrize(
    ("verdicts", "end"),
    [
        (("pass", "unproved"), End("pass", "passed", 1, True)),
        (("not-applicable", "pass"), End("pass", "passed", 1, True)),
        (("unproved", "not-applicable"), End("pass", "unproved", 1, False)),
        (("not-applicable", "not-applicable"), End("pass", "unproved", 1, False)),
    ],
)
def test_one_passed_check_proves_and_nothing_at_all_is_unproved(verdicts, end):
    events = [OK, Checked(2, 2.0, verdicts[0]), Checked(3, 2.0, verdicts[1])]
    assert last(GROUP, *events) == [end]


def test_a_ladder_without_checks_proves_nothing():
    assert last(replace(ONE, verify=()), OK) == [End("pass", "unproved", 1, False)]
    assert last(replace(ONE, verify=((),)), OK) == [End("pass", "unproved", 1, False)]
    assert last(replace(ONE, verify=((), ("t",))), OK) == [Check(2, 1, "t", None, 0.0)]


def test_unproved_can_be_reviewed_or_lead_to_the_next_rung():
    events = [OK, Checked(2, 2.0, "unproved")]
    review = replace(TWO, unproved="review")
    assert last(review, *events) == [End("review", "unproved", 1)]
    twice = replace(TWO.steps[0], attempts=2)
    climbing = replace(TWO, unproved="next-rung", steps=(twice, TWO.steps[1]))
    assert last(climbing, *events)[0] == Leave("x", "unproved")
    proved = [OK, Checked(2, 2.0, "pass")]
    assert last(review, *proved) == last(climbing, *proved) == [End("pass", "passed", 1, True)]


def test_the_first_lane_through_all_groups_wins_and_the_others_are_cancelled():
    events = [OK, Checked(3, 2.0, "pass")]
    assert last(RACE, *events) == [Cancel(2)]
    assert last(RACE, *events, Attempted(2, 3.0, "ok")) == [End("pass", "passed", 1, True)]


def test_a_lane_may_win_where_another_is_broken_or_unproved():
    plan = replace(RACE, unproved="review")
    for verdict in ("error", "unproved"):
        events = [OK, Checked(3, 2.0, verdict), Attempted(2, 2.0, "ok"), Checked(4, 3.0, "pass")]
        assert said(plan, *events)[2] == []
        assert last(plan, *events) == [End("pass", "passed", 2, True)]


def test_a_broken_lane_and_no_winner_is_a_broken_check():
    events = [OK, Checked(3, 2.0, "error"), Attempted(2, 2.0, "ok"), Checked(4, 3.0, "fail")]
    assert last(RACE, *events) == [End("review", "check-broken", 1)]


@pytest.mark.parametrize("result", ["unreachable", "overflow", "budget"])
def test_who_never_got_to_work_used_no_attempt_and_the_rung_is_left(result):
    plan = replace(TWO, steps=(Step("x", (FREE,), 3), TWO.steps[1]), attempts=1)
    left, entered = last(plan, Attempted(1, 1.0, result))
    assert left == Leave("x", result)
    assert entered.rung == "y"


def test_the_first_lane_says_why_nobody_got_to_work():
    for events in (
        [Attempted(1, 1.0, "unreachable"), Attempted(2, 1.0, "overflow")],
        [Attempted(2, 1.0, "overflow"), Attempted(1, 1.0, "unreachable")],
    ):
        assert last(RACE, *events)[0] == Leave("x", "unreachable")


def test_a_lane_that_never_got_to_work_stays_out_of_the_next_round():
    plan = replace(RACE, steps=(replace(RACE.steps[0], attempts=2),), attempts=2)
    events = [Attempted(1, 1.0, "unreachable"), Attempted(2, 1.0, "lost")]
    (again,) = last(plan, *events)
    assert (again.model, again.round) == ("b", 2)


@pytest.mark.parametrize("result", ["unusable", "lost"])
def test_unusable_and_lost_count_as_attempts(result):
    plan = replace(TWO, attempts=1)
    left = [Leave("x", "failed"), Leave("y", "attempts")]
    assert last(plan, Attempted(1, 1.0, result)) == [*left, End("skip", "attempts")]


def test_a_race_needs_an_attempt_for_each_lane():
    left, entered = said(replace(RACE, attempts=1))[0]
    assert left == Leave("x", "attempts")
    assert entered.rung == "y"


@pytest.mark.parametrize(
    "limits", [{"seconds": 1.5}, {"usd": 0.39}, {"attempts": 1}], ids=lambda x: next(iter(x))
)
def test_budgets_are_checked_again_before_every_round(limits):
    plan = Plan("l", (Step("x", (Lane("p", 0.2),), 3),), (("t",),), confirm_above_usd=None)
    events = [Attempted(1, 1.0, "ok", 0.2), Checked(2, 1.5, "fail")]
    (why,) = limits
    assert last(replace(plan, **limits), *events) == [Leave("x", why), End("skip", why)]


def test_budgets_are_checked_again_after_asking():
    plan = replace(ONE, steps=(Step("x", (PAID,)),), seconds=5.0)
    assert last(plan, Answered(1, 5.0, True))[0] == Leave("x", "seconds")


def test_nobody_is_asked_for_what_no_budget_affords():
    plan = replace(ONE, steps=(Step("x", (PAID,)),), usd=0.05)
    assert said(plan)[0] == [Leave("x", "usd"), End("skip", "usd")]


def test_a_budget_is_not_missed_by_a_rounding_error():
    steps = (Step("x", (Lane("a", 0.1),)), Step("y", (Lane("b", 0.2),)))
    plan = replace(ONE, steps=steps, usd=0.3, confirm_above_usd=0.2)
    events = [Attempted(1, 1.0, "ok", 0.1), Checked(2, 1.0, "fail")]
    assert 0.1 + 0.2 > 0.3
    assert last(plan, *events)[1].rung == "y"


def test_money_of_a_judge_counts():
    steps = (Step("x", (PAID,), 2),)
    plan = replace(ONE, steps=steps, judges=("t",), confirm_above_usd=None)
    events = [Attempted(1, 1.0, "ok", 0.1), Checked(2, 1.0, "fail", 0.2)]
    assert said(plan, *events)[1] == [Check(2, 1, "t", "j", 0.2)]
    assert last(replace(plan, usd=0.59), *events)[0] == Leave("x", "usd")
    assert isinstance(last(replace(plan, usd=0.6), *events)[0], Attempt)


def test_a_lost_attempt_counts_at_its_bound():
    steps = (Step("x", (Lane("p", 0.2),), 3),)
    plan = replace(ONE, steps=steps, usd=0.3, confirm_above_usd=None)
    assert last(plan, Attempted(1, 1.0, "lost", 0.0))[0] == Leave("x", "usd")


def test_a_dear_rung_is_asked_for_once_with_judges_and_all_attempts():
    plan = replace(ONE, steps=(Step("x", (PAID,), 2),), verify=(("t",), ("u",)), judges=("u",))
    asked, attempt, *_, retry = said(
        plan, Answered(1, 0.0, True), Attempted(2, 1.0, "ok", 0.1), Checked(3, 2.0, "fail")
    )
    assert asked == [Ask(1, "spend", "x", pytest.approx(0.6))]
    assert attempt == [Attempt(2, "x", 1, "p", None, (), 0.1, None)]
    assert retry == [Attempt(4, "x", 2, "p", None, ((2, "t"),), 0.1, None)]


@pytest.mark.parametrize(("above", "asks"), [(None, False), (0.2, False), (0.19, True)])
def test_a_rung_is_asked_for_only_above_the_limit(above, asks):
    plan = replace(ONE, steps=(Step("x", (Lane("p", 0.1),), 2),), confirm_above_usd=above)
    assert isinstance(said(plan)[0][0], Ask) is asks


def test_no_means_no():
    plan = replace(TWO, steps=(Step("x", (PAID,)), TWO.steps[1]))
    left, entered = last(plan, Answered(1, 0.0, False))
    assert left == Leave("x", "declined")
    assert entered.rung == "y"


def test_a_stop_cancels_what_runs_and_waits_for_it():
    events = [Stopped(1.0), Attempted(1, 1.0, "cancelled"), Stopped(1.5), Attempted(2, 2.0, "ok")]
    stopped, first, again, second = said(replace(RACE, exhausted="review"), *events)[1:]
    assert stopped == [Cancel(1), Cancel(2)]
    assert first == again == []
    assert second == [End("skip", "stopped")]


def test_a_stop_cancels_nothing_twice():
    events = [OK, Checked(2, 2.0, "fail"), Stopped(3.0)]
    assert last(GROUP, *events) == []
    assert last(GROUP, *events, Checked(3, 3.0, "cancelled")) == [End("skip", "stopped")]


def test_a_stop_withdraws_a_question():
    plan = replace(ONE, steps=(Step("x", (PAID,)),))
    events = [Stopped(1.0), Answered(1, 1.0, False)]
    assert said(plan, *events)[1:] == [[Cancel(1)], [End("skip", "stopped")]]


def test_a_stop_after_the_decision_changes_nothing():
    events = [OK, Checked(3, 2.0, "pass"), Stopped(3.0), Attempted(2, 3.0, "cancelled")]
    assert last(RACE, *events) == [End("pass", "passed", 1, True)]


@pytest.mark.parametrize(
    "wrong",
    [
        Attempted(7, 1.0, "ok"),
        Checked(1, 1.0, "pass"),
        Answered(1, 1.0, True),
        Attempted(1, 1.0, "cancelled"),
    ],
)
def test_an_event_that_answers_nothing_is_named(wrong):
    flow = climb(ONE)
    next(flow)
    with pytest.raises(ValueError, match=f"{type(wrong).__name__}.*answers no"):
        flow.send(wrong)


def test_an_answer_is_taken_once():
    with pytest.raises(ValueError, match="answers no open decision"):
        said(ONE, OK, OK)


@pytest.mark.parametrize("late", [OK, Stopped(9.0)])
def test_nothing_comes_after_the_end(late):
    with pytest.raises(ValueError, match="comes after the end"):
        said(ONE, OK, Checked(2, 2.0, "pass"), late)


def test_open_decisions_are_what_is_to_be_done_on_resuming():
    plan = replace(GROUP, verify=(("t", "u"),))
    flow = climb(plan)
    assert open_decisions(replay(flow, [OK, Checked(2, 2.0, "fail")])) == [
        Check(3, 1, "u", None, 0.0),
        Cancel(3),
    ]
    assert flow.send(Checked(3, 3.0, "cancelled"))[0] == Leave("x", "failed")
    assert open_decisions(replay(climb(ONE), [OK, Checked(2, 2.0, "pass")])) == []
