"""What a check's observation proves, beside what the same check saw in the untouched tree."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rungbook.rulebook.observation import Judgement, Observation, Report, Verdict, number
from rungbook.rulebook.validator import (
    Check,
    Command,
    Comparison,
    Judge,
    Metric,
    Parse,
    Regex,
    Schema,
    Validator,
)

_STOPPED = {
    "time": "it hit its time limit",
    "output": "it hit its output limit",
    "killed": "it was killed",
    "arguments": "its arguments are too long",
}
_HOLDS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and why; `baseline` is that of the untouched tree, None where it was not looked at.

    A reason is one clause about the check, without its name.
    """

    verdict: Verdict
    reason: str
    baseline: Verdict | None = None


def judge(validator: Validator, after: Observation, before: Observation | None) -> Judged:
    """Judge the change: a pass proves nothing where the untouched tree did not fail."""
    verdict, reason = _verdict(validator, after, before)
    if before is None:
        return Judged(verdict, reason)
    baseline, _ = _verdict(validator, before, before)
    if verdict == "pass" and baseline == "pass":
        return Judged("unproved", "it had passed before the change too", baseline)
    if verdict == "pass" and baseline == "not-applicable":
        return Judged("unproved", "there was nothing to check before the change", baseline)
    return Judged(verdict, reason, baseline)


def given(validator: Validator, told: Mapping[str, Any]) -> tuple[Observation, Observation | None]:
    """The observations that an inline test tells of: of the change, and of the untouched tree."""
    if "judge" in told:
        return Observation(judgement=Judgement(**told["judge"])), None
    name = "the program" if told.get("missing") else ""
    after = Observation(told.get("exit", 0), missing=name, value=_told(validator, told, "output"))
    if not {"baseline", "baseline_output"} & told.keys():
        return after, None
    value = _told(validator, told, "baseline_output")
    return after, Observation(told.get("baseline", 0), missing=name, value=value)


def _told(validator: Validator, told: Mapping[str, Any], key: str) -> float | None:
    metric = _metric(validator)
    return number(metric, told.get(key, "")) if metric else None


def _verdict(v: Validator, after: Observation, before: Observation | None) -> tuple[Verdict, str]:
    """The first of these that speaks: could it run, how did it end, what did it count."""
    return (
        _absent(v, after)
        or _judgement(v, after)
        or _stopped(after, before)
        or _status(v, after, before)
        or _counts(after, before)
        or _measured(v, after, before)
        or ("pass", _passed(v, after))
    )


def _absent(v: Validator, seen: Observation) -> tuple[Verdict, str] | None:
    """Whether it could look at all, and at the right code."""
    if seen.broke:
        return "error", seen.broke
    if not seen.applies:
        return "not-applicable", "there was nothing to look at"
    if seen.missing:
        skip = v.if_missing == "skip"
        return "not-applicable" if skip else "error", f"{seen.missing} is missing"
    if seen.elsewhere:
        return "error", "it ran other code than the change: " + "; ".join(seen.elsewhere)
    return None


def _judgement(v: Validator, seen: Observation) -> tuple[Verdict, str] | None:
    """What a judge says, where one was asked; what it is not sure enough of is a fail."""
    if not isinstance(v.check, Judge):
        return None
    said = seen.judgement
    if said is None:
        return "error", "nobody judged"
    sure = f"{said.confidence:g} sure"
    if not said.meets:
        return "fail", f"it does not do what the task asks ({sure})"
    if not _holds(said.confidence, v.check.confidence):
        return (
            "fail",
            f"it does what the task asks, but only {sure}, not {_bounds(v.check.confidence)}",
        )
    return "pass", f"it does what the task asks ({sure})"


def _stopped(after: Observation, before: Observation | None) -> tuple[Verdict, str] | None:
    """A limit is the change's fault, unless the untouched tree hits one as well."""
    if after.status is not None:
        return None
    said = _STOPPED.get(after.because, "it never ended")
    if before and before.status is None and not before.missing:
        return "error", f"{said}, as before the change"
    return "fail", said


def _status(
    v: Validator, after: Observation, before: Observation | None
) -> tuple[Verdict, str] | None:
    """The exit status, and whether it may be the check's own fault."""
    expected = v.check.exit if isinstance(v.check, Command) else 0
    if after.status == expected:
        return None
    if after.status in v.errors and before and before.status == after.status:
        return "error", f"exit status {after.status}, as before the change"
    said = _said_of_files(v.check)[1] if after.status == 1 else ""
    return "fail", _failures(after.report) or said or f"exit status {after.status}"


def _counts(after: Observation, before: Observation | None) -> tuple[Verdict, str] | None:
    """Whether the report that was asked for is there, and says what the exit status says."""
    if not after.reports:
        return None
    if after.report is None:
        if before and before.status == after.status and before.report is None:
            return "error", "it leaves no report, as before the change"
        return "fail", f"exit status {after.status} without the report it was asked for"
    if failures := _failures(after.report):
        return "fail", f"exit status {after.status}, but {failures}"
    if not after.report.passed:
        return "fail", f"no test passed ({after.report.skipped} skipped)"
    if before and before.report and after.report.ran < before.report.ran:
        return "fail", f"{_tests(after.report.ran)} ran, {before.report.ran} before the change"
    return None


def _measured(
    v: Validator, after: Observation, before: Observation | None
) -> tuple[Verdict, str] | None:
    """Whether the metric, where there is one, is not as it must be."""
    metric = _metric(v)
    if metric is None:
        return None
    if after.value is None:
        if before and before.status == after.status and before.value is None:
            return "error", "its output holds no number, as before the change"
        return "fail", "its output holds no number"
    if not metric.of_baseline:
        measured, unit = after.value, ""
    elif before is None or before.value is None:
        return "error", "there is no number of the untouched tree to compare with"
    else:
        measured, unit = _ratio(after.value, before.value), " times the untouched tree's"
    if _holds(measured, metric.value):
        return None
    return "fail", f"{measured:g}{unit}, not {_bounds(metric.value)}"


def _holds(value: float, wanted: Comparison) -> bool:
    return all(_HOLDS[op](value, bound) for op, bound in wanted)


def _bounds(wanted: Comparison) -> str:
    return ", ".join(f"{op} {bound:g}" for op, bound in wanted)


def _metric(v: Validator) -> Metric | None:
    return v.check.metric if isinstance(v.check, Command) else None


def _ratio(value: float, base: float) -> float:
    if value == base:
        return 1.0
    return value / base if base else float("inf") if value > 0 else float("-inf")


def _passed(v: Validator, seen: Observation) -> str:
    if seen.report:
        return f"{_tests(seen.report.passed)} passed"
    return _said_of_files(v.check)[0] or f"exit status {seen.status}"


def _said_of_files(check: Check) -> tuple[str, str]:
    """What passed and what failed, of a check that looks into files; empty for one that runs."""
    if isinstance(check, Parse):
        return "the files parse", "a file does not parse"
    if isinstance(check, Schema):
        return "the files are valid", "a file is not valid"
    if isinstance(check, Regex) and check.finds:
        return "the regex is found in each file", "the regex is not found in each file"
    if isinstance(check, Regex):
        return "the regex is found in no file", "the regex is found in a file"
    return "", ""


def _failures(report: Report | None) -> str:
    if report is None or not report.failed + report.errors:
        return ""
    parts = ((report.failed, "failed"), (report.errors, "broke"))
    said = ", ".join(f"{n} {word}" for n, word in parts if n)
    return f"{said} of {_tests(max(report.ran, report.failed + report.errors))}"


def _tests(n: int) -> str:
    return f"{n} test" if n == 1 else f"{n} tests"
