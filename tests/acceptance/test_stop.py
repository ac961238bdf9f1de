"""Ctrl-C and a shutdown end a run: what is under way is called off, what it cost is recorded."""

import signal
import time
from pathlib import Path

import pytest

from fakes.ladders import FIX, WRONG, rules, shop
from fakes.live import Live, holding, left_in, started, state, terminal, until
from fakes.machine import rungbook
from rungbook.records import ApprovalRecord, AttemptRecord, CheckRecord, Record, RunRecord
from rungbook.store.reading import read, run_ids, spent

LONG = "sleep 4711.5"
"""A program that would take long, and that nobody else runs."""

CONFIRM = {"above": {"usd": 100}}


def records(project: Path) -> list[Record]:
    kept = state(project)
    return [record for run in run_ids(kept) for record in read(kept, run)]


def last(project: Path, kind: type) -> Record:
    return [r for r in records(project) if isinstance(r, kind)][-1]


def is_busy() -> bool:
    return any(
        b"4711.5\0" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in holding(LONG[6:])
    )


def assert_stopped(project: Path, live: Live) -> None:
    said = live.ended(20)
    assert said.status == 1, said
    row = last(project, RunRecord)
    assert (row.outcome, row.because) == ("skip", "stopped")
    (stop,) = (r for r in records(project) if isinstance(r, ApprovalRecord))
    assert (stop.about, stop.answer) == ("run", "stopped")
    until(lambda: not holding("4711.5"))
    assert not left_in(project)
    assert (project / "calc.py").read_text() == WRONG


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run(number, tmp_path):
    project = shop(tmp_path / "shop")
    dear = {"line": f"{LONG}; {FIX}", "most": {"usd": 0.25}}
    specs = rules(tmp_path / "specs", {"dear": dear}, confirm=CONFIRM)
    with started("run", "x", "--repo", project, "--specs", specs, "--apply") as live:
        until(is_busy)
        live.send(number)
        assert_stopped(project, live)
    attempt = last(project, AttemptRecord)
    assert (attempt.result, attempt.usd) == ("cancelled", 0.25)
    assert spent(state(project), f"{attempt.ts:%Y-%m-%d}") == 0.25


def test_a_check_is_called_off_too(tmp_path):
    project = shop(tmp_path / "shop")
    specs = rules(tmp_path / "specs", {"good": FIX})
    run = ("run", "x", "--repo", project, "--specs", specs, "--test", f"sh -c '{LONG}; true'")
    with started(*run) as live:
        until(is_busy)
        live.send(signal.SIGINT)
        assert_stopped(project, live)
    assert last(project, CheckRecord).verdict == "cancelled"


@pytest.mark.parametrize("pause", [0.0, 0.1])
def test_two_signals_leave_nothing_and_break_nothing(pause, tmp_path):
    project = shop(tmp_path / "shop")
    specs = rules(tmp_path / "specs", {"slow": LONG})
    with started("run", "x", "--repo", project, "--specs", specs) as live:
        until(is_busy)
        live.send(signal.SIGINT)
        time.sleep(pause)
        live.send(signal.SIGINT)
        said = live.ended(20)
    assert said.status in (1, 130, -signal.SIGINT), said  # the last: it had ended just before
    assert "Traceback" not in said.err
    until(lambda: not holding("4711.5"))
    if said.status == 130:
        assert [r.seq for r in records(project)] == list(range(1, len(records(project)) + 1))
        with started("run", "--resume", "last", "--repo", project) as live:
            until(lambda: is_busy() or live.process.poll() is not None)
            live.send(signal.SIGINT)
            live.ended(20)
    assert last(project, RunRecord).because == "stopped"
    assert rungbook("why", "last", "--repo", project).status == 0
    assert not left_in(project)


def test_ctrl_c_at_a_question_ends_the_run(tmp_path):
    project = shop(tmp_path / "shop")
    specs = rules(tmp_path / "specs", {"dear": {"line": FIX, "most": {"usd": 0.25}}})
    with terminal("run", "x", "--repo", project, "--specs", specs) as person:
        person.reads("Type yes or no: ")
        person.types("\x03")
        assert person.ended(10) == 1
    row = last(project, RunRecord)
    assert (row.because, row.attempts) == ("stopped", 0)
    assert [r.answer for r in records(project) if isinstance(r, ApprovalRecord)] == ["stopped"] * 2
    assert "Traceback" not in person.seen
