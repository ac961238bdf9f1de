"""A person's yes: asked on the terminal, waited for where there is none, never from a pipe."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from fakes.ladders import FIX, RIGHT, SPOIL, WRONG, rules, shop
from fakes.live import holding, left_in, started, state, terminal, until
from fakes.machine import rungbook
from fakes.repos import git
from rungbook.records import ApprovalRecord, AttemptRecord, CheckRecord, RunRecord
from rungbook.store.reading import read, run_ids

LOOK = ("tests", "person")
QUESTION = "Type yes or no: "


@pytest.fixture
def project(tmp_path):
    return shop(tmp_path / "shop")


def of(project: Path, kind: type) -> list:
    kept = state(project)
    return [r for run in run_ids(kept) for r in read(kept, run) if isinstance(r, kind)]


def listed(project: Path) -> list[dict]:
    said = rungbook("review", "--json", "--repo", project)
    assert said.status == 0, said
    return json.loads(said.out)["waiting"]


def parked(project: Path, specs: Path) -> str:
    """The id of a run that waits for a person's look."""
    said = rungbook("run", "Sums are wrong", "--repo", project, "--specs", specs, "--apply")
    assert said.status == 2, said
    (waits,) = listed(project)
    assert waits["on"] == "person is to look at attempt 1"
    assert f"rungbook review {waits['run']}" in said.err
    assert (project / "calc.py").read_text() == WRONG
    return waits["run"]


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    """What is read on a terminal has no colours, unless a test wants them."""
    monkeypatch.setenv("NO_COLOR", "1")


def in_review(project: Path, specs: Path) -> str:
    """The id of a run none of whose rungs held, and that a person is to look at."""
    said = rungbook("run", "Sums are wrong", "--repo", project, "--specs", specs)
    assert said.status == 2, said
    (waits,) = listed(project)
    assert (waits["what"], waits["on"]) == ("review", "a look: no rung held")
    return waits["run"]


def test_a_yes_proves_and_applies(tmp_path, project):
    run = parked(project, rules(tmp_path / "specs", {"good": FIX}, verify=LOOK))
    with terminal("review", run, "--repo", project, "--apply") as person:
        shown = person.reads("Is it good? " + QUESTION)
        assert "-    return a - b\n+    return a + b\n" in shown
        assert "tests: pass" in shown
        person.types("yes\n")
        assert person.ended() == 0
    assert (project / "calc.py").read_text() == RIGHT
    (row,) = of(project, RunRecord)
    assert (row.outcome, row.proved, row.applied) == ("pass", True, True)
    (answer,) = of(project, ApprovalRecord)
    assert (answer.about, answer.subject, answer.answer) == ("check", "person", "yes")
    assert answer.channel == "terminal"
    assert not listed(project)
    assert not left_in(project)


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["no", "yes please"])
def test_anything_but_yes_fails_the_check_and_the_ladder_goes_on(tmp_path, project, typed):
    models = {"first": FIX, "second": f"{FIX}; echo >> calc.py"}
    run = parked(project, rules(tmp_path / "specs", models, verify=LOOK))
    with terminal("review", run[:20], "--repo", project, "--apply") as person:
        person.reads(QUESTION)
        person.types(f"{typed}\n")
        person.reads(QUESTION)
        person.types("yes\n")
        assert person.ended() == 0
    assert (project / "calc.py").read_text() == f"{RIGHT}\n"
    looks = [c.verdict for c in of(project, CheckRecord) if c.validator == "person"]
    assert looks == ["fail", "pass"]
    assert [a.rung for a in of(project, AttemptRecord)] == ["first", "second"]


@pytest.mark.slow
def test_the_answer_is_to_the_plan_that_was_made(tmp_path, project):
    """The rules have changed, or are gone, since the question was asked."""
    specs = rules(tmp_path / "specs", {"good": FIX}, verify=LOOK)
    run = parked(project, specs)
    for path in specs.iterdir():
        path.write_text("kind: [broken")
    with terminal("run", "--resume", run, "--repo", project) as person:
        person.reads(QUESTION)
        person.types("yes\n")
        assert person.ended() == 0


@pytest.mark.parametrize(("typed", "status"), [("yes", 0), ("no", 1)])
def test_a_rung_that_costs_asks_first(tmp_path, project, typed, status):
    models = {"free": SPOIL, "dear": {"line": FIX, "most": {"usd": 0.25}}}
    specs = rules(tmp_path / "specs", models)
    with terminal("run", "x", "--repo", project, "--specs", specs) as person:
        person.reads("Rung `dear` may cost up to $0.2500. Go on? " + QUESTION)
        assert [a.model for a in of(project, AttemptRecord)] == ["free"]
        person.types(f"{typed}\n")
        assert person.ended() == status
    (row,) = of(project, RunRecord)
    assert row.usd == (0.25 if typed == "yes" else 0.0)
    if typed == "no":
        assert (row.outcome, row.because) == ("skip", "declined")


def test_a_piped_yes_is_no_answer(tmp_path, project):
    """Neither without a terminal, nor beside one."""
    specs = rules(tmp_path / "specs", {"dear": {"line": FIX, "most": {"usd": 0.25}}})
    run = ("run", "x", "--repo", project, "--specs", specs)
    with started(*run, stdin=subprocess.PIPE) as live:
        live.process.stdin.write("yes\n" * 100)
        assert live.ended().status == 2
    (waits,) = listed(project)
    assert waits["on"] == "rung dear may cost $0.2500"
    yes = tmp_path / "yes"
    yes.write_text("yes\n" * 100)
    with (
        yes.open("rb") as pipe,
        terminal("review", waits["run"], "--repo", project, stdin=pipe) as p,
    ):
        p.reads(QUESTION)
        p.types("no\n")
        assert p.ended() == 1


@pytest.mark.slow
def test_nothing_is_written_over_a_question(tmp_path, project):
    specs = rules(tmp_path / "specs", {"dear": {"line": FIX, "most": {"usd": 0.25}}})
    with terminal("run", "x", "--repo", project, "--specs", specs) as person:
        person.reads(QUESTION)
        with pytest.raises(AssertionError, match="does not come"):
            person.reads("…", seconds=2.5)
        person.types("no\n")
        assert person.ended() == 1


@pytest.mark.slow
def test_only_runs_without_an_engine_are_listed(tmp_path, project):
    specs = rules(tmp_path / "specs", {"slow": "sleep 4712.5"})
    with started("run", "x", "--repo", project, "--specs", specs) as live:
        until(lambda: len(holding("4712.5")) > 1)
        assert not listed(project)
        (run,) = left_in(project)
        said = rungbook("run", "--resume", run, "--repo", project)
        assert (said.status, said.is_plain_error) == (75, True), said
        live.send(signal.SIGKILL)
        live.ended()
    until(lambda: not holding("4712.5"))
    (waits,) = listed(project)
    assert (waits["run"], waits["on"]) == (run, "its engine stopped; it can go on")


def test_a_run_that_has_ended_says_so(tmp_path, project):
    specs = rules(tmp_path / "specs", {"good": FIX})
    assert rungbook("run", "x", "--repo", project, "--specs", specs).status == 0
    said = rungbook("review", "last", "--repo", project)
    assert (said.status, said.is_plain_error) == (66, True), said
    assert rungbook("review", "--repo", project).out == "nothing waits for you\n"


def test_where_nobody_can_be_asked_all_is_shown(tmp_path, project):
    models = {"w": SPOIL}
    for specs in (
        rules(tmp_path / "one", models, exhausted="review"),
        rules(tmp_path / "two", {"good": FIX}, verify=LOOK),
    ):
        rungbook("run", "Sums are wrong", "--repo", project, "--specs", specs)
        with started("review", "last", "--repo", project, stdin=subprocess.PIPE) as live:
            live.process.stdin.write("yes\n" * 100)
            said = live.ended()
        assert said.status == 2
        assert said.err.startswith("answer it on a terminal: rungbook review 0")
        for told in (
            "task: Sums are wrong",
            "ladder coding/repair",
            "-    return a - b",
            "  tests: ",
        ):
            assert told in said.out
    assert "person is to look at attempt 1" in said.out
    assert len(listed(project)) == 2
    assert (project / "calc.py").read_text() == WRONG


ENDINGS = [("yes", 0, 0), ("no", 1, 0), ("hm", 2, 1)]


@pytest.mark.parametrize(("typed", "status", "left"), ENDINGS)
def test_a_run_that_ended_in_review_is_accepted_or_rejected(tmp_path, project, typed, status, left):
    run = in_review(project, rules(tmp_path / "specs", {"w": SPOIL}, exhausted="review"))
    with terminal("review", run[:20], "--repo", project) as person:
        shown = person.reads("Accept it, and write it to the project?")
        assert "+    return a * b + 1\n" in shown
        assert "  tests: fail\n" in shown
        person.reads(QUESTION)
        person.types(f"{typed}\n")
        assert person.ended() == status
    assert len(listed(project)) == left
    assert ((project / "calc.py").read_text() == WRONG) == (typed != "yes")
    answers = [(a.about, a.answer, a.channel) for a in of(project, ApprovalRecord)]
    assert answers == ([] if left else [("review", typed, "terminal")])
    again = rungbook("review", run, "--repo", project)
    assert again.status == (2 if left else 66)
    assert ("applied to the project" in rungbook("why", run, "--repo", project).out) == (
        typed == "yes"
    )


@pytest.mark.slow
def test_accepted_to_a_branch(tmp_path, project):
    run = in_review(project, rules(tmp_path / "specs", {"w": SPOIL}, exhausted="review"))
    with terminal("review", run, "--branch", "odd", "--repo", project) as person:
        person.reads("Accept it, and commit it to branch odd?")
        person.types("yes\n")
        assert person.ended() == 0
    assert (project / "calc.py").read_text() == WRONG
    assert "a * b + 1" in git(project, "show", "odd:calc.py")
    assert not listed(project)


@pytest.mark.slow
def test_days_later_beside_another_process_the_rules_gone(tmp_path, project):
    specs = rules(tmp_path / "specs", {"good": FIX}, verify=LOOK)
    run = parked(project, specs)
    shutil.rmtree(specs)
    slow = rules(tmp_path / "slow", {"slow": "sleep 4713.5"})
    with started("run", "x", "--repo", project, "--specs", slow) as live:
        until(lambda: len(holding("4713.5")) > 1)
        with terminal("review", run, "--repo", project, "--branch", "later") as person:
            person.reads(QUESTION)
            person.types("yes\n")
            assert person.ended() == 0
        assert live.process.poll() is None
        live.send(signal.SIGINT)
        assert live.ended().status == 1
    assert git(project, "show", "later:calc.py") == RIGHT.strip()


@pytest.mark.slow
def test_colours_on_a_terminal_that_wants_them(tmp_path, project, monkeypatch):
    run = in_review(project, rules(tmp_path / "specs", {"w": SPOIL}, exhausted="review"))
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    with terminal("review", run, "--repo", project) as person:
        shown = person.reads(QUESTION)
        person.types("no\n")
        person.ended()
    assert "\x1b[31m-    return a - b\x1b[0m" in shown
    assert shown.count("return a - b") == 1  # what was shown is not shown again
    piped = rungbook("review", "--json", run, "--repo", project)
    assert "\x1b" not in piped.out


def test_one_run_for_programs(tmp_path, project):
    run = in_review(project, rules(tmp_path / "specs", {"w": SPOIL}, exhausted="review"))
    said = rungbook("review", run, "--json", "--repo", project)
    told = json.loads(said.out)
    assert said.status == 2
    assert (told["run"], told["attempt"], told["waiting"]["what"]) == (run, 1, "review")
    assert [c["verdict"] for c in told["checks"]] == ["fail"]
    assert "+    return a * b + 1" in told["diff"]


def test_people_are_told_who_failed_and_why(tmp_path, project):
    """Who of a race, why an attempt came to nothing, and not all of a long task in the list."""
    race = {"name": "race", "race": ["one", "two"]}
    rungs = [{"name": "idle", "model": "idle"}, race]
    workers = {"idle": "true", "one": SPOIL, "two": SPOIL}
    specs = rules(tmp_path / "specs", workers, rungs, exhausted="review")
    said = rungbook("run", "Sums " + "are wrong " * 300, "--repo", project, "--specs", specs)
    assert "    tests of one: fail, " in said.err
    assert "    tests of two: fail, " in said.err
    why = rungbook("why", "last", "--repo", project).out
    assert "  attempt 1: unusable, it changed nothing\n" in why
    shown = rungbook("review", "--repo", project).out
    assert max(map(len, shown.splitlines())) < 250
    assert "are wrong" in shown


@pytest.mark.slow
def test_the_list_fits_the_terminal(tmp_path, project, monkeypatch):
    specs = rules(tmp_path / "specs", {"w": SPOIL}, exhausted="review")
    for _ in range(2):
        rungbook("run", f"Sums {'are wrong ' * 30}", "--repo", project, "--specs", specs)
    monkeypatch.setenv("COLUMNS", "80")
    with terminal("review", "--repo", project) as person:
        shown = person.reads("rungbook review RUN").splitlines()
        assert person.ended() == 0
    rows = [line for line in shown if line.startswith("0")]
    runs = [waits["run"] for waits in listed(project)]
    assert max(map(len, shown)) <= 80
    assert [run.startswith(row.split()[0]) for run, row in zip(runs, rows, strict=True)] == 2 * [
        True
    ]
    named = rows[1].split()[0]
    assert json.loads(rungbook("review", named, "--json", "--repo", project).out)["run"] == runs[1]
