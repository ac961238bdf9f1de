"""The broken repositories are what their index says: broken, and repaired by whom it names."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BROKEN = Path(__file__).parents[2] / "datasets" / "broken"
TASKS: list[dict[str, Any]] = json.loads((BROKEN / "index.json").read_text())["tasks"]
SUITE = [sys.executable, "-I", "-B", "-m", "unittest", "discover", "-v", "-s", "tests", "-t", "."]
LINTER = [
    *[sys.executable, "-m", "ruff", "check", "--fix", "--quiet", "--isolated", "--no-cache"],
    *["--select", "F632,F401,E711,E712,W605", "."],
]

# file, what is wrong in it, what is right: the smallest repair a person would make
REPAIRS = {
    "paging": (
        "paging/page.py",
        "return self.total // self.size + 1",
        "return max(1, -(-self.total // self.size))",
    ),
    "releases": (
        "releases/feed.py",
        "key=lambda release: release.version,",
        "key=lambda release: parse_version(release.version),",
    ),
    "reminders": (
        "reminders/agenda.py",
        "return moment.replace(tzinfo=timezone.utc)",
        "moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)\n"
        "    return moment.astimezone(timezone.utc)",
    ),
    "forms": (
        "forms/check.py",
        "problems: list[Problem] = []) -> list[Problem]:",
        "problems: Sequence[Problem] = ()) -> list[Problem]:\n    problems = list(problems)",
    ),
    "checkout": (
        "checkout/money.py",
        "amount.quantize(CENT)",
        'amount.quantize(CENT, "ROUND_HALF_UP")',
    ),
    "catalogue": (
        "catalogue/prices.py",
        "self._cache.drop(product)",
        "for currency in self._prices.rates:\n            self._cache.drop((product, currency))",
    ),
    "webhooks": ("webhooks/backoff.py", "max(grown,", "min(grown,"),
    "downloads": (
        "downloads/resolve.py",
        "not str(target).startswith(str(base))",
        "not target.is_relative_to(base)",
    ),
    "leaderboard": ("leaderboard/places.js", ".sort().reverse()", ".sort((a, b) => b - a)"),
    "newsletter": (
        "newsletter/deliver.js",
        """  readers
    .filter((reader) => wants(reader, issue))
    .forEach(async (reader) => {
      try {
        await send(reader, issue);
        report.sent.push(reader.address);
      } catch {
        report.failed.push(reader.address);
      }
    });
""",
        """  for (const reader of readers.filter((reader) => wants(reader, issue))) {
    try {
      await send(reader, issue);
      report.sent.push(reader.address);
    } catch {
      report.failed.push(reader.address);
    }
  }
""",
    ),
    "thermostat": (
        "thermostat/settings.ts",
        "room[period] || house[period] || DEFAULTS",
        "room[period] ?? house[period] ?? DEFAULTS",
    ),
}


@dataclass(frozen=True)
class Result:
    """How a suite ended."""

    status: int
    passed: int
    text: str


def suite(repo: Path) -> Result:
    if (repo / "package.json").is_file():
        return scripted(repo)
    done = subprocess.run(SUITE, cwd=repo, capture_output=True, text=True, timeout=60)
    return Result(done.returncode, done.stderr.count(" ... ok\n"), done.stderr)


def scripted(repo: Path) -> Result:
    """The test script of package.json, which is one of node; skips where node cannot run it."""
    if shutil.which("node") is None:
        pytest.skip("there is no node")
    script = json.loads((repo / "package.json").read_text())["scripts"]["test"].split()
    done = subprocess.run(script, cwd=repo, capture_output=True, text=True, timeout=60)
    if "bad option" in done.stderr:
        pytest.skip(f"this node is too old: {done.stderr.strip()}")
    passed = re.findall(r"^\S pass (\d+)$", done.stdout, re.M)
    return Result(done.returncode, int(passed[-1]), done.stdout)


def lint(repo: Path) -> None:
    subprocess.run(LINTER, cwd=repo, capture_output=True, timeout=60)


def sources(repo: Path) -> dict[str, str]:
    return {
        path.relative_to(repo).as_posix(): path.read_text() for path in sorted(repo.rglob("*.py"))
    }


def repositories(repaired_by: str) -> list[str]:
    return [task["name"] for task in TASKS if task["repaired_by"] == repaired_by]


@pytest.fixture
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".ruff_cache")
    return Path(shutil.copytree(BROKEN / request.param, tmp_path / "repo", ignore=ignored))


def test_index_lists_every_folder_once():
    folders = sorted(path.name for path in BROKEN.iterdir() if path.is_dir())
    assert sorted(task["name"] for task in TASKS) == folders
    assert set(repositories("linter")) | set(repositories("model")) == set(folders)
    assert set(REPAIRS) == set(repositories("model"))


def test_readme_has_a_row_for_every_folder():
    rows = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", (BROKEN / "README.md").read_text(), re.M)
    assert [name for name in rows if name in repositories("linter") + repositories("model")] == [
        task["name"] for task in TASKS
    ]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["name"])
def test_index_names_real_files_and_a_whole_report(task: dict[str, Any]):
    assert set(task) - {"node"} == {"name", "task", "files", "repaired_by"}
    assert all((BROKEN / task["name"] / file).is_file() for file in task["files"])
    title, _, rest = task["task"].partition(". ")
    assert len(title) < 80
    assert rest.endswith(".")


@pytest.mark.parametrize("repo", repositories("linter"), indirect=True)
def test_linter_repairs(repo: Path, request: pytest.FixtureRequest):
    name = request.node.callspec.params["repo"]
    broken, before = suite(repo), sources(repo)
    lint(repo)
    after = suite(repo)
    changed = {file for file, text in sources(repo).items() if text != before[file]}
    assert broken.status == 1
    assert broken.passed >= 3, broken.text
    assert after.status == 0, after.text
    assert changed == set(next(task["files"] for task in TASKS if task["name"] == name))


@pytest.mark.parametrize("repo", repositories("model"), indirect=True)
def test_linter_does_not_repair_but_a_person_does(repo: Path, request: pytest.FixtureRequest):
    file, wrong, right = REPAIRS[request.node.callspec.params["repo"]]
    broken = suite(repo)
    lint(repo)
    linted = suite(repo)
    text = (repo / file).read_text()
    (repo / file).write_text(text.replace(wrong, right))
    repaired = suite(repo)
    assert broken.status == linted.status == 1
    assert broken.passed >= 3, broken.text
    assert text.count(wrong) == 1
    assert repaired.status == 0, repaired.text
