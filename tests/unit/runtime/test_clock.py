"""The clock counts work, and nothing else."""

import anyio

from fakes.runs import Kept, validators, world
from fakes.worlds import checked, ok, plan
from rungbook.interpret.climb.plan import Lane, Step
from rungbook.interpret.climb.words import Attempt
from rungbook.ports import Reply
from rungbook.records import CheckRecord
from rungbook.runtime.clock import WorkClock


class Time:
    """Stands still until it is told."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_waiting_is_not_counted():
    time = Time()
    clock = WorkClock(time=time)
    assert clock.now() == 0.0
    with clock.working():
        time.now += 2
        assert clock.now() == 2.0
    time.now += 1000
    assert clock.now() == 2.0
    with clock.working():
        time.now += 3
    assert clock.now() == 5.0


def test_work_at_once_counts_once():
    time = Time()
    clock = WorkClock(before=10.0, time=time)
    with clock.working():
        time.now += 1
        with clock.working():
            time.now += 1
        time.now += 1
    assert clock.now() == 13.0


def test_a_person_who_takes_long_costs_no_time(tmp_path):
    """Neither on a question nor, over two processes, on a check."""

    class Slow:
        async def ask(self, question):
            await anyio.sleep(0.4)
            return Reply(True, "ann", "test")

    async def does(decision):
        return ok(decision) if isinstance(decision, Attempt) else checked(decision, "pass")

    lanes = (Lane("a", 0.1),)
    the_plan = plan(Step("r", lanes), verify=(("p",), ("s",)), validators=validators())
    kept = Kept(tmp_path)
    kept.begin(the_plan)
    assert kept.go(world(does=does)) is None
    before = kept.records()[-1].work_s
    kept.approver = Slow()
    assert kept.go(world(does=does)).outcome == "pass"
    *_, looked, _ = kept.records()
    assert isinstance(looked, CheckRecord)
    assert looked.work_s - before < 0.3
    assert looked.excerpt == "ann said yes"
