"""A plan says who works, who judges, what it can cost, and what was passed over, and why."""

from collections import Counter
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rungbook.compiler.load import builtin, load
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.resolve import Task, choose_checker, resolve, upper
from rungbook.records import Rate
from rungbook.rulebook.matchers import ALWAYS
from rungbook.rulebook.matrix import Budget, EscalationMatrix, Ladder, Rung
from rungbook.rulebook.model import Model, Price, Provider, Variant
from rungbook.rulebook.snapshot import Rulebook
from rungbook.rulebook.tables import Row, Table, table
from rungbook.rulebook.validator import Judge, Parse, Validator

PROVIDER = Provider("ollama", "m")
TASK = Task("run-1", "Fix it", "t", tokens=1000)


def model(name: str, tier: int = 0, family: str = "f", **more: Any) -> Model:
    return Model(name, "small", **{"provider": PROVIDER, "tier": tier, "family": family} | more)


def checker(use: str) -> Table:
    return Table((Row(ALWAYS, use),))


def book(
    *models: Model, wanted: str = "none", rungs: Any = None, verify: Any = (("said",),), **more: Any
) -> Rulebook:
    """A rulebook of one ladder, `m/t`, with a rung for each model."""
    rungs = rungs or tuple(Rung(m.name, (m.name,)) for m in models)
    who = more.pop("checker", checker(wanted))
    ladder = Ladder("t", rungs, verify, who, **more)
    validators = {
        "said": Validator("said", Judge("p")),
        "also": Validator("also", Judge("p")),
        "syntax": Validator("syntax", Parse()),
    }
    names = [f"Model/{m.name}" for m in models] + [f"Validator/{v}" for v in validators]
    names += ["EscalationMatrix/m", "EscalationMatrix/m/t", "TaskTaxonomy/x"]
    return Rulebook(
        id="0",
        models={m.name: m for m in models},
        taxonomies={},
        validators=validators,
        matrices={"m": EscalationMatrix("m", "x", who, {"t": ladder})},
        hashes={name: f"hash of {name}" for name in names},
        prompts={"p": "Judge {{ task }}"},
    )


def plan(rulebook: Rulebook, task: Task = TASK, rates: Any = None) -> Plan:
    return resolve(rulebook, "m", task, rates)


models = st.lists(
    st.builds(
        model,
        st.sampled_from("abcdefgh"),
        st.integers(0, 4),
        st.sampled_from(["f", "g", "h"]),
        provider=st.sampled_from([PROVIDER, PROVIDER, None]),
        price=st.sampled_from([Price(), Price(1, 5), Price(3, 15)]),
        output_tokens=st.just(1000),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda m: m.name,
)


@settings(deadline=None)
@given(models, st.sampled_from(["same-tier", "next-tier", "a"]))
def test_nobody_judges_its_own_work(models: list[Model], wanted: str) -> None:
    names = {m.name: m for m in models}
    if wanted == "a" and not (names.get("a") and names["a"].can_judge):
        return
    made = plan(book(*models, wanted=wanted))
    for step, worker in zip(made.steps, models, strict=True):
        others = [m for m in models if m.can_judge and m is not worker]
        if not others:
            assert step.barred == "no-checker"
            assert step.lanes == ()
            continue
        (lane,) = step.lanes
        assert lane.checker in {m.name for m in others}
        if wanted == "a" and worker.name != "a":
            assert lane.checker == "a"
        else:
            fits(worker, names[lane.checker or ""], others, wanted != "same-tier")


def fits(worker: Model, chosen: Model, others: list[Model], above: bool) -> None:
    """At or above the tier if anybody is, of another family if that can be; else the strongest."""
    tier = {m.name: m.tier or 0 for m in [*others, worker]}
    high = [m for m in others if tier[m.name] >= tier[worker.name] + above]
    if not high:
        assert tier[chosen.name] == max(tier[m.name] for m in others)
    else:
        assert chosen in high
        if strangers := [m for m in high if m.family != worker.family]:
            assert chosen in strangers
            assert chosen.price.output == min(m.price.output for m in strangers)


def test_same_tier_is_preferred_where_prices_are_equal() -> None:
    there = {m.name: m for m in (model("w", 1), model("up", 2, "g"), model("same", 1, "h"))}
    assert choose_checker(there, there["w"], "same-tier") == there["same"]
    assert choose_checker(there, there["w"], "next-tier") == there["up"]
    assert choose_checker(there, there["w"], "none") is None


def test_without_a_checker_judges_are_not_asked() -> None:
    made = plan(book(model("a"), verify=(("syntax", "said"), ("also",))))
    assert made.verify == (("syntax",),)
    assert made.judges == ()
    assert made.notes == (
        "said: not asked, row 1 of `checker` says none",
        "also: not asked, row 1 of `checker` says none",
    )
    assert [v.name for v in made.validators] == ["syntax"]


def test_a_checker_is_looked_up_by_every_fact_of_the_task() -> None:
    rows = [
        {"when": {"task.files": {"gt": 3}}, "use": "b"},
        {"when": {"complexity.band": "hard"}, "use": "c"},
        {"use": "none"},
    ]
    made, problems = table(rows, (), ("task", "score", "type"))
    assert problems == []
    rulebook = book(model("a"), model("b"), model("c"), checker=made)

    def judged(task: Task) -> str | None:
        return plan(rulebook, task).steps[0].lanes[0].checker

    assert judged(replace(TASK, facts={"task.files": 4})) == "b"
    assert judged(replace(TASK, band="hard")) == "c"
    assert judged(TASK) is None


def test_the_bound_of_a_lane() -> None:
    cheap = model("a", price=Price(1, 10), output_tokens=2000, input_tokens=0)
    dear = model("b", 1, "g", price=Price(2, 20), output_tokens=1000, input_tokens=500)
    made = plan(book(cheap, dear, wanted="next-tier", verify=(("said",), ("also",))))
    (lane,) = made.steps[0].lanes
    assert (lane.usd, lane.checker, lane.checker_usd) == (0.021, "b", 0.023)
    assert made.round_usd(made.steps[0]) == pytest.approx(0.021 + 2 * 0.023)


def test_a_task_too_long_for_a_model_is_passed_over() -> None:
    race = (Rung("r", ("a", "b")), Rung("s", ("a",)))
    made = plan(book(model("a", context_tokens=999), model("b"), rungs=race))
    assert [[lane.model for lane in step.lanes] for step in made.steps] == [["b"], []]
    assert [step.barred for step in made.steps] == [None, "overflow"]
    told = "a takes 999 tokens, the task has 1000"
    assert made.notes[1:] == (f"r: {told}", f"s: {told}")
    assert [m.name for m in made.models] == ["b"]


@pytest.mark.parametrize(
    ("worth", "rate", "barred"),
    [
        (2.0, Rate(won=0, tried=200), "does-not-pay"),
        (2.0, Rate(won=100, tried=200), None),
        (2.0, Rate(won=0, tried=1), None),
        (2.0, None, None),
        (None, Rate(won=0, tried=200), None),
    ],
)
def test_a_rung_that_cannot_pay_is_passed_over(worth: Any, rate: Any, barred: Any) -> None:
    dear = model("a", price=Price(0, 100), output_tokens=1000)
    rates = {("t", "a"): rate} if rate else {}
    made = plan(book(dear, worth_usd=worth), rates=rates)
    assert made.steps[0].barred == barred
    assert (f"a won {0} of 200" in " ".join(made.notes)) is (barred is not None)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_record_bounds_the_rate_from_above(won: int, lost: int) -> None:
    rate = upper(Rate(won=won, tried=won + lost))
    assert won / max(1, won + lost) - 1e-9 <= rate <= 1 + 1e-9
    assert upper(Rate(won=0, tried=0)) == 1


def test_variants_are_drawn_by_share_and_stay() -> None:
    shared = model("a", variants=(Variant("x", 0.1, "i"), Variant("y", 0.3, "j")))
    rulebook = book(shared)

    def drawn(i: int) -> str | None:
        return plan(rulebook, replace(TASK, id=f"run-{i}")).steps[0].lanes[0].variant

    runs = 2000
    count = Counter(drawn(i) for i in range(runs))
    assert count["x"] / runs == pytest.approx(0.1, abs=0.03)
    assert count["y"] / runs == pytest.approx(0.3, abs=0.04)
    assert [drawn(i) for i in range(50)] == [drawn(i) for i in range(50)]


def test_a_plan_names_the_hash_of_every_part() -> None:
    made = plan(book(model("a"), model("b", 1, "g"), wanted="next-tier", budget=Budget(attempts=3)))
    assert {(p.part, p.hash) for p in made.parts} == {
        (name, f"hash of {name}")
        for name in (
            "EscalationMatrix/m/t",
            "TaskTaxonomy/x",
            "Model/a",
            "Model/b",
            "Validator/said",
        )
    }
    assert made.attempts == 3


@pytest.mark.parametrize("kind", ["quick-edit", "standard-development", "critical"])
def test_a_plan_of_the_built_in_ladders_is_small(kind: str) -> None:
    rulebook = load([builtin()]).rulebook
    assert rulebook
    made = resolve(rulebook, "coding", Task("run", "x", kind, 9, "complex", 2000))
    size = len(orjson.dumps(made))
    print(f"\n{kind}: a plan of {size} bytes")
    assert size < 9000  # more than half of it is the text of prompts
    assert all(p.hash == rulebook.hashes[p.part] for p in made.parts)
    assert resolve(rulebook, "coding", Task("run", "x", kind, 9, "complex", 2000)) == made
