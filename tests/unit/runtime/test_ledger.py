"""Money: held before, settled after, never overdrawn, and never paid twice."""

import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fakes.runs import Kept, draw, ledger, validators
from fakes.worlds import World, checked, ok, plan
from rungbook.interpret.climb.plan import Lane, Step
from rungbook.interpret.climb.words import Attempt, Attempted, Check, Checked
from rungbook.records import AttemptRecord, CheckRecord, SpendRecord
from rungbook.runtime.drive import Done
from rungbook.runtime.ledger import Ledger
from rungbook.store.journal import Journal
from rungbook.store.reading import read, spent

TODAY = datetime.now(UTC).strftime("%Y-%m-%d")


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path) as journal:
        yield journal


def test_what_is_held_counts_until_it_is_settled(tmp_path, journal):
    book = ledger(tmp_path, journal, usd_day=1.0)
    assert book.hold(1, 0.6)
    assert spent(tmp_path, TODAY, "/p") == 0.6
    assert not book.hold(2, 0.6)
    book.settle(1, 0.1)
    assert spent(tmp_path, TODAY, "/p") == 0.1
    assert book.hold(2, 0.6)
    book.settle(9, 0.5)
    assert spent(tmp_path, TODAY, "/p") == pytest.approx(0.7)


def test_what_costs_nothing_leaves_no_trace(tmp_path, journal):
    book = ledger(tmp_path, journal, usd_day=0.0)
    assert book.hold(1, 0.0)
    book.settle(1, 0.0)
    assert not read(tmp_path, "A")


def test_cents_add_up(tmp_path, journal):
    book = ledger(tmp_path, journal, usd_day=0.3)
    assert book.hold(1, 0.1)
    assert book.hold(2, 0.2)
    assert not book.hold(3, 0.01)


def test_each_project_has_its_own_day(tmp_path, journal):
    assert ledger(tmp_path, journal, usd_day=1.0).hold(1, 1.0)
    assert ledger(tmp_path, journal, "B", usd_day=1.0, project="/q").hold(1, 1.0)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_processes_together_do_not_overdraw(tmp_path, method):
    context = multiprocessing.get_context(method)
    start, taken = context.Barrier(3), context.Queue()
    processes = [
        context.Process(target=draw, args=(tmp_path, f"R{n}", start, taken)) for n in range(3)
    ]
    for process in processes:
        process.start()
    assert sum(taken.get(timeout=60) for _ in processes) == 10
    for process in processes:
        process.join(timeout=60)
    assert spent(tmp_path, TODAY, "/p") == pytest.approx(1.0)


PAID = replace(
    plan(Step("r", (Lane("a", 0.5, "j", 0.25),), 2), verify=(("q",),)),
    judges=("q",),
    validators=validators(),
)


class Killed(Exception):
    """Stands for kill -9: nothing after it is written."""


def dies_at(kind, when, paid):
    """A world whose engine dies in that kind of work, before or after it was paid."""

    async def does(decision):
        if isinstance(decision, kind) and when == "before":
            raise Killed
        paid.append(decision.id)
        if isinstance(decision, kind):
            raise Killed
        return ok(decision) if isinstance(decision, Attempt) else checked(decision, "pass")

    return World(does=does)


def goes_well(paid):
    async def does(decision):
        paid.append(decision.id)
        if isinstance(decision, Attempt):
            return Done(Attempted(decision.id, 0.0, "ok", 0.1))
        return Done(Checked(decision.id, 0.0, "pass", 0.05))

    return World(does=does)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_paid_attempt_is_not_made_twice(tmp_path, when):
    kept, paid = Kept(tmp_path), []
    kept.begin(PAID)
    with pytest.raises(BaseExceptionGroup) as caught:
        kept.go(dies_at(Attempt, when, paid))
    assert caught.group_contains(Killed)
    assert spent(tmp_path, TODAY) == 0.5
    assert kept.go(goes_well(paid)).outcome == "pass"
    assert paid.count(1) == (when == "after")
    attempts = [r for r in kept.records() if isinstance(r, AttemptRecord)]
    assert [(r.result, r.usd) for r in attempts] == [("lost", 0.5), ("ok", 0.1)]
    assert spent(tmp_path, TODAY) == pytest.approx(0.65)
    assert kept.row.usd == pytest.approx(0.65)
    assert kept.row.attempts == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_paid_judgement_is_not_asked_for_twice(tmp_path, when):
    kept, paid = Kept(tmp_path), []
    kept.begin(PAID)
    with pytest.raises(BaseExceptionGroup):
        kept.go(dies_at(Check, when, paid))
    end = kept.go(goes_well(paid))
    assert (end.outcome, end.because) == ("review", "check-broken")
    (check,) = (r for r in kept.records() if isinstance(r, CheckRecord))
    assert (check.verdict, check.usd) == ("error", 0.25)
    assert paid.count(check.n) == (when == "after")
    assert spent(tmp_path, TODAY) == pytest.approx(0.75)


def test_a_free_judgement_that_was_lost_is_asked_for_again(tmp_path):
    kept, paid = Kept(tmp_path), []
    free = replace(PAID, steps=(Step("r", (Lane("a", 0.5, "j", 0.0),), 2),))
    kept.begin(free)
    with pytest.raises(BaseExceptionGroup):
        kept.go(dies_at(Check, "after", paid))
    assert kept.go(goes_well(paid)).outcome == "pass"


def test_what_was_recorded_but_not_settled_is_settled_by_the_next(tmp_path, monkeypatch):
    """Also when that record was the last thing the run waited for."""
    kept, paid = Kept(tmp_path), []
    kept.begin(replace(PAID, verify=(), unproved="accept"))
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "settle", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(BaseExceptionGroup):
            kept.go(goes_well(paid))
    assert spent(tmp_path, TODAY) == 0.5
    assert kept.go(goes_well(paid)).outcome == "pass"
    assert paid == [1]
    assert spent(tmp_path, TODAY) == 0.1
    spends = [r for r in kept.records() if isinstance(r, SpendRecord)]
    assert [(r.n, r.settled_usd) for r in spends] == [(1, None), (1, 0.1)]


def test_a_day_that_is_used_up_is_no_failed_attempt(tmp_path):
    kept, paid = Kept(tmp_path), []
    kept.begin(replace(PAID, usd_day=0.4))
    end = kept.go(goes_well(paid))
    assert (end.outcome, end.because, paid) == ("skip", "budget", [])
    assert kept.row.attempts == 0
