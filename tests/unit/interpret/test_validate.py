"""Verdicts: what an observation proves beside the untouched tree's."""

from typing import Any

import pytest

from rungbook.interpret.validate import Judged, given, judge
from rungbook.rulebook import validator as v
from rungbook.rulebook.observation import Judgement, Observation, Report
from rungbook.rulebook.validator import Command, Judge, Metric, Parse, Regex, Schema, Validator

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


@pytest.mark.parametrize(
    ("check", "passed", "failed"),
    [
        (Parse(), "the files parse", "a file does not parse"),
        (Regex(finds="x"), "is found in each file", "is not found in each file"),
        (Regex(lacks="x"), "is found in no file", "is found in a file"),
        (Schema(("*",), {}), "the files are valid", "a file is not valid"),
    ],
)
def test_checks_that_look_into_files_say_what_they_saw(
    check: Any, passed: str, failed: str
) -> None:
    looks = Validator("v", check)
    assert judge(looks, ended(0), ended(1)).reason.endswith(passed)
    assert judge(looks, ended(1), None).reason.endswith(failed)
    assert judge(looks, ended(139), None).reason == "exit status 139"
    assert judge(looks, Observation(broke="no disk"), ended(0)) == Judged(
        "error", "no disk", "pass"
    )


SURE = Validator("semantic", Judge("p", (("gt", 0.8), ("lte", 0.99))))


@pytest.mark.parametrize(
    ("meets", "confidence", "verdict", "reason"),
    [
        (True, 0.9, "pass", "it does what the task asks (0.9 sure)"),
        (True, 0.8, "fail", "it does what the task asks, but only 0.8 sure, not gt 0.8, lte 0.99"),
        (True, 1.0, "fail", "it does what the task asks, but only 1 sure, not gt 0.8, lte 0.99"),
        (False, 0.95, "fail", "it does not do what the task asks (0.95 sure)"),
        (False, 0.1, "fail", "it does not do what the task asks (0.1 sure)"),
    ],
)
def test_a_judge(meets: bool, confidence: float, verdict: str, reason: str) -> None:
    seen = Observation(judgement=Judgement(meets, confidence))
    assert judge(SURE, seen, None) == Judged(verdict, reason)  # type: ignore[arg-type]
    told = {"judge": {"meets": meets, "confidence": confidence}}
    assert judge(SURE, *given(SURE, told)).verdict == verdict


def test_a_judge_without_bounds_need_not_be_sure() -> None:
    seen = Observation(judgement=Judgement(True, 0.0))
    assert judge(Validator("v", Judge("p")), seen, None).verdict == "pass"


def test_a_judge_who_gave_no_judgement_is_an_error() -> None:
    assert judge(SURE, Observation(broke="refused"), None) == Judged("error", "refused")
    assert judge(SURE, *given(SURE, {"exit": 0})) == Judged("error", "nobody judged")


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
