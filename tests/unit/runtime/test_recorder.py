"""Records of whole runs: without a gap, and the run is what they say."""

import threading
from dataclasses import replace
from datetime import datetime

import pytest

from fakes.outcomes import attempt
from fakes.runs import Kept, first, validators, world
from fakes.worlds import a_plan, dice, plan
from rungbook.errors import NotFound, StateFailed
from rungbook.interpret.climb.plan import Lane, Step
from rungbook.interpret.climb.words import (
    Answered,
    Ask,
    Attempt,
    Attempted,
    Check,
    Checked,
    End,
    Leave,
    Stopped,
)
from rungbook.ports import Reply
from rungbook.records import ApprovalRecord, AttemptRecord, CheckRecord, PlanRecord, RunRecord
from rungbook.runtime.outcome import outcome
from rungbook.runtime.recorder import Recorder, said_in
from rungbook.runtime.standing import event_of, first_of, plan_of, standing
from rungbook.store.journal import Journal
from rungbook.store.reading import read

RUN = "01RVN0000000000000000000AA"
TRY = Attempt(3, "r", 2, "a", "q6", ((1, "tests"),), 0.5, None)
CHECK = Check(4, 3, "tests", "j", 0.1)
ASK = Ask(2, "spend", "r", 1.5)


def drawn(seed):
    chance = dice(seed)
    return replace(a_plan(chance), validators=validators()), world(seed)


@pytest.fixture
def recorder(tmp_path):
    with Journal(tmp_path / "state") as journal:
        yield Recorder(journal, RUN)


def test_numbers_have_no_gap_when_threads_write(recorder, tmp_path):
    def write():
        for n in range(40):
            recorder.write(attempt(RUN, 0, n))

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = read(tmp_path / "state", RUN)
    assert [r.seq for r in kept] == list(range(1, 241))
    assert [(r.seq, r.n) for r in kept] == [(r.seq, r.n) for r in recorder.written]
    assert len({r.id for r in kept}) == 240


def test_a_record_that_was_refused_leaves_no_gap(recorder, tmp_path):
    recorder.write(attempt(RUN, 0))
    with pytest.raises(StateFailed):
        recorder.write(attempt(RUN, 0, error="x" * 9_000_000))
    recorder.write(attempt(RUN, 0))
    assert [r.seq for r in read(tmp_path / "state", RUN)] == [1, 2]


@pytest.mark.parametrize(
    ("write", "event"),
    [
        (lambda r, e: r.attempt(TRY, e, {}), Attempted(3, 4.25, "lost", 0.5)),
        (lambda r, e: r.attempt(TRY, e, {"error": "no"}), Attempted(3, 4.25, "unreachable", 0.0)),
        (lambda r, e: r.check(CHECK, e, {"excerpt": "E"}), Checked(4, 5.5, "unproved", 0.1)),
        (lambda r, e: r.check(CHECK, e, {}), Checked(4, 5.5, "cancelled", 0.1)),
        (lambda r, e: r.answer(ASK, e, said_in(Reply(True, "a", "t"))), Answered(2, 1.5, True)),
        (lambda r, e: r.answer(ASK, e, said_in(Reply(False, "a", "t"))), Answered(2, 1.5, False)),
        (lambda r, e: r.answer(ASK, e, {}), Answered(2, 1.5, False)),
        (lambda r, e: r.stopped(e), Stopped(9.0)),
    ],
)
def test_an_event_comes_back_from_its_record(recorder, tmp_path, write, event):
    write(recorder, event)
    (kept,) = read(tmp_path / "state", RUN)
    assert event_of(kept) == event


def test_what_a_person_said_of_a_change_is_no_event(recorder):
    recorder.looked(4, 1.0, ("check", "person"), Reply(True, "ann", "terminal", "nice"))
    (kept,) = recorder.written
    assert isinstance(kept, ApprovalRecord)
    assert (kept.about, kept.answer, kept.who, kept.note) == ("check", "yes", "ann", "nice")
    assert event_of(kept) is None


def test_an_attempt_that_never_ran_says_what_it_would_have_been_kept_in_by(recorder):
    first(recorder, plan(Step("r", (Lane("a"),))))
    recorder.attempt(TRY, Attempted(3, 1.0, "lost", 0.5), {})
    assert recorder.written[-1].isolation == "none"


@pytest.mark.parametrize("seed", range(40))
def test_a_run_is_its_records(seed, tmp_path):
    """The plan comes back as it was, the events bring out the end, the row follows from both."""
    the_plan, the_world = drawn(seed)
    kept = Kept(tmp_path / "state")
    kept.begin(the_plan)
    kept.approver.answers = [True] * 99
    end = kept.go(the_world)
    records = kept.records()
    at = standing(records)
    assert at.plan == the_plan
    assert at.end == end
    assert not at.open
    row = kept.row
    said = outcome(records[:-1], the_plan, end, at.left)
    assert {name: getattr(row, name) for name in said} == said
    usd = sum(r.usd for r in records if isinstance(r, AttemptRecord | CheckRecord))
    assert row.usd == pytest.approx(usd)
    assert [w.rung for w in row.rungs_left] == [w.rung for w in at.left]
    assert row.latency_ms == 1000 * max(
        (r.work_s for r in records if isinstance(r, AttemptRecord | CheckRecord)), default=0.0
    )


def test_a_new_run_is_told_of_the_rungs_that_are_barred(recorder):
    dear = Step("dear", (Lane("a", 9.0),), barred="does-not-pay")
    first(recorder, plan(dear, Step("r", (Lane("b"),))))
    begins = [Leave("dear", "does-not-pay"), Attempt(1, "r", 1, "b", None, (), 0.0, None)]
    assert standing(recorder.written).due == begins
    recorder.attempt(begins[1], Attempted(1, 1.0, "ok"), {})
    assert standing(recorder.written).due == [Check(2, 1, "p", None, 0.0)]


def test_a_run_ends_once(recorder):
    the_plan = plan(Step("r", (Lane("a"),)))
    first(recorder, the_plan)
    recorder.attempt(TRY, Attempted(3, 1.0, "ok", 0.5), {"tampered": True})
    left = (Leave("q", "declined"),)
    row = recorder.end(the_plan, End("pass", "passed", 3, True), left, applied=True)
    again = recorder.end(the_plan, End("skip", "stopped"), (), applied=False)
    assert again is row
    assert sum(isinstance(r, RunRecord) for r in recorder.written) == 1
    assert (row.worker, row.attempts, row.usd, row.tampered, row.applied) == (
        "a",
        1,
        0.5,
        True,
        True,
    )
    assert isinstance(row.timestamp, datetime)


def test_records_of_another_version_are_told_as_such(recorder):
    the_plan = plan(Step("r", (Lane("a"),)))
    good = first(recorder, the_plan)
    assert plan_of(replace(good, plan={**good.plan, "new_key": 1})) == the_plan
    with pytest.raises(StateFailed, match="not one of this version"):
        plan_of(replace(good, plan={"rungs": []}))
    with pytest.raises(StateFailed, match="'dreamt' is no word"):
        standing([good, attempt(RUN, 2, 1, result="dreamt")])
    with pytest.raises(StateFailed, match="contradict"):
        standing([good, attempt(RUN, 2, 7)])
    with pytest.raises(NotFound):
        first_of([attempt(RUN, 1)])
    assert isinstance(first_of([good]), PlanRecord)
