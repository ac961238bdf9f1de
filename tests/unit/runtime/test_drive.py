"""The driver in worlds of any order: what is recorded is all that a run is."""

import anyio
import pytest

from fakes.worlds import World, a_plan, checked, climbed, dice, ok, plan
from rungbook.errors import StateFailed
from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Lane, Step
from rungbook.interpret.climb.words import (
    Answered,
    Ask,
    Attempt,
    Attempted,
    Cancel,
    Check,
    Checked,
    Stopped,
)
from rungbook.interpret.replay import replay

TWO = Step("r", (Lane("a", 0.5), Lane("b", 0.5)))
ONE = Step("r", (Lane("a"),))


def assert_recorded(the_plan, world, before=()):
    """The records alone bring out what was said, each decision right after the event it needs."""
    told = list(replay(climb(the_plan), [*before, *world.events]))[len(before) :]
    fresh = [d for _, said in (told[1:] if before else told) for d in said]
    resumed = len(world.said) - len(fresh)  # what was open is said again
    assert world.said[resumed:] == fresh
    heard = -1
    for what, word in world.log[resumed:]:
        if what == "closed":
            heard += 1
        elif not before:
            assert word in told[heard + 1][1]


@pytest.mark.parametrize("seed", range(300))
def test_live_is_replay(seed):
    chance = dice(seed)
    the_plan = a_plan(chance)
    world = World(chance)
    stop_after = chance.randint(0, 40) if chance.random() < 0.3 else None
    end = climbed(the_plan, world, stop_after=stop_after)
    assert end is world.said[-1]
    assert not world.under_way
    assert_recorded(the_plan, world)
    assert len(world.began) == len(set(world.began))


@pytest.mark.parametrize("seed", range(150))
def test_a_parked_run_goes_on_to_an_end(seed):
    chance = dice(seed)
    the_plan = a_plan(chance)
    events = []
    for absent in (1.0, 0.6, 0.6, 0.0):
        world = World(chance, absent=absent, time=events[-1].at if events else 0.0)
        end = climbed(the_plan, world, events)
        assert not world.under_way
        assert_recorded(the_plan, world, events)
        events += world.events
        if end:
            break
    assert end
    assert end == list(replay(climb(the_plan), events))[-1][1][-1]


@pytest.mark.parametrize("seed", range(100))
def test_a_run_that_dies_anywhere_goes_on(seed):
    chance = dice(seed)
    the_plan = a_plan(chance)
    world = World(chance)
    climbed(the_plan, world)
    events = world.events[: chance.randint(0, max(0, len(world.events) - 1))]
    after = World(chance, time=events[-1].at if events else 0.0)
    end = climbed(the_plan, after, events)
    assert end == list(replay(climb(the_plan), [*events, *after.events]))[-1][1][-1]
    assert not after.under_way


def test_the_loser_of_a_race_is_cancelled_and_counts_at_its_bound():
    called_off = []

    async def does(decision):
        if isinstance(decision, Check):
            return checked(decision, "pass")
        if decision.model == "a":
            return ok(decision)
        try:
            await anyio.sleep_forever()
        finally:
            called_off.append(decision.model)

    world = World(does=does)
    end = climbed(plan(TWO), world)
    assert (end.outcome, end.attempt) == ("pass", 1)
    assert called_off == ["b"]
    assert [(e.id, e.result, e.usd) for e in world.events if hasattr(e, "result")][-1] == (
        2,
        "cancelled",
        0.5,
    )


def test_what_ended_before_it_heard_of_its_cancel_is_heard_as_it_ended():
    ready = anyio.Event()

    async def does(decision):
        if isinstance(decision, Check):
            return checked(decision, "pass")
        if decision.model == "a":
            ready.set()
            return ok(decision)
        await ready.wait()
        with anyio.CancelScope(shield=True):
            for _ in range(30):
                await anyio.sleep(0)
        return ok(decision)

    world = World(does=does)
    assert climbed(plan(TWO), world).attempt == 1
    assert Cancel(2) in world.said
    assert next(e for e in world.events if e.id == 2).result == "ok"


def test_a_run_parks_when_all_else_is_done():
    async def does(decision):
        if isinstance(decision, Attempt):
            return ok(decision)
        if decision.validator == "person":
            return None
        for _ in range(20):
            await anyio.sleep(0)
        return checked(decision, "pass")

    world = World(does=does)
    assert climbed(plan(ONE, verify=(("person", "slow"),)), world) is None
    assert [type(e) for e in world.events] == [Attempted, Checked]
    assert world.events[-1].verdict == "pass"


@pytest.mark.parametrize("late", [False, True])
def test_a_question_that_waits_for_a_person_can_be_cancelled(late):
    """Also one whose asker finds nobody there only after it was cancelled."""

    async def does(decision):
        if isinstance(decision, Attempt):
            return ok(decision)
        if decision.validator == "person":
            with anyio.CancelScope(shield=True):
                for _ in range(40 if late else 0):
                    await anyio.sleep(0)
            return None
        for _ in range(10):
            await anyio.sleep(0)
        return checked(decision, "fail")

    world = World(does=does)
    end = climbed(plan(ONE, verify=(("person", "q"),)), world)
    assert end.outcome == "skip"
    assert [e.verdict for e in world.events if isinstance(e, Checked)] == ["fail", "cancelled"]


def test_a_stop_is_heard_first_and_then_what_it_cost():
    async def does(decision):
        await anyio.sleep_forever()

    world = World(does=does)
    end = climbed(plan(TWO), world, stop_after=20)
    assert (end.outcome, end.because) == ("skip", "stopped")
    assert isinstance(world.events[0], Stopped)
    assert sorted((e.id, e.result, e.usd) for e in world.events[1:]) == [
        (1, "cancelled", 0.5),
        (2, "cancelled", 0.5),
    ]


def test_a_stop_calls_a_question_off():
    async def does(decision):
        assert isinstance(decision, Ask)
        await anyio.sleep_forever()

    world = World(does=does)
    end = climbed(plan(TWO, confirm_above_usd=0.0), world, stop_after=20)
    assert end.because == "stopped"
    assert [type(e) for e in world.events] == [Stopped, Answered]
    assert not world.events[1].yes


def test_a_failure_ends_the_run_and_leaves_what_was_recorded():
    """Nothing is swallowed, nothing that was under way is recorded, and the run can go on."""
    fails = True

    async def does(decision):
        if isinstance(decision, Check):
            return checked(decision, "pass")
        if decision.round == 1 and decision.model == "a":
            return ok(decision)
        if fails:
            raise StateFailed("the disk is full")
        return ok(decision)

    the_plan = plan(Step("r", (Lane("a"), Lane("b"))), verify=(("p",),))
    world = World(does=does)
    with pytest.raises(BaseExceptionGroup) as caught:
        climbed(the_plan, world)
    assert caught.group_contains(StateFailed, match="the disk is full")
    assert not world.under_way
    assert_recorded(the_plan, world)
    fails = False
    after = World(does=does)
    assert climbed(the_plan, after, world.events).outcome == "pass"


def test_what_could_not_be_written_down_is_not_said_to_the_ladder():
    class Full(World):
        async def closed(self, decision, done):
            raise StateFailed("the disk is full")

    world = Full()
    with pytest.raises(BaseExceptionGroup) as caught:
        climbed(plan(ONE), world)
    assert caught.group_contains(StateFailed)
    assert [type(d) for d in world.said] == [Attempt]
    assert not world.events
