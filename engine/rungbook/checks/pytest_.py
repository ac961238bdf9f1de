"""pytest: how its tests are recognised, how it is asked for a report, and what that says."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from rungbook.checks import junit
from rungbook.checks.layout import Layout
from rungbook.rulebook.observation import Report

COMMAND = ("{python}", "-m", "pytest", "-q")
ASKS = ("--junitxml={report}",)
"""What is added to its arguments, so that it says what it counted."""

_CONFIGURED = {
    "pytest.ini": "",
    ".pytest.ini": "",
    "pyproject.toml": r"^\[tool\.pytest",
    "tox.ini": r"^\[pytest\]",
    "setup.cfg": r"^\[tool:pytest\]",
    "conftest.py": "",
}
"""Files that configure it, and the line that shows it; empty: the file itself does."""

_STARTERS = {"conda", "hatch", "pdm", "pipenv", "poetry", "rye", "uv"}
"""Programs whose `run` starts another in a project's environment."""

_IMPORTED = r"^[ \t]*(import|from) pytest\b"
_PLAIN = r"^(async )?def test_\w*\("


def found(repo: Layout) -> tuple[tuple[str, ...], str] | None:
    """Its command and why, where the repository's tests are pytest's."""
    for name, shows in _CONFIGURED.items():
        if repo.shows(name, shows):
            return COMMAND, f"{name} configures pytest" if shows else f"there is {name}"
    for test in repo.tests:
        if Path(test).name == "conftest.py":
            return COMMAND, f"there is {test}"
        if repo.shows(test, _IMPORTED) or repo.shows(test, _PLAIN):
            return COMMAND, f"{test} is written for pytest"
    return None


def named(argv: Sequence[str]) -> bool:
    """Whether the command runs pytest: itself, as a module, or by a runner such as `uv run`."""
    if ("-m", "pytest") in pairwise(argv):
        return True
    names = [Path(part).name for part in argv]
    if names[:1] and names[0] in _STARTERS and names[1:2] == ["run"]:
        names = [name for name in names[2:] if not name.startswith("-")]
    return names[:1] in (["pytest"], ["py.test"])


def read(report: Path, _output: str) -> Report | None:
    """What the JUnit file counts; None if it is absent, broken, or not a plain report."""
    counts: Counter[str] = Counter()

    def begins(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "testsuite":
            for key in ("tests", "failures", "errors", "skipped"):
                counts[key] += max(0, int(attributes.get(key, 0)))

    if not junit.read(report, begins):
        return None
    ran = max(0, counts["tests"] - counts["skipped"])
    passed = max(0, ran - counts["failures"] - counts["errors"])
    return Report(ran, passed, counts["failures"], counts["errors"], counts["skipped"])


_ABSENT = re.compile(
    r": No module named (pytest)$|error: unrecognized arguments: (\S+)", re.MULTILINE
)


def absent(output: str) -> str:
    """What is not installed, by what it said: pytest, or the plug-in of an option."""
    said = _ABSENT.search(output[-2000:])
    if said is None:
        return ""
    return said[1] or f"the pytest plug-in with {said[2]}"
