"""Reading what pytest and unittest say of themselves."""

import os
from pathlib import Path

import pytest

from rungbook.checks import pytest_, unittest_
from rungbook.rulebook.observation import Report

HEAD = "----------------------------------------------------------------------\n"


def junit(folder: Path, text: str) -> Report | None:
    (folder / "report.xml").write_text(text)
    return pytest_.read(folder / "report.xml", "")


def test_junit(tmp_path: Path) -> None:
    suite = '<testsuite errors="1" failures="2" skipped="3" tests="10"><testcase/></testsuite>'
    assert junit(tmp_path, f"<testsuites>{suite}</testsuites>") == Report(7, 4, 2, 1, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<testsuites>",
        '<testsuite tests="many"/>',
        '<!DOCTYPE x [<!ENTITY a "1">]><testsuite tests="1"/>',
        '<testsuite tests="1"/>\0',
    ],
)
def test_a_report_that_is_not_plain_is_none(tmp_path: Path, text: str) -> None:
    assert junit(tmp_path, text) is None


def test_a_report_that_is_absent_or_a_link_is_none(tmp_path: Path) -> None:
    assert pytest_.read(tmp_path / "report.xml", "") is None
    (tmp_path / "other").write_text('<testsuite tests="1"/>')
    (tmp_path / "report.xml").symlink_to(tmp_path / "other")
    assert pytest_.read(tmp_path / "report.xml", "") is None


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.xml")
    assert pytest_.read(tmp_path / "report.xml", "") is None


def test_a_deep_report_is_read(tmp_path: Path) -> None:
    assert junit(tmp_path, "<a>" * 50_000 + "</a>" * 50_000) == Report(0, 0)


@pytest.mark.parametrize(
    ("output", "report"),
    [
        (f"...\n{HEAD}Ran 3 tests in 0.001s\n\nOK\n", Report(3, 3)),
        (f"{HEAD}Ran 1 test in 0.001s\n\nOK\n", Report(1, 1)),
        ("Ran 5 tests in 1.2s\n\nOK (skipped=2)\n", Report(3, 3, skipped=2)),
        (
            "Ran 9 tests in 0.1s\n\nFAILED (failures=2, errors=1, skipped=1, expected failures=1,"
            " unexpected successes=1)\n",
            Report(8, 4, 3, 1, 1),
        ),
        ("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n", Report(0, 0)),
        ("Ran 9 tests in 0.1s\n\nOK\nmore\nRan 2 tests in 0.1s\n\nOK\nbye\n", Report(2, 2)),
        ("Ran 1 test in 0s\n\nOK (" + "a" * 300_000 + ")\n", None),
        ("Ran " + "9" * 5000 + " tests in 0s\n\nOK\n", None),
        ("nothing", None),
        ("Ran 3 tests in 0.001s\n", None),
    ],
)
def test_unittest(output: str, report: Report | None) -> None:
    assert unittest_.read(Path(), output) == report


def test_what_is_absent() -> None:
    assert pytest_.absent("/usr/bin/python3: No module named pytest\n") == "pytest"
    assert "--benchmark-only" in pytest_.absent(
        "__main__.py: error: unrecognized arguments: --benchmark-only\n"
    )
    assert pytest_.absent("E   ModuleNotFoundError: No module named 'pytest_mock'\n") == ""
    assert pytest_.absent("1 failed") == ""
