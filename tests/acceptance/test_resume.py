"""A run whose engine is killed goes on to the end it would have had, and pays for nothing twice."""

import os
import random
import time
from pathlib import Path

import pytest

from fakes.ladders import FIX, RIGHT, SPOIL, WRONG, rules, shop
from fakes.live import holding, killed_at, left_in, state
from fakes.machine import rungbook
from fakes.projects import written
from rungbook.records import AttemptRecord, CheckRecord, PlanRecord, Record, RunRecord, SpendRecord
from rungbook.store.reading import read, run_ids, spent

MOST = 0.25
MARK = f"a-mark-that-no-other-process-has-{os.getpid()}"


def ladder(tmp_path: Path) -> tuple[Path, Path, Path]:
    """(project, rules, the file that gets a line each time somebody is paid)."""
    paid = tmp_path / "paid"
    slow = "sleep 0.15; "
    models = {
        "free": f"{slow}{SPOIL}",
        "dear": {"line": f"echo paid >> {paid}; {slow}{FIX}", "most": {"usd": MOST}},
    }
    rungs = [
        {"name": "free", "model": "free", "attempts": 2},
        {"name": "dear", "model": "dear", "attempts": 9},
    ]
    specs = rules(tmp_path / "specs", models, rungs, confirm={"above": {"usd": 100}})
    return shop(tmp_path / "shop"), specs, paid


def records(project: Path) -> list[Record]:
    """All records of the one run, or none."""
    kept = state(project)
    return [record for run in run_ids(kept) for record in read(kept, run)]


def of(found: list[Record], kind: type) -> list:
    return [r for r in found if isinstance(r, kind)]


def end(found: list[Record]) -> tuple[object, ...]:
    """What must be the same, killed or not."""
    (row,) = of(found, RunRecord)
    (plan,) = of(found, PlanRecord)
    attempts = [a for a in of(found, AttemptRecord) if a.result != "lost"]
    return (
        (row.outcome, row.because, row.proved, row.worker, row.applied, row.escalations),
        [(a.rung, a.result, a.files_changed) for a in attempts],
        [(c.validator, c.verdict, c.baseline) for c in of(found, CheckRecord)],
        plan.frozen,
        [w.rung for w in row.rungs_left],
    )


def survived(tmp_path: Path, points: list[float]) -> list[Record]:
    """The records of a run that was killed at those times, then left alone."""
    project, specs, paid = ladder(tmp_path)
    run = ("run", "Sums are wrong", "--repo", project, "--specs", specs, "--apply")
    again = ("run", "--resume", "last", "--repo", project, "--apply")
    for seconds in points:
        assert (project / "calc.py").read_text() in (WRONG, RIGHT)
        args = again if records(project) else run
        killed_at(seconds, *args, marker=MARK, RUNGBOOK_ISOLATION="none")
    for args in (run, again):
        found = records(project)
        if not of(found, RunRecord) and (args == again) == bool(found):
            said = rungbook(*args, RUNGBOOK_ISOLATION="none")
            assert said.status == 0, said
    found = records(project)
    assert [r.seq for r in found] == list(range(1, len(found) + 1))
    assert (project / "calc.py").read_text() == RIGHT
    assert_paid_once(project, found, paid)
    assert not holding(MARK)
    return found


def assert_paid_once(project: Path, found: list[Record], paid: Path) -> None:
    """Whoever was paid has a record; what was lost counts at its bound; all that was held is
    settled."""
    dear = [a for a in of(found, AttemptRecord) if a.model == "dear"]
    times = len(paid.read_text().splitlines())
    lost = [a for a in dear if a.result == "lost"]
    assert len(dear) - len(lost) <= times <= len(dear)
    assert {a.usd for a in dear} == {MOST}
    spends = of(found, SpendRecord)
    held = [s.n for s in spends if s.settled_usd is None]
    assert held == [s.n for s in spends if s.settled_usd is not None] == [a.n for a in dear]
    day = spends[0].day
    assert spent(state(project), day) == pytest.approx(MOST * len(dear))
    assert of(found, RunRecord)[0].usd == pytest.approx(MOST * len(dear))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, bytecode):
    """(its end, the seconds it took)."""
    tmp_path = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        patch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
        survived(tmp_path / "warm", [])
        began = time.monotonic()
        found = survived(tmp_path / "timed", [])
        return end(found), time.monotonic() - began


def at_random(seed: int, seconds: float, times: int) -> list[float]:
    chance = random.Random(seed)  # noqa: S311
    return [chance.uniform(0.2, seconds) for _ in range(times)]


FEW = [pytest.param(seed, 3) for seed in range(3)]
MANY = [pytest.param(seed, 4, marks=pytest.mark.slow) for seed in range(100, 117)]


@pytest.mark.parametrize(("seed", "times"), FEW + MANY)
def test_a_run_that_is_killed_again_and_again(seed, times, tmp_path, undisturbed):
    expected, seconds = undisturbed
    found = survived(tmp_path, at_random(seed, seconds, times))
    assert end(found) == expected
    ended = of(found, RunRecord)[0].run
    if ended in left_in(tmp_path / "shop"):  # killed after its last record: the next run cleans up
        rungbook("run", "x", "--repo", tmp_path / "shop", "--type", "nonsense")
    assert ended not in left_in(tmp_path / "shop")


def test_what_never_became_a_run_is_swept_up(tmp_path):
    project, specs, _ = ladder(tmp_path)
    young, old, foreign = (state(project) / "work" / name for name in ("YOUNG", "OLD", "foreign"))
    for folder in (young, old):
        folder.mkdir(parents=True)
        (folder / "lock").touch()
    os.utime(old / "lock", (0, 0))
    written(foreign, {"notes": "of somebody"})
    said = rungbook(
        "run", "x", "--repo", project, "--specs", specs, "--test", "true", "--type", "y"
    )
    assert said.status == 64
    assert left_in(project) == ["YOUNG", "foreign"]
