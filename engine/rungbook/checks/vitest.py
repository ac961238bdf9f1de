"""Vitest: how its tests are recognised and how it is asked for a report, which is jest's."""

import re
from collections.abc import Sequence

from rungbook.checks import package
from rungbook.checks.layout import Layout

PROGRAM = "node_modules/.bin/vitest"
"""The project's own; nothing is fetched to run its tests."""

ASKS = ("--no-color", "--reporter=default", "--reporter=json", "--outputFile.json={report}")
"""What is added to its arguments: a report for us beside the one for people."""

_CONFIGURED = [
    f"{name}.config.{ending}"
    for name in ("vitest", "vite")
    for ending in ("ts", "mts", "cts", "js", "mjs", "cjs")
]
_IMPORTED = r"""\bfrom\s*['"]vitest['"]"""

_OTHER = {"bench", "init", "list", "related", "typecheck"}
"""Commands of it that are not a run of all tests."""

_RUN = {"run", "watch", "dev", "--run", "--watch", "-w", "--ui"}
"""Words that say whether it goes on watching; it is to run once."""


def found(repo: Layout) -> tuple[tuple[str, ...], str] | None:
    """Its command and why, where it is the test script, or what the tests are written for."""
    if words := package.plain(repo):
        if not named(words) or (words[1:2] and words[1] in _OTHER):
            return None
        rest = [word for word in words[1:] if word not in _RUN]
        return (PROGRAM, "run", *rest), "the test script of package.json"
    if package.script(repo):
        return None
    why = _shown(repo)
    return ((PROGRAM, "run"), why) if why else None


def _shown(repo: Layout) -> str:
    if package.depends(repo, "vitest"):
        return "package.json depends on vitest"
    for name in _CONFIGURED:
        if repo.shows(name, r"\bvitest\b"):
            return f"{name} configures vitest"
    test = next((test for test in repo.script_tests if repo.shows(test, _IMPORTED)), None)
    return f"{test} is written for vitest" if test else ""


def named(argv: Sequence[str]) -> bool:
    """Whether the command runs vitest."""
    return package.program(argv) == "vitest"


_ABSENT = re.compile(r"Cannot find dependency '([^'\s]+)'|Cannot find package '(vitest)'")


def absent(output: str) -> str:
    """What is not installed, by what it said: vitest, or a package that its options need."""
    said = _ABSENT.search(output)
    return (said[1] or said[2]) if said else ""
