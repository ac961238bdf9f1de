"""At the end of a run its change goes where it was wanted, and every crash there is made good."""

import os
from contextlib import contextmanager
from dataclasses import replace

import anyio
import pytest

from fakes.crashes import killed_at
from fakes.ladders import RIGHT, WRONG, Does, resumed, rules, shop, solved, writes
from fakes.live import left_in
from fakes.projects import written
from fakes.repos import git
from fakes.worlds import Person
from rungbook.errors import Conflict, UsageError
from rungbook.models.scripted import Cast
from rungbook.records import ApplyRecord, RunRecord
from rungbook.runtime import engine
from rungbook.runtime.engine import Request
from rungbook.runtime.recorder import Recorder
from rungbook.workspace import staging

GOOD = writes({"calc.py": RIGHT})


@contextmanager
def dies_before_its_record(monkeypatch):
    """The engine dies between a change and the record of its application."""
    real = Recorder.write

    def dies(self, record):
        if isinstance(record, ApplyRecord):
            raise MemoryError
        return real(self, record)

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "write", dies)
        yield


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")


@pytest.fixture
def asked(tmp_path):
    specs = rules(tmp_path / "specs", {"w": "true"})
    return Request("Sums are wrong", shop(tmp_path / "shop"), specs)


def of(asked: Request, kind: type) -> list:
    return [r for r in engine.records("last", asked.repo)[1] if isinstance(r, kind)]


def test_to_a_branch(asked):
    ended = solved(replace(asked, branch="fix"), GOOD)
    assert (ended.applied, ended.branch, ended.record.applied) == (True, "fix", True)
    assert (asked.repo / "calc.py").read_text() == WRONG
    assert git(asked.repo, "show", "fix:calc.py") == RIGHT.strip()
    (record,) = of(asked, ApplyRecord)
    assert (record.branch, record.channel) == ("fix", "flag")
    assert record.commit == git(asked.repo, "rev-parse", "fix")
    assert [type(r) for r in engine.records("last", asked.repo)[1][-2:]] == [ApplyRecord, RunRecord]


@pytest.mark.parametrize(
    ("branch", "error"), [("main", Conflict), ("a..b", UsageError), ("main/x", Conflict)]
)
def test_a_branch_that_cannot_be_is_told_before_anything_runs(asked, branch, error):
    with pytest.raises(error):
        solved(replace(asked, branch=branch), GOOD)
    assert not left_in(asked.repo)
    assert not engine.waiting(asked.repo)


def test_a_branch_that_came_meanwhile(asked):
    """The run has ended all the same, and its change is kept."""

    def meanwhile(tree):
        written(tree, {"calc.py": RIGHT})
        git(asked.repo, "branch", "fix")

    with pytest.raises(Conflict, match="there is a branch fix"):
        solved(replace(asked, branch="fix"), Does(meanwhile))
    (row,) = of(asked, RunRecord)
    assert (row.outcome, row.applied) == ("pass", False)
    assert not left_in(asked.repo)


def test_killed_between_the_change_and_its_record(asked, monkeypatch):
    run_of = replace(asked, apply=True)
    with dies_before_its_record(monkeypatch), pytest.raises(MemoryError):
        solved(run_of, GOOD)
    assert (asked.repo / "calc.py").read_text() == RIGHT
    (waits,) = engine.waiting(asked.repo)
    assert resumed(waits.run, asked.repo, GOOD, apply=True).applied
    assert len(of(asked, ApplyRecord)) == 1


def test_what_a_crash_left_half_done_is_no_base_of_the_next_run(asked):
    worker = writes({"calc.py": RIGHT, "other.py": "1\n"})

    def dies_after_the_first_move() -> None:
        real = staging._carry_out

        def once(root, stage, i, move):
            if i:
                os._exit(9)
            real(root, stage, i, move)

        staging._carry_out = once
        solved(replace(asked, apply=True), worker)

    assert killed_at(10**9, dies_after_the_first_move)
    assert (asked.repo / "calc.py").read_text() == RIGHT
    assert not (asked.repo / "other.py").exists()
    (waits,) = engine.waiting(asked.repo)
    assert solved(asked, GOOD).end.proved
    assert (asked.repo / "calc.py").read_text() == WRONG
    assert resumed(waits.run, asked.repo, worker, apply=True).applied
    assert (asked.repo / "calc.py").read_text() == RIGHT
    assert (asked.repo / "other.py").exists()


def test_a_yes_is_not_asked_for_again_after_a_crash(asked, monkeypatch):
    worker = writes({"calc.py": RIGHT, ".envrc": "x\n"})
    with dies_before_its_record(monkeypatch), pytest.raises(MemoryError):
        solved(replace(asked, apply=True), worker, True)
    (waits,) = engine.waiting(asked.repo)
    person = Person()

    async def go():
        silent = lambda *_: None  # noqa: E731
        return await engine.go_on(
            waits.run, asked.repo, person, silent, anyio.Event(), apply=True,
            providers=Cast(worker),
        )  # fmt: skip

    assert anyio.run(go).applied
    assert not person.questions
