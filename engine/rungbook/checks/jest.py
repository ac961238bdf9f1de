"""Jest: how its tests are recognised, how it is asked for a report, and what that says."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rungbook.checks import junit, left, package
from rungbook.checks.layout import Layout
from rungbook.rulebook.observation import Report

PROGRAM = "node_modules/.bin/jest"
"""The project's own; nothing is fetched to run its tests."""

ASKS = ("--json", "--outputFile={report}")
"""What is added to its arguments, so that it says what it counted."""

_WATCHING = {"--watch", "--watchAll"}


def found(repo: Layout) -> tuple[tuple[str, ...], str] | None:
    """Its command and why, where it is the test script or a dependency."""
    if words := package.plain(repo):
        rest = [word for word in words[1:] if word not in _WATCHING]
        return ((PROGRAM, *rest), "the test script of package.json") if named(words) else None
    if package.script(repo) or not package.depends(repo, "jest"):
        return None
    return (PROGRAM,), "package.json depends on jest"


def named(argv: Sequence[str]) -> bool:
    """Whether the command runs jest."""
    return package.program(argv) == "jest"


def read(report: Path, _output: str) -> Report | None:
    """What the JSON file counts, test by test; None if it is absent, broken, or no report.

    Its own sums are not believed: vitest 1, which writes the same form, adds skipped tests to
    those that passed. A file that fails without a test that does has broken.
    """
    try:
        files = json.loads(left.read(report, junit.MOST_BYTES) or b"")["testResults"]
        states = [[test["status"] for test in file["assertionResults"]] for file in files]
        broken = [
            file
            for file, said in zip(files, states, strict=True)
            if file["status"] == "failed" and "failed" not in said
        ]
        counts = Counter(state for said in states for state in said)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    passed, failed, errors = counts["passed"], counts["failed"], len(broken)
    return Report(
        passed + failed + errors, passed, failed, errors, counts.total() - passed - failed
    )
