"""unittest: how its tests are recognised, and what its summary says."""

import os
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path, PurePosixPath

from rungbook.checks.layout import Layout
from rungbook.rulebook.observation import Report

COMMAND = ("{python}", "-m", "unittest", "discover")

_IMPORTED = r"^[ \t]*(import|from) (unittest|django\.test)\b"
_SUMMARY = re.compile(
    r"^Ran (\d{1,9}) tests? in [\d.]+s\n+(?:OK|FAILED|NO TESTS RAN)(?: \((.{,200})\))?$",
    re.MULTILINE,
)
_COUNT = re.compile(r"([a-z ]+)=(\d{1,9})")


def found(repo: Layout) -> tuple[tuple[str, ...], str] | None:
    """Its command and why, where the repository's tests are unittest's."""
    tests = [test for test in repo.tests if repo.shows(test, _IMPORTED)]
    if not tests:
        return None
    return COMMAND + _where(repo, tests), f"{tests[0]} is written for unittest"


def _where(repo: Layout, tests: Sequence[str]) -> tuple[str, ...]:
    """Where discovery begins: at the tests' common folder, below the first that is no package."""
    start = PurePosixPath(os.path.commonpath([PurePosixPath(test).parent for test in tests]))
    top = next(p for p in (start, *start.parents) if not repo.has(f"{p}/__init__.py"))
    pattern = () if any(Path(t).name.startswith("test") for t in tests) else ("-p", "*_test.py")
    return (("-s", str(start), "-t", str(top)) if start.parts else ()) + pattern


def named(argv: Sequence[str]) -> bool:
    """Whether the command runs unittest as a module."""
    return ("-m", "unittest") in pairwise(argv)


def read(_report: Path, output: str) -> Report | None:
    """What the last summary counts; None if there is none."""
    summaries = _SUMMARY.findall(output)
    if not summaries:
        return None
    total, details = summaries[-1]
    counts = {word.strip(): int(n) for word, n in _COUNT.findall(details)}
    failed = counts.get("failures", 0) + counts.get("unexpected successes", 0)
    errors, skipped = counts.get("errors", 0), counts.get("skipped", 0)
    ran = max(0, int(total) - skipped)
    return Report(ran, max(0, ran - failed - errors), failed, errors, skipped)
