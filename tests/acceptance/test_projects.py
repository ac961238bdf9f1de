"""Real projects with environments of their own: a right fix is proved, a wrong one is not.

Each goes through the command line, with and without isolation; the worker is a command that writes
what the test tells it to.
"""

import shutil
from pathlib import Path

import pytest

from fakes.broken import ADD, PROJECTS, Project, ignored_venv, sums, unittests
from fakes.environments import SITE, environment
from fakes.machine import fingerprint, with_files
from fakes.repos import repository
from fakes.solving import solve
from rungbook.process import isolated

LEVELS = ["none"]
if isolated() == "bubblewrap":
    LEVELS.append("bubblewrap")

needs_node = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="there is no node"
)


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def named(*quick: str) -> pytest.MarkDecorator:
    """The test for all projects, by default for some; the others are slow."""
    marks = {name: [needs_node] if "node" in name else [] for name in PROJECTS}
    for name in PROJECTS.keys() - quick:
        marks[name].append(pytest.mark.slow)
    params = [pytest.param(name, marks=marks[name]) for name in PROJECTS]
    return pytest.mark.parametrize("name", params)


def made(name: str, tmp_path: Path) -> Project:
    """The project of that name, alone in a folder."""
    (tmp_path / "around").mkdir()
    return PROJECTS[name](tmp_path / "around")


@named(*PROJECTS)
def test_the_right_fix_is_proved_and_the_wrong_one_is_not(
    name: str, level: str, tmp_path: Path
) -> None:
    tried = made(name, tmp_path)
    before = fingerprint(tried.around)
    said = solve(tmp_path, tried, [tried.wrong, tried.right], level)
    assert said.status == 0, said
    assert [e["verdict"] for e in said.events if e["event"] == "checked"] == ["fail", "pass"]
    assert [c["baseline"] for c in said.checks("pass")] == ["fail"]
    assert fingerprint(tried.around) == before


@named("editable_pth", "dirty_tree", "odd_files")
def test_only_a_proved_fix_is_applied(name: str, tmp_path: Path) -> None:
    tried = made(name, tmp_path)
    before = fingerprint(tried.around)
    said = solve(tmp_path, tried, [tried.wrong], LEVELS[-1], "--apply")
    assert said.status == 1, said
    assert fingerprint(tried.around) == before
    said = solve(tmp_path, tried, [tried.right], LEVELS[-1], "--apply")
    assert said.status == 0, said
    prefix = f"{tried.repo.relative_to(tried.around).as_posix()}/"
    fix = {path: text.encode() if text else None for path, text in tried.right.items()}
    assert fingerprint(tried.around) == with_files(before, prefix, fix)


def test_an_installed_copy_proves_nothing(level: str, tmp_path: Path) -> None:
    """A test that imports what was installed, not the sources, says nothing of a change."""
    files = {".gitignore": ".venv/\n", "src/sums/__init__.py": ADD, **unittests("sums")}
    repo = repository(tmp_path / "around" / "shop", files)
    environment(repo / ".venv", {"sums/__init__.py": ADD})
    tried = sums(repo, "src/sums/__init__.py", repo.parent)
    before = fingerprint(tried.around)
    said = solve(tmp_path, tried, [tried.right], level)
    assert said.status == 2, said
    [check] = said.checks("error")
    copy = repo / ".venv" / SITE / "sums" / "__init__.py"
    assert f"src/sums/__init__.py was loaded from {copy}" in check["excerpt"]
    assert fingerprint(tried.around) == before


@pytest.mark.parametrize(
    "command",
    [
        ".venv/bin/pytest",
        pytest.param("pytest -q", marks=pytest.mark.slow),
        pytest.param("{repo}/.venv/bin/python -m pytest", marks=pytest.mark.slow),
    ],
)
def test_the_test_command_may_be_of_the_environment(
    command: str, level: str, tmp_path: Path
) -> None:
    tried = ignored_venv(tmp_path / "around")
    test = command.format(repo=tried.repo)
    said = solve(tmp_path, tried, [tried.right], level, "--test", test)
    assert said.status == 0, said
