"""Money, time and attempts have bounds that hold across runs, and over processes."""

from pathlib import Path

import pytest

from fakes.ladders import FIX, SPOIL, rules, shop
from fakes.live import started, state
from fakes.machine import Said, rungbook
from rungbook.records import AttemptRecord, RunRecord
from rungbook.store.reading import read, run_ids, spent

FREELY = {"above": {"usd": 100}}


@pytest.fixture
def project(tmp_path):
    return shop(tmp_path / "shop")


def dear(tmp_path: Path, line: str) -> dict:
    return {"dear": {"line": f"echo paid >> {tmp_path}/paid; {line}", "most": {"usd": 0.25}}}


def paid(tmp_path: Path) -> int:
    file = tmp_path / "paid"
    return len(file.read_text().splitlines()) if file.exists() else 0


def command(project: Path, specs: Path) -> tuple[str | Path, ...]:
    return ("run", "x", "--repo", project, "--specs", specs)


def solve(project: Path, specs: Path) -> Said:
    return rungbook(*command(project, specs), RUNGBOOK_ISOLATION="none")


def of(project: Path, kind: type) -> list:
    kept = state(project)
    return [r for run in run_ids(kept) for r in read(kept, run) if isinstance(r, kind)]


def test_a_task_spends_no_more_than_its_budget(tmp_path, project):
    rungs = [{"name": "dear", "model": "dear", "attempts": 9}]
    budget = {"per_task": {"usd": 0.6}}
    specs = rules(tmp_path / "specs", dear(tmp_path, SPOIL), rungs, confirm=FREELY, budget=budget)
    said = solve(project, specs)
    assert said.status == 1, said
    (row,) = of(project, RunRecord)
    assert (row.because, row.attempts, row.usd, paid(tmp_path)) == ("usd", 2, 0.5, 2)


def test_a_day_holds_for_all_runs_of_the_project(tmp_path, project):
    """Three at once, each a process of its own, and one afterwards."""
    budget = {"per_day": {"usd": 0.5}}
    specs = rules(
        tmp_path / "specs", dear(tmp_path, f"sleep 0.3; {FIX}"), confirm=FREELY, budget=budget
    )
    run = command(project, specs)
    bare = {"RUNGBOOK_ISOLATION": "none"}
    with started(*run, **bare) as a, started(*run, **bare) as b, started(*run, **bare) as c:
        said = [live.ended() for live in (a, b, c)]
    assert sorted(s.status for s in said) == [0, 0, 1], said
    assert solve(project, specs).status == 1
    refused = [a for a in of(project, AttemptRecord) if a.result == "budget"]
    said = "what is left of the day's $0.5 does not cover $0.2500"
    assert [(a.usd, a.error) for a in refused] == [(0.0, said)] * 2
    assert sorted(r.because for r in of(project, RunRecord)) == [
        "budget",
        "budget",
        *["passed"] * 2,
    ]
    assert paid(tmp_path) == 2
    assert spent(state(project), f"{refused[0].ts:%Y-%m-%d}") == 0.5


def test_attempts_and_seconds_are_counted_over_rungs(tmp_path, project):
    models = {"one": SPOIL, "two": f"echo >> calc.py; {SPOIL}", "three": FIX}
    specs = rules(tmp_path / "specs", models, budget={"per_task": {"attempts": 2}})
    assert solve(project, specs).status == 1
    specs = rules(
        tmp_path / "more", {"one": f"sleep 30; {FIX}"}, budget={"per_task": {"seconds": 1}}
    )
    assert solve(project, specs).status == 1
    counted, timed = of(project, RunRecord)
    assert (counted.attempts, counted.because) == (2, "attempts")
    assert timed.latency_ms < 5000
    assert "time" in of(project, AttemptRecord)[-1].error


def test_who_is_not_there_costs_nothing(tmp_path, project):
    """An attempt that never got to work is no attempt, and its money is given back."""
    models = {"gone": {"line": "", "most": {"usd": 0.25}}, "there": FIX}
    specs = rules(tmp_path / "specs", models, confirm=FREELY)
    file = specs / "Model.yaml"
    file.write_text(file.read_text().replace('"sh"', '"no-such-program"', 1))
    assert solve(project, specs).status == 0
    (row,) = of(project, RunRecord)
    assert (row.attempts, row.usd, row.escalations) == (1, 0.0, 0)
    assert [(w.rung, w.because) for w in row.rungs_left] == [("gone", "unreachable")]
    assert spent(state(project), f"{row.ts:%Y-%m-%d}") == 0.0
