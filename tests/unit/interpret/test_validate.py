"""Verdicts: what an observation proves beside the untouched tree's."""

from typing import Any

import pytest

from rungbook.interpret.validate import given, judge
from rungbook.rulebook import validator as v
from rungbook.rulebook.observation import Observation, Report
from rungbook.rulebook.validator import Command, Metric, Parse, Validator

TESTS = Validator("tests", v.Tests(), errors=(3, 4))
SLOWER = Metric(r"mean=(?P<value>[\d.]+)", (("lte", 1.1),), of_baseline=True)
FASTER = Metric(r"mean=(?P<value>[\d.]+)", (("lt", 0.9),), of_baseline=True)


def ended(status: int | None, because: str = "") -> Observation:
    return Observation(status, because)


def reported(status: int, **counts: int) -> Observation:
    return Observation(status, reports=True, report=Report(**counts) if counts else None)


def command(**options: Any) -> Validator:
    return Validator("command", Command(("x",), **options))


@pytest.mark.parametrize(
    ("after", "before", "verdict"),
    [
        (ended(0), None, "pass"),
        (ended(0), ended(1), "pass"),
        (ended(0), ended(0), "unproved"),
        (ended(0), ended(None, "time"), "pass"),
        (ended(1), None, "fail"),
        (ended(1), ended(1), "fail"),
        (ended(2), ended(2), "fail"),
        (ended(5), ended(5), "fail"),
        (ended(4), None, "fail"),
        (ended(4), ended(4), "error"),
        (ended(4), ended(3), "fail"),
        (ended(4), ended(1), "fail"),
        (ended(None, "time"), None, "fail"),
        (ended(None, "time"), ended(1), "fail"),
        (ended(None, "time"), ended(None, "time"), "error"),
        (ended(None, "output"), ended(1), "fail"),
        (ended(None, "output"), ended(None, "output"), "error"),
    ],
)
def test_exit_statuses(after: Observation, before: Observation | None, verdict: str) -> None:
    assert judge(TESTS, after, before).verdict == verdict


@pytest.mark.parametrize(
    ("after", "before", "verdict", "reason"),
    [
        (reported(0, ran=5, passed=5), reported(1, ran=5, passed=4, failed=1), "pass", "5 tests"),
        (reported(0, ran=6, passed=6), reported(2, ran=1, passed=0, errors=1), "pass", "6 tests"),
        (reported(0, ran=3, passed=3), reported(1, ran=5, passed=4, failed=1), "fail", "3 tests"),
        (reported(0, ran=5, passed=5), reported(0, ran=5, passed=5), "unproved", "before"),
        (reported(0), reported(1, ran=5, passed=4, failed=1), "fail", "without the report"),
        (reported(0), reported(0), "error", "as before"),
        (reported(0, ran=5, passed=4, failed=1), None, "fail", "1 failed"),
        (reported(0, ran=0, passed=0), None, "fail", "no test passed"),
        (reported(0, ran=0, passed=0, skipped=7), None, "fail", "7 skipped"),
        (reported(1, ran=5, passed=3, failed=1, errors=1), None, "fail", "1 failed, 1 broke of 5"),
    ],
)
def test_reports(after: Observation, before: Observation | None, verdict: str, reason: str) -> None:
    judged = judge(TESTS, after, before)
    assert judged.verdict == verdict
    assert reason in judged.reason


def test_fewer_tests_than_before_are_a_failure_even_if_all_pass() -> None:
    before = reported(1, ran=5, passed=4, failed=1)
    judged = judge(TESTS, reported(0, ran=3, passed=3, skipped=2), before)
    assert judged.reason == "3 tests ran, 5 before the change"
    assert judged.baseline == "fail"


def test_a_missing_program_is_an_error_or_does_not_count() -> None:
    gone = Observation(missing="mypy")
    assert judge(TESTS, gone, gone).verdict == "error"
    skip = Validator("types", Command(("mypy",)), if_missing="skip")
    assert judge(skip, gone, gone).verdict == "not-applicable"


def test_a_limit_is_no_excuse_where_the_program_was_missing_before() -> None:
    assert judge(TESTS, ended(None, "time"), Observation(missing="x")).verdict == "fail"


def test_code_from_elsewhere_proves_nothing() -> None:
    seen = Observation(0, elsewhere=("a.py was loaded from /x/a.py",))
    judged = judge(TESTS, seen, ended(1))
    assert judged.verdict == "error"
    assert "/x/a.py" in judged.reason


def test_nothing_to_look_at() -> None:
    syntax = Validator("syntax", Parse())
    nothing = Observation(applies=False)
    assert judge(syntax, nothing, nothing).verdict == "not-applicable"
    assert judge(syntax, ended(0), nothing).verdict == "unproved"
    assert judge(syntax, ended(1), nothing).verdict == "fail"


def test_a_command_may_expect_another_status() -> None:
    assert judge(command(exit=3), ended(3), ended(0)).verdict == "pass"
    assert judge(command(exit=3), ended(0), None).verdict == "fail"


@pytest.mark.parametrize(
    ("metric", "after", "before", "verdict"),
    [
        (FASTER, 80.0, 100.0, "pass"),
        (FASTER, 95.0, 100.0, "fail"),
        (SLOWER, 105.0, 100.0, "unproved"),
        (SLOWER, 120.0, 100.0, "fail"),
        (SLOWER, 1.0, 0.0, "fail"),
        (SLOWER, 0.0, 0.0, "unproved"),
        (SLOWER, None, 100.0, "fail"),
        (SLOWER, None, None, "error"),
        (SLOWER, 1.0, None, "error"),
    ],
)
def test_metrics(metric: Metric, after: float | None, before: float | None, verdict: str) -> None:
    seen, base = Observation(0, value=after), Observation(0, value=before)
    assert judge(command(metric=metric), seen, base).verdict == verdict


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"exit": 0}, "pass"),
        ({"exit": 1}, "fail"),
        ({"exit": 4, "baseline": 4}, "error"),
        ({"exit": 4, "baseline": 1}, "fail"),
        ({"exit": 0, "baseline": 0}, "unproved"),
        ({"missing": True}, "error"),
    ],
)
def test_inline_tests_tell_of_statuses(told: dict[str, Any], verdict: str) -> None:
    assert judge(TESTS, *given(TESTS, told)).verdict == verdict


def test_inline_tests_tell_of_output() -> None:
    faster = command(metric=FASTER)
    told = {"output": "mean=8.0", "baseline_output": "mean=10"}
    assert judge(faster, *given(faster, told)).verdict == "pass"
