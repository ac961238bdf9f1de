"""What a worker may not change stays as it was, and what reaches the user's tree is what was proved
and agreed to."""

import os
import shutil
from pathlib import Path

import pytest

from fakes.ladders import RIGHT, TEST, WRONG, Does, rules, shop, solved, writes
from fakes.projects import written
from fakes.repos import snapshot
from rungbook.cli.run import status
from rungbook.errors import Conflict
from rungbook.records import ApprovalRecord, AttemptRecord, PlanRecord, RunRecord
from rungbook.runtime import engine
from rungbook.runtime.engine import Request

EASY = TEST.replace("4)", "add(2, 2))")
FROZEN = ["tests/**"]


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")


@pytest.fixture
def project(tmp_path):
    return shop(tmp_path / "shop")


def request(tmp_path: Path, project: Path, size: str = "tool", **values) -> Request:
    specs = rules(tmp_path / "specs", {"w": {"line": "true", "class": size}}, frozen=FROZEN)
    return Request("Sums are wrong", project, specs, apply=True, **values)


def the(project: Path, kind: type):
    """The last record of a kind of the last run."""
    return [r for r in engine.records("last", project)[1] if isinstance(r, kind)][-1]


def test_a_tool_that_also_changes_tests_is_proved_without_that(tmp_path, project):
    ended = solved(
        request(tmp_path, project), writes({"calc.py": RIGHT, "tests/test_calc.py": EASY})
    )
    assert (ended.end.outcome, ended.end.proved, ended.applied) == ("pass", True, True)
    assert status(ended, wanted=True) == 0
    assert (project / "calc.py").read_text() == RIGHT
    assert (project / "tests/test_calc.py").read_text() == TEST
    attempt = the(project, AttemptRecord)
    assert not attempt.tampered
    assert attempt.error == "left out: tests/test_calc.py (frozen)"
    assert (attempt.files_changed, attempt.lines_changed) == (1, 2)


@pytest.mark.parametrize(("answers", "applied"), [((), False), ((False,), False), ((True,), True)])
def test_a_model_that_also_changes_tests_needs_a_yes(tmp_path, project, answers, applied):
    worker = writes({"calc.py": RIGHT, "tests/test_more.py": EASY})
    ended = solved(request(tmp_path, project, "small"), worker, *answers)
    assert (ended.end.proved, ended.applied) == (True, applied)
    assert status(ended, wanted=True) == (0 if applied else 4)
    assert (project / "calc.py").read_text() == (RIGHT if applied else WRONG)
    assert not (project / "tests/test_more.py").exists()
    row = the(project, RunRecord)
    assert (row.tampered, row.applied) == (True, applied)
    said = [r for r in engine.records("last", project)[1] if isinstance(r, ApprovalRecord)]
    assert [(r.about, r.answer) for r in said] == [("apply", "yes" if a else "no") for a in answers]
    if not applied:
        assert "its worker also changed frozen files" in ended.not_applied


@pytest.mark.parametrize("size", ["tool", "small"])
def test_a_change_to_nothing_but_tests_is_unusable(tmp_path, project, size):
    ended = solved(request(tmp_path, project, size), writes({"tests/test_calc.py": EASY}))
    assert (ended.end.outcome, ended.applied) == ("skip", False)
    attempt = the(project, AttemptRecord)
    assert (attempt.result, attempt.diff_sha, attempt.tampered) == (
        "unusable",
        None,
        size != "tool",
    )
    assert "frozen" in attempt.error


@pytest.mark.parametrize(
    "command", ["sh check.sh", "./check.sh", "sh ./x/../check.sh", "{repo}/check.sh", "sh link"]
)
def test_the_script_of_the_test_command_is_frozen(tmp_path, project, command):
    check = written(project, {"check.sh": "#!/bin/sh\ngrep -q 'a + b' calc.py\n"}) / "check.sh"
    check.chmod(0o755)
    (project / "link").symlink_to("check.sh")
    written(project, {"x/y": ""})
    worker = writes({"check.sh": "#!/bin/sh\nexit 0\n"})
    asked = request(tmp_path, project, test=command.format(repo=project))
    assert solved(asked, worker).end.outcome == "skip"
    assert the(project, AttemptRecord).error == "left out: check.sh (frozen)"
    assert solved(asked, writes({"calc.py": RIGHT})).end.proved


@pytest.mark.parametrize("command", [None, "make test"])
def test_the_file_that_says_what_the_test_command_does_is_frozen(tmp_path, project, command):
    make = shutil.which("make") or pytest.skip("make is not installed")
    assert make
    (project / "tests" / "test_calc.py").unlink()
    written(project, {"Makefile": "test:\n\tgrep -q 'a + b' calc.py\n"})
    asked = request(tmp_path, project, test=command)
    assert solved(asked, writes({"Makefile": "test:\n\ttrue\n"})).end.outcome == "skip"
    assert the(project, AttemptRecord).error == "left out: Makefile (frozen)"
    assert solved(asked, writes({"calc.py": RIGHT})).end.proved


def test_only_that_script_is_frozen(tmp_path, project):
    written(project, {"check[ab].sh": "exit 1\n", "checka.sh": "exit 1\n"})
    asked = request(tmp_path, project, test="sh 'check[ab].sh'")
    solved(asked, writes({"checka.sh": "exit 0\n"}))
    assert the(project, PlanRecord).frozen == ("tests/**", r"/check\[ab\].sh")
    assert the(project, AttemptRecord).result == "ok"


@pytest.mark.parametrize("path", [".envrc", ".github/workflows/ci.yml", "conftest.py"])
@pytest.mark.parametrize("answer", [None, True])
def test_what_runs_later_by_itself_needs_a_yes(tmp_path, project, path, answer):
    worker = writes({"calc.py": RIGHT, path: "# later\n"})
    ended = solved(request(tmp_path, project), worker, *([answer] if answer else []))
    assert ended.end.proved
    assert ended.applied == bool(answer)
    assert (project / path).exists() == bool(answer)
    assert (project / "calc.py").read_text() == (RIGHT if answer else WRONG)
    if not answer:
        assert ended.not_applied == f"a person has to agree, because it touches {path}"


def test_what_the_user_changed_meanwhile_is_left_alone(tmp_path, project):
    """All or nothing: the other file is not written either; the run has ended all the same."""
    mine = "def add(a, b):\n    return sum((a, b))\n"

    def meanwhile(tree):
        written(tree, {"calc.py": RIGHT, "a.py": "A = 1\n"})
        written(project, {"calc.py": mine})

    with pytest.raises(Conflict, match=r"calc\.py"):
        solved(request(tmp_path, project), Does(meanwhile))
    assert (project / "calc.py").read_text() == mine
    assert not (project / "a.py").exists()
    row = the(project, RunRecord)
    assert (row.outcome, row.proved, row.applied) == ("pass", True, False)
    assert not engine.waiting(project)


def test_modes_links_and_deletions_are_applied(tmp_path):
    project = shop(tmp_path / "shop", {"old/gone.txt": "", "run.sh": "exit 0\n"})

    def change(tree):
        written(tree, {"calc.py": RIGHT, "bin/new": "#!/bin/sh\n"})
        (tree / "bin/new").chmod(0o755)
        (tree / "run.sh").chmod(0o755)
        (tree / "old/gone.txt").unlink()
        (tree / "link").symlink_to("calc.py")

    before = snapshot(project)
    ended = solved(request(tmp_path, project), Does(change))
    assert ended.applied
    assert [os.access(project / name, os.X_OK) for name in ("bin/new", "run.sh")] == [True, True]
    assert (project / "link").readlink() == Path("calc.py")
    assert not (project / "old").exists()
    after = snapshot(project)
    changed = {"calc.py", "bin/new", "link"}
    assert set(after) == (set(before) | changed) - {"old/gone.txt"}
    assert all(after[name] == before[name] for name in set(before) - changed - {"old/gone.txt"})


def test_without_apply_the_tree_is_not_touched(tmp_path, project):
    before = snapshot(project)
    asked = Request("x", project, request(tmp_path, project).specs)
    ended = solved(asked, writes({"calc.py": RIGHT}))
    assert "+    return a + b" in ended.diff
    assert snapshot(project) == before
