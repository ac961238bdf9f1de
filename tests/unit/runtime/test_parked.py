"""What waits for somebody is listed until it is answered, and can be looked at."""

from pathlib import Path

import anyio
import pytest

from fakes.ladders import RIGHT, WRONG, Does, resumed, rules, shop, solved, writes
from fakes.live import state
from fakes.projects import written
from fakes.repos import git
from fakes.worlds import Person
from rungbook.errors import Conflict, NotFound
from rungbook.records import ApplyRecord, ApprovalRecord
from rungbook.runtime import engine
from rungbook.runtime.engine import Request, Settled
from rungbook.runtime.folders import Folders

GOOD = writes({"calc.py": RIGHT})
BAD = writes({"calc.py": "def add(a, b):\n    return 5\n"})
PAID = {"line": "true", "most": {"usd": 0.25}}
NOT_ASKED = {"confirm": {"above": {"usd": 9}}}


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")


@pytest.fixture
def project(tmp_path):
    return shop(tmp_path / "shop")


def request(project: Path, *, model: object = "true", text: str = "Sums", **ladder: object):
    specs = rules(project.parent / f"specs-{text}", {"w": model}, **ladder)
    return Request(text, project, specs)


def in_review(project: Path, worker: Does = BAD, **how: object) -> str:
    """The id of a run none of whose rungs held."""
    ended = solved(request(project, exhausted="review", **how), worker)
    assert ended.end.outcome == "review"
    return ended.run


def answered(project: Path, *answers: bool, run: str = "last", branch: str = "") -> Settled:
    async def go() -> Settled:
        return await engine.answer(run, project, Person(list(answers)), branch=branch)

    return anyio.run(go)


def listed(project: Path) -> list[str]:
    return [one.what for one in engine.waiting(project)]


def test_each_kind_is_listed_the_newest_first(project):
    asked = solved(request(project, text="one", verify=("tests", "person")), GOOD).run
    with pytest.raises(BaseExceptionGroup):
        solved(request(project, text="two"), Does(lambda tree: 1 / 0))
    review = in_review(project, text="three", model=PAID, **NOT_ASKED)
    solved(request(project, text="four"), GOOD)
    found = engine.waiting(project)
    assert [(w.task, w.what) for w in found] == [
        ("three", "review"),
        ("two", "interrupted"),
        ("one", "asked"),
    ]
    assert (found[0].run, found[2].run) == (review, asked)
    assert found[2].on == "person is to look at attempt 1"
    assert found[0].on == "a look: no rung held"
    assert [w.usd for w in found] == [0.25, 0.0, 0.0]


def test_a_run_under_way_does_not_wait(project):
    run = solved(request(project, verify=("tests", "person")), GOOD).run
    with Folders(state(project), run).mine():
        assert not engine.waiting(project)
        assert engine.look(run, project).waiting is None
    assert listed(project) == ["asked"]


def test_what_is_seen_before_an_answer(project):
    in_review(project)
    seen = engine.look("last", project)
    assert seen.attempt == 1
    assert "+    return 5" in seen.diff
    assert [(c.validator, c.verdict) for c in seen.checks] == [("tests", "fail")]
    assert seen.lines[-1] == "tests: fail"
    assert seen.waiting == engine.waiting(project)[0]
    with pytest.raises(NotFound):
        engine.look("zzz", project)


def test_a_rejected_run_leaves_the_list(project):
    in_review(project)
    settled = answered(project, False)
    assert (settled.written, settled.why_not) == (None, "ann said no")
    assert not listed(project)
    assert (project / "calc.py").read_text() == WRONG
    (said,) = (r for r in engine.records("last", project)[1] if isinstance(r, ApprovalRecord))
    assert (said.about, said.subject, said.answer, said.n) == ("review", "failed", "no", 1)


@pytest.mark.parametrize("branch", ["", "fix"])
def test_an_accepted_run_is_applied_and_leaves_the_list(project, branch):
    in_review(project)
    assert answered(project, True, branch=branch).written
    assert not listed(project)
    five = "def add(a, b):\n    return 5\n"
    assert (project / "calc.py").read_text() == (WRONG if branch else five)
    if branch:
        assert git(project, "show", "fix:calc.py") == five.strip()
        assert "w made it. Not proved. Accepted by ann." in git(project, "log", "-1", "fix")
    records = engine.records("last", project)[1]
    assert [type(r) for r in records[-2:]] == [ApprovalRecord, ApplyRecord]
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    assert records[-1].channel == "test"


def test_who_does_not_answer_changes_nothing(project):
    in_review(project)
    assert answered(project).asks
    assert listed(project) == ["review"]


def test_accepted_and_in_conflict_it_waits_on(project):
    in_review(project)
    written(project, {"calc.py": "mine\n"})
    with pytest.raises(Conflict):
        answered(project, True)
    assert listed(project) == ["review"]
    written(project, {"calc.py": WRONG})
    assert answered(project, True).written
    assert not listed(project)


def test_what_was_applied_and_taken_back_was_answered(project):
    in_review(project)
    answered(project, True)

    async def undo() -> Settled:
        return await engine.apply("last", project, Person(), undo=True)

    assert anyio.run(undo).written
    assert not listed(project)


@pytest.mark.parametrize(("yes", "left"), [(True, []), (False, ["review"])])
def test_where_there_is_no_change_it_can_only_be_rejected(project, yes, left):
    in_review(project, Does(lambda tree: None))
    seen = engine.look("last", project)
    assert (seen.attempt, seen.diff) == (None, "")
    assert answered(project, yes).written is None
    assert listed(project) == left


def test_what_runs_unasked_is_said_in_the_question(project):
    in_review(project, writes({".envrc": "evil\n"}))
    person = Person([False])

    async def ask() -> Settled:
        return await engine.answer("last", project, person)

    anyio.run(ask)
    (question,) = person.questions
    assert question.about == "review"
    assert "it touches .envrc" in question.text
    assert "+evil" in question.lines


def test_a_run_that_is_answered_goes_on_and_leaves_the_list(project):
    run = solved(request(project, verify=("tests", "person")), GOOD).run
    assert resumed(run, project, GOOD, True).end.proved
    assert not listed(project)


def test_the_list_of_many(project):
    """One look at each stream, whatever the number of runs that ended in review."""
    runs = [in_review(project) for _ in range(3)]
    assert [w.run for w in engine.waiting(project)] == runs[::-1]
    answered(project, False, run=runs[1])
    assert [w.run for w in engine.waiting(project)] == [runs[2], runs[0]]
