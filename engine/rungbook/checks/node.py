"""Node's own test runner: how it is recognised, asked for a report, and what that says."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rungbook.checks import junit, package
from rungbook.checks.layout import JAVASCRIPT, Layout
from rungbook.rulebook.observation import Report

COMMAND = ("node", "--test")

_REPORTER = ("--test-reporter", "--test-reporter-destination")
_ASKS = (
    *("--test-reporter=spec", "--test-reporter-destination=stdout"),
    *("--test-reporter=junit", "--test-reporter-destination={report}"),
)
"""A report for us beside the one for people; node counts reporters and destinations in pairs."""

_VALUED = {"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions"}
"""Options of node whose value is the next word."""

_IMPORTED = r"""\b(require\(|from |import )\s*['"]node:test['"]"""
_OWN_TESTS = re.compile(r"(.*/)?(test/.*|test|test-[^/]*|[^/]*[._-]test)\.[cm]?js")
"""Files that it runs without being told, in every version."""


def found(repo: Layout) -> tuple[tuple[str, ...], str] | None:
    """Its command and why, where the repository's tests are for it."""
    if words := package.plain(repo):
        return (words, "the test script of package.json") if named(words) else None
    if package.script(repo):
        return None
    tests = (test for test in repo.script_tests if _OWN_TESTS.fullmatch(test))
    test = next((test for test in tests if repo.shows(test, _IMPORTED)), None)
    return (COMMAND, f"{test} is written for node's test runner") if test else None


def named(argv: Sequence[str]) -> bool:
    """Whether the command is node with `--test` among its options, and not after a program's."""
    if Path(argv[0]).name not in ("node", "nodejs"):
        return False
    words = iter(argv[1:])
    for word in words:
        if word == "--test":
            return True
        if word in _VALUED:
            next(words, None)
        elif not word.startswith("-"):
            return False
    return False


def asked(argv: Sequence[str]) -> tuple[str, ...]:
    """The command with our reporters in the place of its own, before what it is to run."""
    words = list(_without_reporters(argv))
    at = words.index("--test") + 1
    return (*words[:at], *_ASKS, *words[at:])


def _without_reporters(argv: Sequence[str]) -> Iterator[str]:
    words = iter(argv)
    for word in words:
        if word in _REPORTER:
            next(words, None)
        elif not word.startswith(_REPORTER):
            yield word


def read(report: Path, _output: str) -> Report | None:
    """What the JUnit file counts; None if it is absent, broken, or not a plain report.

    Node takes each file for a test of its own where it hears of none inside: a file that breaks,
    and one that ends well before its tests have run. The latter proves nothing, and is not counted.
    """
    counts: Counter[str] = Counter()
    above: list[str] = []
    test: dict[str, str] = {}

    def begins(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "testcase":
            top = above == ["testsuites"]
            test["how"] = "file" if top and _is_file(attributes) else "passed"
        elif above[-1:] == ["testcase"] and test["how"] != "skipped":
            how = "errors" if test["how"] == "file" else "failed"
            test["how"] = tag if tag == "skipped" else how
        above.append(tag)

    def ends(tag: str) -> None:
        above.pop()
        if tag == "testcase":
            counts[test["how"]] += 1

    if not junit.read(report, begins, ends):
        return None
    passed, failed, errors = counts["passed"], counts["failed"], counts["errors"]
    return Report(passed + failed + errors, passed, failed, errors, counts["skipped"])


def _is_file(attributes: Mapping[str, str]) -> bool:
    return attributes.get("name", "").endswith(JAVASCRIPT)


_ABSENT = re.compile(r"bad option: (--[\w-]+)|Cannot find package '(junit)' imported")


def absent(output: str) -> str:
    """What is not there, by what it said: a node that has an option, or can report."""
    said = _ABSENT.search(output[:2000])
    return f"a node with {said[1] or '--test-reporter=junit'}" if said else ""
