"""Any plan in any world: a climb ends, within its bounds, and its events bring it out again."""

import random
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rungbook.interpret.climb.climb import climb
from rungbook.interpret.climb.plan import Lane, Plan, Step
from rungbook.interpret.climb.why import explain
from rungbook.interpret.climb.words import (
    WORKED,
    Answered,
    Ask,
    Attempt,
    Attempted,
    Cancel,
    Check,
    Checked,
    End,
    Leave,
    Stopped,
)
from rungbook.interpret.replay import open_decisions, replay

money = st.sampled_from([0.0, 0.0, 0.01, 0.3])
lanes = st.builds(Lane, st.sampled_from("abcd"), money, st.sampled_from([None, "j"]), money)
barred = st.sampled_from([None, None, None, "does-not-pay"])
groups = st.sampled_from(["p", "p qs", "pqs", "p q s", "pq", ""]).map(
    lambda written: tuple(tuple(group) for group in written.split())
)


def plans(most_lanes):
    """Plans of up to four rungs, each with up to that many lanes."""
    races = st.lists(lanes, min_size=1, max_size=most_lanes, unique_by=lambda lane: lane.model)
    step = st.tuples(races.map(tuple), st.integers(1, 3), barred)
    return st.builds(
        Plan,
        ladder=st.just("l"),
        steps=st.lists(step, min_size=1, max_size=4).map(
            lambda steps: tuple(Step(f"r{i}", *of) for i, of in enumerate(steps))
        ),
        verify=groups,
        judges=st.sampled_from([(), ("p",), ("q", "s")]),
        exhausted=st.sampled_from(["skip", "review"]),
        unproved=st.sampled_from(["accept", "next-rung", "review"]),
        confirm_above_usd=st.sampled_from([None, 0.0, 0.2]),
        attempts=st.sampled_from([1, 3, 8, None]),
        seconds=st.sampled_from([5.0, 60.0, None]),
        usd=st.sampled_from([0.0, 0.5, 2.0, None]),
    )


RESULTS = ("unusable", "lost", "unreachable", "overflow", "budget")
VERDICTS = ("fail", "error", "unproved", "not-applicable")
WORLDS = (None, None, None, *RESULTS, *VERDICTS, "no", "dear", "stop")
worlds = st.sampled_from(WORLDS)
seeds = st.integers(0, 2**32)


def dice(*seed):
    """The same throws for the same seed."""
    return random.Random(repr(seed))  # noqa: S311


def ceiling(plan):
    """The most events a run of the plan can take: each question, attempt, check, and a stop."""
    checks = sum(map(len, plan.verify))
    return 1 + sum(1 + s.attempts * len(s.lanes) * (1 + checks) for s in plan.steps)


def answer(asked, at, cancelled, world, chance):
    """What this world says to a decision; a constant world says the same to all."""
    share = 1.0 if world == "dear" else chance.choice([0.0, 0.5, 1.0])
    if isinstance(asked, Ask):
        return Answered(asked.id, at, world != "no" and (bool(world) or chance.random() < 0.7))
    stop = cancelled and chance.random() < 0.7
    if isinstance(asked, Attempt):
        dull = world if world in RESULTS else "ok" if world else None
        result = dull or chance.choice(["ok"] * 5 + list(RESULTS))
        return Attempted(asked.id, at, "cancelled" if stop else result, share * asked.usd_most)
    dull = world if world in VERDICTS else chance.choice(["pass", "fail"]) if world else None
    verdict = dull or chance.choice(["pass"] * 4 + list(VERDICTS))
    return Checked(asked.id, at, "cancelled" if stop else verdict, share * asked.usd_most)


def live(plan, seed, world=None, events=()):
    """(decisions, events) of a run whose decisions are answered in any order, after `events`."""
    chance, flow, events = dice(seed), climb(plan), list(events)
    told = list(replay(flow, events))
    said = [d for _, decisions in told for d in decisions]
    waiting = {d.id: d for d in open_decisions(told) if not isinstance(d, Cancel)}
    cancelled = {d.id for d in said if isinstance(d, Cancel)}
    at = events[-1].at if events else 0.0
    while not isinstance(said[-1] if said else None, End):
        assert waiting, "nothing is open, and it does not end"
        at += 3 * chance.random()
        if chance.random() < (0.2 if world == "stop" else 0.01) and len(events) < ceiling(plan) - 1:
            event = Stopped(at)
        else:
            asked = waiting.pop(chance.choice(sorted(waiting)))
            event = answer(asked, at, asked.id in cancelled, world, chance)
        events.append(event)
        new = flow.send(event)
        said += new
        cancelled |= {d.id for d in new if isinstance(d, Cancel)}
        waiting |= {d.id: d for d in new if isinstance(d, Attempt | Check | Ask)}
        stops = sum(isinstance(e, Stopped) for e in events)
        assert len(events) - stops <= ceiling(plan) - 1, "more answers than the plan has questions"
    assert not waiting, "the end, with work open"
    return said, events


class Run:
    """A run that has ended, looked at from the side."""

    def __init__(self, plan, said, events):
        self.plan, self.said, self.events = plan, said, events
        self.end = said[-1]
        self.steps = {s.name: s for s in plan.steps}
        self.attempts = {d.id: d for d in said if isinstance(d, Attempt)}
        self.checks = {d.id: d for d in said if isinstance(d, Check)}
        self.asks = {d.id: d for d in said if isinstance(d, Ask)}
        self.heard = {e.id: e for e in events if not isinstance(e, Stopped)}

    def verdicts(self, attempt):
        checks = [c for c in self.checks.values() if c.attempt == attempt]
        return {c.validator: self.heard[c.id].verdict for c in checks}

    def worked(self):
        return [a for a in self.attempts.values() if self.heard[a.id].result in WORKED]

    def law_of_answers(self):
        asked = [*self.attempts, *self.checks, *self.asks]
        assert sorted(asked) == sorted(self.heard) == list(range(1, len(asked) + 1))
        assert [type(d) for d in self.said].count(End) == 1
        cancels = Counter(d.id for d in self.said if isinstance(d, Cancel))
        assert set(cancels.values()) <= {1}

    def law_of_bounds(self):
        assert len(self.worked()) <= (self.plan.attempts or len(self.worked()))
        spent = 0.0
        for i, event in self.heard.items():
            lost = getattr(event, "result", "") == "lost"
            spent += self.attempts[i].usd_most if lost else getattr(event, "usd", 0.0)
        assert self.plan.usd is None or spent <= self.plan.usd + 1e-9
        for name, step in self.steps.items():
            tried = [a for a in self.attempts.values() if a.rung == name]
            assert len(tried) <= step.attempts * len(step.lanes)
            rounds = {a.round for a in tried}
            assert rounds == set(range(1, 1 + len(rounds)))
            assert not (tried and step.barred)
        for attempt in self.attempts.values():
            assert (attempt.seconds_most is None) == (self.plan.seconds is None)
            assert attempt.seconds_most is None or attempt.seconds_most > 0

    def law_of_rungs(self):
        left = [d.rung for d in self.said if isinstance(d, Leave)]
        assert left == list(self.steps)[: len(left)], "rungs are left in order"
        entered = dict.fromkeys(a.rung for a in self.attempts.values())
        assert set(entered) <= {*left, *list(self.steps)[len(left) : len(left) + 1]}

    def law_of_asking(self):
        above = self.plan.confirm_above_usd
        asked = Counter(a.subject for a in self.asks.values())
        assert set(asked.values()) <= {1}
        for name in {a.rung for a in self.attempts.values()}:
            step = self.steps[name]
            if above is not None and self.plan.round_usd(step) * step.attempts > above + 1e-9:
                (ask,) = [a for a in self.asks.values() if a.subject == name]
                assert self.heard[ask.id].yes

    def law_of_judges(self):
        lanes = {(s.name, lane.model): lane for s in self.plan.steps for lane in s.lanes}
        for check in self.checks.values():
            attempt = self.attempts[check.attempt]
            lane = lanes[attempt.rung, attempt.model]
            judge = lane.checker if check.validator in self.plan.judges else None
            assert check.model == judge != attempt.model

    def law_of_feedback(self):
        for attempt in self.attempts.values():
            told = []
            for before in self.attempts.values():
                if (before.rung, before.round) != (attempt.rung, attempt.round - 1):
                    continue
                if self.heard[before.id].result == "unusable":
                    told.append((before.id, "answer"))
                verdicts = self.verdicts(before.id).items()
                told += ((before.id, v) for v, verdict in verdicts if verdict == "fail")
            assert attempt.feedback == tuple(sorted(told))

    def law_of_failure(self):
        """A failed check stops its group; a broken one stops the climb."""
        order = {e.id: n for n, e in enumerate(self.events) if not isinstance(e, Stopped)}
        cancelled = {d.id for d in self.said if isinstance(d, Cancel)}
        for check in self.checks.values():
            verdict, of = self.heard[check.id].verdict, self.attempts[check.attempt]
            if verdict == "fail":
                rest = {c.id for c in self.checks.values()
                        if c.attempt == of.id and order[c.id] > order[check.id]}  # fmt: skip
                assert rest <= cancelled
            if verdict == "error" and "fail" not in self.verdicts(of.id).values():
                later = [a for a in self.attempts.values() if a.id > check.id]
                assert not later, "climbed on a broken check"

    def law_of_winning(self):
        if self.end.outcome != "pass":
            assert not self.end.proved
            return
        verdicts = self.verdicts(self.end.attempt)
        assert self.heard[self.end.attempt].result == "ok"
        assert set(verdicts) == {v for group in self.plan.verify for v in group}
        assert set(verdicts.values()) <= {"pass", "unproved", "not-applicable"}
        assert self.end.proved == ("pass" in verdicts.values())
        assert self.end.proved or self.plan.unproved == "accept"
        assert self.end.because == ("passed" if self.end.proved else "unproved")


def obeys_every_law(plan, said, events):
    run = Run(plan, said, events)
    for law in [getattr(run, name) for name in dir(run) if name.startswith("law_")]:
        law()


@settings(max_examples=2000, deadline=None)
@given(plans(3), seeds, worlds)
def test_every_world_ends_lawfully(plan, seed, world):
    obeys_every_law(plan, *live(plan, seed, world))


@settings(max_examples=500, deadline=None)
@given(plans(3), seeds, st.data())
def test_live_is_replay_and_every_prefix_resumes(plan, seed, data):
    said, events = live(plan, seed)
    assert [d for _, ds in replay(climb(plan), events) for d in ds] == said
    cut = data.draw(st.integers(0, len(events)))
    resumed, more = live(plan, seed + 1, None, events[:cut])
    assert more[:cut] == events[:cut]
    obeys_every_law(plan, resumed, more)


def patient(plan, order, seed, world):
    """A run whose answers are the same in any order, but for checks that were cancelled."""
    flow, at = climb(plan), 0.0
    said = list(next(flow))
    waiting = {d.id: d for d in said if isinstance(d, Attempt | Check | Ask)}
    while waiting:
        at += 1.0
        asked = waiting.pop(order.choice(sorted(waiting)))
        cancelled = Cancel(asked.id) in said
        event = answer(asked, at, False, world, dice(seed, asked.id))
        if cancelled:
            event = replace(event, verdict="cancelled")
        new = flow.send(event)
        said += new
        waiting |= {d.id: d for d in new if isinstance(d, Attempt | Check | Ask)}
    return said


@settings(max_examples=500, deadline=None)
@given(plans(1), seeds, seeds, worlds)
def test_without_races_the_order_of_answers_means_nothing(plan, order, seed, world):
    def shape(said):
        kept = [d for d in said if not isinstance(d, Check | Cancel)]
        return [replace(d, feedback=()) if isinstance(d, Attempt) else d for d in kept]

    one = patient(plan, dice(order), seed, world)
    other = patient(plan, dice(order + 1), seed, world)
    assert shape(one) == shape(other)


@settings(max_examples=150, deadline=None)
@given(plans(3), seeds, st.data())
def test_why_tells_of_every_answer_and_of_what_is_open(plan, seed, data):
    _, events = live(plan, seed)
    events = events[: data.draw(st.integers(0, len(events)))]
    lines = explain(plan, events)
    told = Counter(line.what for line in lines)
    answers = sum(not isinstance(e, Stopped) for e in events)
    heard = [x for x in lines if x.what in ("attempt", "check", "ask") and x.said != "open"]
    assert len(heard) == answers
    now = [d for _, ds in replay(climb(plan), events) for d in ds]
    assert told["leave"] == sum(isinstance(d, Leave) for d in now)
    assert told["end"] == sum(isinstance(d, End) for d in now)
    waiting = [d for d in open_decisions(replay(climb(plan), events)) if not isinstance(d, Cancel)]
    assert sum(line.said == "open" for line in lines) == len(waiting)
