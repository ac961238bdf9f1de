"""Bad input ends in a plain error and leaves nothing behind; what stands in the state is found."""

import shutil
from dataclasses import replace
from pathlib import Path

import anyio
import orjson
import pytest

import rungbook
from fakes.ladders import FIX, RIGHT, Does, resumed, rules, shop, solved, writes
from fakes.live import left_in, state
from fakes.projects import written
from fakes.repos import snapshot
from fakes.worlds import Person
from rungbook.errors import Conflict, NotFound, SpecsBroken, StateFailed, UsageError
from rungbook.models.scripted import Cast, ScriptedWorker
from rungbook.records import RunRecord
from rungbook.runtime import engine
from rungbook.runtime.engine import Request
from rungbook.runtime.folders import Folders
from rungbook.runtime.recorder import Recorder

GOOD = writes({"calc.py": RIGHT})


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")


@pytest.fixture
def asked(tmp_path):
    specs = rules(tmp_path / "specs", {"w": "true"})
    return Request("Sums are wrong", shop(tmp_path / "shop"), specs)


def test_a_project_that_is_none(tmp_path, asked):
    file = written(tmp_path, {"file": ""}) / "file"
    for repo in (tmp_path / "nowhere", file):
        with pytest.raises(NotFound, match="there is no folder"):
            solved(replace(asked, repo=repo), GOOD)


def test_broken_specs_are_told_by_their_place(asked):
    (asked.specs / "Model.yaml").write_text("apiVersion: rungbook/v1\nkind: Model\nspecs: {w: 1}\n")
    with pytest.raises(SpecsBroken, match=r"Model\.yaml:3:\d+: ") as caught:
        solved(asked, GOOD)
    assert caught.value.status == 65
    assert caught.value.next_step.startswith("rungbook check ")


@pytest.mark.parametrize(
    ("wrong", "error", "told"),
    [
        ({"type": "repar"}, UsageError, "repair"),
        ({"matrix": "codin"}, NotFound, "coding"),
        ({"specs": Path("/nowhere")}, NotFound, "--specs"),
        ({"test": ""}, UsageError, "--test"),
        ({"test": "'"}, UsageError, "quote"),
    ],
)
def test_wrong_names_are_told_with_the_right_ones(asked, wrong, error, told):
    with pytest.raises(error) as caught:
        solved(replace(asked, **wrong), GOOD)
    assert told in caught.value.next_step
    assert not left_in(asked.repo)


def test_a_state_folder_that_cannot_be(tmp_path, asked, monkeypatch):
    for place in ("state", "work", "artifacts"):
        kept = tmp_path / f"kept-{place}"
        if place == "state":
            kept.write_text("")
        else:
            written(kept, {place: ""})
        with pytest.raises((StateFailed, BaseExceptionGroup)) as caught:
            solved(replace(asked, state=kept), GOOD)
        error = caught.value
        if isinstance(error, BaseExceptionGroup):
            assert caught.group_contains(StateFailed)
        else:
            assert error.status == 74


def test_two_runs_at_once_share_a_project(asked):
    async def both():
        ended = []

        async def one():
            stop = anyio.Event()
            silent = lambda *_: None  # noqa: E731
            ended.append(await engine.solve(asked, Person(), silent, stop, providers=Cast(GOOD)))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one)
            tasks.start_soon(one)
        return ended

    first, second = anyio.run(both)
    assert first.end.proved
    assert second.end.proved
    assert first.run != second.run
    assert not left_in(asked.repo)


def test_a_run_is_found_by_its_beginning(asked):
    runs = [solved(asked, GOOD).run for _ in range(2)]
    assert engine.records("last", asked.repo)[0] == runs[-1]
    assert engine.records(runs[0].lower(), asked.repo)[0] == runs[0]
    with pytest.raises(NotFound, match="2 runs begin with"):
        engine.records(runs[0][:3], asked.repo)
    for name in ("zzz", "", "../.."):
        with pytest.raises(NotFound):
            engine.records(name, asked.repo)
    with pytest.raises(NotFound, match="has ended"):
        resumed(runs[0], asked.repo, GOOD)
    assert not engine.waiting(asked.repo)


def test_nothing_is_known_of_a_project_that_never_ran(tmp_path):
    assert not engine.waiting(tmp_path)
    with pytest.raises(NotFound):
        engine.why("last", tmp_path)
    assert not state(tmp_path).exists()


def test_junk_among_the_sandboxes_is_neither_listed_nor_touched(asked):
    work = state(asked.repo) / "work"
    solved(asked, GOOD)
    written(work, {"a file": "", "folder/x": "", "locked/lock": "", "nest/lock/x": ""})
    before = snapshot(work)
    assert not engine.waiting(asked.repo)
    solved(asked, GOOD)
    assert snapshot(work) == before


def test_records_of_another_version(asked):
    """Columns that are not known yet are passed over; a plan that cannot be followed is told."""
    run = solved(asked, GOOD).run
    for path in state(asked.repo).glob("journal/*/0*.ndjson"):
        rows = map(orjson.loads, path.read_bytes().splitlines())
        path.write_bytes(b"".join(orjson.dumps(row | {"new": {"x": 1}}) + b"\n" for row in rows))
    _, lines, _ = engine.why(run, asked.repo)
    assert lines[-1].said == "pass"
    kept = state(asked.repo)
    shutil.rmtree(kept)
    fixture = Path(rungbook.__file__).parents[2] / "tests" / "fixtures" / "state-v1"
    shutil.copytree(fixture, kept)
    with pytest.raises(StateFailed, match="not one of this version"):
        engine.why("last", asked.repo)


def test_a_run_that_cannot_be_followed_is_listed_all_the_same(asked):
    with pytest.raises(BaseExceptionGroup):
        solved(asked, Does(lambda tree: 1 / 0))
    (plans,) = state(asked.repo).glob("journal/plans/0*.ndjson")
    row = orjson.loads(plans.read_bytes()) | {"plan": {"steps": 1}}
    plans.write_bytes(orjson.dumps(row) + b"\n")
    (waits,) = engine.waiting(asked.repo)
    assert "not one of this version" in waits.on


def test_an_engine_that_failed_can_go_on(asked):
    with pytest.raises(BaseExceptionGroup):
        solved(asked, Does(lambda tree: 1 / 0))
    (waits,) = engine.waiting(asked.repo)
    assert waits.on == "its engine stopped; it can go on"
    assert resumed(waits.run, asked.repo, GOOD).end.proved
    assert not left_in(asked.repo)


def test_what_was_written_before_a_crash_is_not_written_twice(asked, monkeypatch):
    """The engine dies after the change is in the user's tree, before it could say so."""

    def dies(*_, **__):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "end", dies)
        with pytest.raises(MemoryError):
            solved(replace(asked, apply=True), GOOD)
    assert (asked.repo / "calc.py").read_text() == RIGHT
    (waits,) = engine.waiting(asked.repo)
    ended = resumed(waits.run, asked.repo, GOOD, apply=True)
    assert ended.applied
    (row,) = (r for r in engine.records("last", asked.repo)[1] if isinstance(r, RunRecord))
    assert row.applied
    assert not list(asked.repo.glob(".rungbook*"))


def test_sandboxes_of_an_ended_run_are_swept_up_by_the_next(asked, monkeypatch):
    run = solved(asked, GOOD).run
    Folders(state(asked.repo), run).make()
    assert not engine.waiting(asked.repo)
    solved(asked, GOOD)
    assert not left_in(asked.repo)


def test_one_engine_a_run(tmp_path):
    folders = Folders(tmp_path / "state", "R")
    with pytest.raises(NotFound), folders.mine():
        pass
    folders.make()
    assert not folders.under_way()
    with folders.mine():
        assert folders.under_way()
        with pytest.raises(Conflict), folders.mine():
            pass
    assert not folders.under_way()


def test_the_command_of_a_model_is_its_worker(asked, tmp_path):
    specs = rules(tmp_path / "commands", {"w": FIX})

    async def run():
        return await engine.solve(
            replace(asked, specs=specs), Person(), lambda *_: None, anyio.Event()
        )

    assert anyio.run(run).end.proved


def test_the_untouched_tree_is_asked_about_the_files_that_changed(tmp_path):
    specs = rules(tmp_path / "specs", {"one": "true", "two": "true"}, verify=["good"])
    project = shop(tmp_path / "shop", {"a.txt": "good\n", "b.txt": "bad\n"})
    worker = ScriptedWorker(({"a.txt": "worse\n"}, {"b.txt": "good\n"}))
    ended = solved(Request("b is bad", project, specs), worker)
    assert (ended.end.outcome, ended.end.because, ended.end.proved) == ("pass", "passed", True)
