"""Reading what node's runner, vitest and jest say: reports that they wrote, one file a version.

`tests/fixtures/reports` holds for each of the cases below the exit status and the report, with the
project's folder replaced by `/shop` and long messages cut.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rungbook.checks import suites
from rungbook.interpret.validate import judge
from rungbook.rulebook import validator as v
from rungbook.rulebook.observation import Observation, Report

RECORDED = sorted((Path(__file__).parents[2] / "fixtures" / "reports").glob("*.json"))
RUNNERS = {runner.name: runner for runner in suites.RUNNERS}
TESTS = v.Validator("tests", v.Tests())

NODE = {
    "mixed": Report(3, 2, failed=1, skipped=2),
    "passed": Report(3, 3),
    "broken": Report(3, 1, errors=2),
    "empty": Report(0, 0),
    "no test in the file": Report(0, 0),
    "exit in a test": Report(0, 0),
    "exit at import": Report(0, 0),
    "killed": Report(1, 0, errors=1),
    "rejected": Report(2, 1, errors=1),
    "skipped": Report(0, 0, skipped=1),
}
VITEST = {
    "mixed": Report(2, 1, failed=1, skipped=2),
    "passed": Report(3, 3),
    "broken": Report(3, 1, errors=2),
    "no test in the file": Report(1, 0, errors=1),
    "exit in a test": Report(2, 1, failed=1),
    "exit at import": Report(1, 0, errors=1),
    "rejected": Report(1, 1),
    "skipped": Report(0, 0, skipped=1),
}
"""Where a version writes a report; for what ends vitest itself, some write none."""


def recorded(path: Path) -> Mapping[str, dict[str, Any]]:
    return json.loads(path.read_text("utf-8"))  # type: ignore[no-any-return]


def observed(path: Path, case: str, folder: Path) -> Observation:
    """What a check sees where a runner ended so and left that report."""
    told = recorded(path)[case]
    report = folder / "report"
    if isinstance(told["report"], list):
        report.write_text("\n".join(told["report"]))
    elif told["report"]:
        report.write_text(json.dumps(told["report"]))
    reads = RUNNERS[path.name.partition("-")[0]].reads
    assert reads is not None
    return Observation(told["exit"], reports=True, report=reads(report, ""))


def test_there_are_records_of_each_runner() -> None:
    names = [path.stem.partition("-")[0] for path in RECORDED]
    assert (names.count("node"), names.count("vitest"), names.count("jest")) == (4, 5, 1)
    assert all(recorded(path).keys() == NODE.keys() for path in RECORDED)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_what_is_counted(path: Path, tmp_path: Path) -> None:
    counted = NODE if path.name.startswith("node") else VITEST
    for case, told in recorded(path).items():
        (tmp_path / case).mkdir()
        report = observed(path, case, tmp_path / case).report
        if told["report"] is None:
            assert report is None, case
        elif case in counted:
            assert report == counted[case], case
        else:
            assert report is not None, case
            assert not report.passed, case


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_only_tests_that_passed_are_a_pass(path: Path, tmp_path: Path) -> None:
    verdicts = {}
    for case in recorded(path):
        (tmp_path / case).mkdir()
        verdicts[case] = judge(TESTS, observed(path, case, tmp_path / case), None).verdict
    assert verdicts.pop("passed") == "pass"
    assert set(verdicts.values()) == {"fail"}


@pytest.mark.parametrize("name", ["vitest", "jest"])
@pytest.mark.parametrize(
    "text",
    ["", "[", "[]", "{}", '{"testResults": 1}', '{"testResults": [{"assertionResults": [{}]}]}',
     '{"testResults": [{"assertionResults": [{"status": []}], "status": ""}]}', "[" * 200_000],
)  # fmt: skip
def test_what_is_no_report_is_none(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "report").write_text(text)
    assert RUNNERS[name].reads(tmp_path / "report", "") is None  # type: ignore[misc]


@pytest.mark.parametrize("text", ["", "<testsuites>", "<!DOCTYPE x><testsuites/>"])
def test_what_is_no_junit_file_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "report").write_text(text)
    assert RUNNERS["node"].reads(tmp_path / "report", "") is None  # type: ignore[misc]


def test_a_deep_junit_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("<testsuite>" * 50_000 + "</testsuite>" * 50_000)
    assert RUNNERS["node"].reads(tmp_path / "report", "") == Report(0, 0)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "output", "absent"),
    [
        ("node", "node: bad option: --test-reporter=spec\n", "a node with --test-reporter"),
        ("node", "Error [X]: Cannot find package 'junit' imported from /shop/\n", "a node with"),
        ("node", "Error: Cannot find module './sums'\n", ""),
        ("vitest", "MISSING DEPENDENCY  Cannot find dependency 'jsdom'\n", "jsdom"),
        ("vitest", "Cannot find package '@shop/sums' imported from /shop/a.ts\n", ""),
    ],
)
def test_what_is_absent(name: str, output: str, absent: str) -> None:
    said = RUNNERS[name].absent(output)
    assert said.startswith(absent)
    assert bool(said) == bool(absent)
