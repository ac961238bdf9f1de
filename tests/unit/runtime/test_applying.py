"""The change of a run that has ended is applied and taken back, with a record, or not at all."""

import fcntl
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio
import pytest

from fakes.crashes import killed_at
from fakes.ladders import RIGHT, WRONG, Does, rules, shop, solved, writes
from fakes.live import state
from fakes.projects import written
from fakes.repos import git, snapshot
from fakes.worlds import Person
from rungbook.errors import Conflict, NotFound, StateFailed, UsageError
from rungbook.records import ApplyRecord, ApprovalRecord, Record
from rungbook.runtime import applying, engine
from rungbook.runtime.engine import Request, Settled

GOOD = writes({"calc.py": RIGHT, "new/note.txt": "made\n"})


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")


@pytest.fixture
def asked(tmp_path):
    specs = rules(tmp_path / "specs", {"w": "true"})
    return Request("Sums are wrong", shop(tmp_path / "shop"), specs)


def applied(repo: Path, *answers: bool, run: str = "last", **how: object) -> Settled:
    async def go() -> Settled:
        return await engine.apply(run, repo, Person(list(answers)), **how)

    return anyio.run(go)


def undone(repo: Path) -> Settled:
    return applied(repo, undo=True)


def of(repo: Path, kind: type) -> list:
    found: list[Record] = engine.records("last", repo)[1]
    assert [r.seq for r in found] == list(range(1, len(found) + 1))
    return [r for r in found if isinstance(r, kind)]


def test_days_later_and_back(asked):
    repo = asked.repo
    run, before = solved(asked, GOOD).run, snapshot(repo)
    one = applied(repo)
    assert (one.run, one.written.files) == (run, ("calc.py", "new/note.txt"))
    assert (repo / "calc.py").read_text() == RIGHT
    again = applied(repo)
    assert again.written.before
    assert again.written.record == one.written.record
    assert not undone(repo).written.before
    assert snapshot(repo) == before
    assert undone(repo).written.before
    assert not applied(repo).written.before
    told = [(r.action, r.channel, r.files, r.branch) for r in of(repo, ApplyRecord)]
    assert told == [(what, "command", 2, None) for what in ("apply", "undo", "apply")]


def test_what_never_came_is_not_taken_back(asked):
    solved(asked, GOOD)
    with pytest.raises(NotFound, match="was never applied"):
        undone(asked.repo)


def test_after_apply_by_flag(asked):
    solved(replace(asked, apply=True), GOOD)
    assert applied(asked.repo).written.before
    undone(asked.repo)
    assert (asked.repo / "calc.py").read_text() == WRONG
    assert [(r.action, r.channel) for r in of(asked.repo, ApplyRecord)] == [
        ("apply", "flag"),
        ("undo", "command"),
    ]


def test_edits_of_the_user_are_named_and_kept(asked):
    solved(asked, GOOD)
    written(asked.repo, {"calc.py": "mine\n"})
    with pytest.raises(Conflict, match=r"calc\.py") as caught:
        applied(asked.repo)
    assert "rungbook apply 0" in caught.value.next_step
    written(asked.repo, {"calc.py": WRONG})
    applied(asked.repo)
    written(asked.repo, {"new/note.txt": "mine\n"})
    with pytest.raises(Conflict, match=r"new/note\.txt") as caught:
        undone(asked.repo)
    assert caught.value.next_step.endswith("--undo")
    assert (asked.repo / "new/note.txt").read_text() == "mine\n"
    assert (asked.repo / "calc.py").read_text() == RIGHT


def test_a_change_made_by_hand_meanwhile_counts_as_applied(asked):
    solved(asked, GOOD)
    written(asked.repo, {"calc.py": RIGHT, "new/note.txt": "made\n"})
    assert not applied(asked.repo).written.before
    assert applied(asked.repo).written.before


@pytest.mark.parametrize("answer", [(), (False,), (True,)])
def test_what_runs_unasked_takes_a_person(asked, answer):
    solved(asked, writes({"calc.py": RIGHT, ".envrc": "evil\n"}))
    settled = applied(asked.repo, *answer)
    assert (settled.written is not None) == (answer == (True,))
    assert settled.asks == (not answer)
    assert (asked.repo / ".envrc").exists() == (answer == (True,))
    said = [(a.about, a.subject, a.answer) for a in of(asked.repo, ApprovalRecord)]
    assert said == [("apply", "it touches .envrc", "yes" if a else "no") for a in answer]


@pytest.mark.parametrize("answer", [(), (False,), (True,)])
def test_a_run_that_ended_in_review_takes_a_person(asked, tmp_path, answer):
    specs = rules(tmp_path / "other", {"w": "true"}, verify=("good",), unproved="review")
    written(asked.repo, {"calc.py": WRONG + "# good\n"})
    git(asked.repo, "commit", "-q", "-a", "-m", "good before")
    ended = solved(replace(asked, specs=specs), writes({"calc.py": RIGHT + "# good\n"}))
    settled = applied(asked.repo, *answer)
    assert (ended.end.outcome, ended.end.because) == ("review", "unproved")
    assert (settled.written is not None) == (answer == (True,))
    assert (asked.repo / "calc.py").read_text().startswith(RIGHT) == (answer == (True,))
    if answer == (True,):
        assert "Accepted by ann." in commit_message(asked.repo)


def commit_message(repo: Path) -> str:
    applied(repo, True, undo=True)
    applied(repo, True, branch="checked")
    return git(repo, "show", "-s", "--format=%B", "checked")


def test_a_run_that_was_skipped_has_nothing(asked):
    solved(asked, Does(lambda tree: None))
    for undo in (False, True):
        with pytest.raises(NotFound, match="no change to apply"):
            applied(asked.repo, undo=undo)


def test_a_run_that_has_not_ended_is_reviewed_first(asked):
    with pytest.raises(BaseExceptionGroup):
        solved(asked, Does(lambda tree: 1 / 0))
    with pytest.raises(Conflict, match="has not ended") as caught:
        applied(asked.repo)
    assert caught.value.next_step.startswith("rungbook review ")


def test_what_is_not_kept_any_more_is_told(asked):
    solved(asked, GOOD)
    (change,) = (state(asked.repo) / "changes").iterdir()
    assert change.stat().st_mode & 0o777 == 0o600
    change.write_bytes(change.read_bytes()[:-9])
    with pytest.raises(StateFailed, match="damaged"):
        applied(asked.repo)
    change.unlink()
    with pytest.raises(NotFound, match="not kept"):
        applied(asked.repo)


def test_the_same_change_is_kept_once(asked):
    for _ in range(3):
        solved(asked, GOOD)
    assert len([*(state(asked.repo) / "changes").iterdir()]) == 1


def test_a_branch_is_made_and_the_project_stays(asked):
    repo = asked.repo
    run, before = solved(asked, GOOD).run, (repo / "calc.py").read_text()
    one = applied(repo, branch="fix/sums").written
    assert one.record.commit == git(repo, "rev-parse", "fix/sums")
    assert (repo / "calc.py").read_text() == before
    assert git(repo, "status", "--porcelain") == ""
    assert git(repo, "diff", "--name-only", "HEAD", "fix/sums").split() == [
        "calc.py",
        "new/note.txt",
    ]
    said = git(repo, "show", "-s", "--format=%B", "fix/sums").splitlines()
    assert said[0] == "Sums are wrong"
    assert "w made it. Proved by tests." in said
    assert f"Rungbook-Run: {run}" in said
    trailers = git(repo, "show", "-s", "--format=%(trailers:key=Rungbook-Rulebook)", "fix/sums")
    assert len(trailers.split(" ")[1]) == 64
    assert applied(repo, branch="fix/sums").written.before
    with pytest.raises(Conflict, match="there is a branch main"):
        applied(repo, branch="main")
    assert [r.branch for r in of(repo, ApplyRecord)] == ["fix/sums"]


def test_a_branch_that_was_deleted_is_made_again(asked):
    solved(asked, GOOD)
    applied(asked.repo, branch="fix")
    git(asked.repo, "branch", "-q", "-D", "fix")
    assert not applied(asked.repo, branch="fix").written.before
    assert git(asked.repo, "rev-parse", "fix")


def test_a_task_of_many_lines_and_tricks(asked):
    task = "Sums\x1b[31m are wrong " + "x" * 99 + "\n\n# not a comment\nRungbook-Proof: a lie\0"
    solved(replace(asked, text=task), GOOD)
    applied(asked.repo, branch="fix")
    said = git(asked.repo, "show", "-s", "--format=%B", "fix")
    assert len(said.splitlines()[0]) == 72
    assert "# not a comment\nRungbook-Proof: a lie\n\nw made it." in said
    assert "\x1b" not in said
    assert "lie" not in git(asked.repo, "show", "-s", "--format=%(trailers)", "fix")


def test_what_was_not_committed_when_it_was_proved(asked):
    written(asked.repo, {"calc.py": WRONG + "# mine\n"})
    solved(asked, GOOD)
    with pytest.raises(Conflict, match=r"not in HEAD as the task found it: calc\.py"):
        applied(asked.repo, branch="fix")
    git(asked.repo, "commit", "-q", "-a", "-m", "mine")
    assert applied(asked.repo, branch="fix").written


def test_no_branch_without_a_repository(tmp_path):
    specs = rules(tmp_path / "specs", {"w": "true"})
    plain = written(tmp_path / "plain", {"calc.py": WRONG})
    request = Request("Sums", plain, specs, test="true", branch="fix")
    with pytest.raises(UsageError, match="not in a git repository"):
        solved(request, GOOD)
    assert not state(plain).exists()


def test_one_at_a_time(asked, monkeypatch):
    """Whoever writes to the project or its repository holds the project's lock meanwhile."""
    solved(asked, GOOD)
    tried = []

    def alone(*args: object, **kwargs: object) -> None:
        with (state(asked.repo) / "apply.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        tried.append(args)

    monkeypatch.setattr(applying, "apply", alone)
    applied(asked.repo)
    undone(asked.repo)
    solved(replace(asked, apply=True), GOOD)
    assert len(tried) == 3


HOW = {"apply": {}, "undo": {"undo": True}, "branch": {"branch": "fix-0"}}


@pytest.mark.parametrize("what", HOW)
def test_killed_at_any_step_the_next_one_completes_it(asked, what, monkeypatch):
    """All of it or nothing, and in the end one record."""
    repo, how = asked.repo, HOW[what]
    solved(replace(asked, apply=what == "undo"), GOOD)
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    monkeypatch.setattr(os, "fdatasync", lambda fd: None)
    start = len(of(repo, ApplyRecord))
    n = 0
    while killed_at(n, partial(applied, repo, **how)):
        settled = applied(repo, **how)
        done = of(repo, ApplyRecord)
        assert settled.written
        assert len(done) == start + 1, f"step {n}"
        right = what == "apply"
        assert ((repo / "calc.py").read_text() == RIGHT) == right
        assert (repo / "new").exists() == right
        assert not (repo / ".rungbook-apply").exists()
        if what == "branch":
            git(repo, "branch", "-q", "-D", how["branch"])
        else:
            applied(repo, undo=right)
        start, n = len(of(repo, ApplyRecord)), n + 3
        how = {"branch": f"fix-{n}"} if what == "branch" else how
    assert n > 15
