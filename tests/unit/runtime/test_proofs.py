"""Checks of a real change: what a judge is asked, what its word costs and counts, what is kept."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from fakes.ladders import RIGHT, WRONG, rules, shop
from fakes.projects import written
from fakes.repos import repository
from fakes.worlds import Person
from rungbook.checks import judge
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import Check, Checked
from rungbook.models.scripted import Cast, ScriptedChat, ScriptedWorker
from rungbook.ports import Answer
from rungbook.records import AttemptRecord, CheckRecord, PlanRecord, Record, RunRecord
from rungbook.rulebook.model import Model, Price, Provider
from rungbook.rulebook.validator import Check as Checks
from rungbook.rulebook.validator import Judge, Regex, Schema, Validator
from rungbook.runtime import engine
from rungbook.runtime.drive import Done
from rungbook.runtime.engine import Request
from rungbook.runtime.proofs import Proofs
from rungbook.runtime.recorder import Recorder
from rungbook.runtime.sandboxes import Sandboxes
from rungbook.store.journal import Journal
from rungbook.workspace.trees import Trees

PROMPT = (
    "TASK {{ task }}\n{{ diff }}\n{% for c in checks %}{{ c.validator }}={{ c.verdict }} "
    "{% endfor %}{% for f in files %}[{{ f.path }}|{{ f.text }}]{% endfor %}"
)
BOUND = 0.25
SURE = (("gt", 0.8),)


def says(meets: bool, confidence: float, reasoning: str = "Because.") -> str:
    return json.dumps({"reasoning": reasoning, "meets": meets, "confidence": confidence})


def answered(text: str, **more: Any) -> Answer:
    return Answer("ok", text, tokens_in=700, tokens_out=40, usd=0.002, **more)


@contextmanager
def proofs(
    tmp_path: Path,
    check: Checks,
    change: dict[str, str],
    chat: ScriptedChat | None = None,
    **model: Any,
) -> Iterator[Proofs]:
    """Proofs of one attempt, 7, that wrote `change` over a project."""
    repo = repository(tmp_path / "repo", {"calc.py": WRONG, "a.json": "{}"})
    trees = Trees.create(repo, tmp_path / "work")
    sandboxes = Sandboxes(trees, (), "none")
    written(trees.attempt(7), change)
    sandboxes.harvest(7)
    checker = Model("j", "small", Provider("ollama", "j"), price=Price(1, 1), **model)
    validator = Validator("v", check, confidence=0.6, timeout_s=20.0)
    plan = Plan(
        "l", (), (("v",),), models=(checker,), validators=(validator,), prompts={"p": PROMPT}
    )
    with Journal(tmp_path / "state") as journal:
        recorder = Recorder(journal, "RUN")
        first = recorder.write(a_plan_record(recorder))
    yield Proofs(
        plan, first, sandboxes, Cast(ScriptedWorker(({},)), chat or ScriptedChat(())), None
    )
    trees.close()


def a_plan_record(recorder: Recorder) -> PlanRecord:
    told: dict[str, Any] = dict.fromkeys(("rulebook", "surface", "ladder", "base_tree"), "x")
    told |= {"project": "/p", "task_type": "t", "complexity": 1.0, "confidence": 1.0}
    told |= {"features": {}, "isolation": "none", "plan": {}, "tokens": 100}
    return PlanRecord(**recorder.envelope(), description="Repair the sum", **told)


def make(made: Proofs, records: Sequence[Record] = ()) -> tuple[Checked, dict[str, Any]]:
    async def go() -> Done:
        return await made.make(Check(9, 7, "v", "j", BOUND), records)

    done = anyio.run(go)
    assert isinstance(done.event, Checked)
    return done.event, done.detail


def a_check(attempt: int, validator: str, verdict: str) -> CheckRecord:
    known: dict[str, Any] = {"ts": None, "run": "RUN", "seq": 1, "work_s": 0.0, "latency_ms": 0.0}
    return CheckRecord(
        **known, n=1, attempt=attempt, validator=validator, verdict=verdict, confidence=1.0
    )


def test_a_judge_is_asked_for_the_task_the_change_and_what_others_said(tmp_path: Path) -> None:
    chat = ScriptedChat((answered(says(True, 0.9)),))
    known = [a_check(7, "syntax", "pass"), a_check(7, "tests", "unproved"), a_check(3, "x", "fail")]
    with proofs(tmp_path, Judge("p", SURE), {"calc.py": RIGHT, "b": "\0"}, chat) as made:
        event, detail = make(made, known)
    (asked,) = chat.asked
    assert asked.text.startswith("TASK Repair the sum\ndiff --git a/b b/b\n")
    assert "\n-    return a - b\n+    return a + b\n" in asked.text
    assert asked.text.endswith(f"syntax=pass tests=unproved [calc.py|{RIGHT}]")
    assert (asked.schema, asked.seconds, asked.key) == (judge.SCHEMA, 20.0, "RUN-9")
    assert (event.id, event.verdict, event.usd) == (9, "pass", 0.002)
    assert detail["confidence"] == 0.9
    assert (detail["tokens_in"], detail["tokens_out"]) == (700, 40)
    assert detail["excerpt"] == "it does what the task asks (0.9 sure)\nBecause."
    assert detail["latency_ms"] > 0


@pytest.mark.parametrize(
    ("answer", "verdict", "usd", "confidence", "said"),
    [
        (answered(says(True, 0.8)), "fail", 0.002, 0.8, "only 0.8 sure, not gt 0.8\nBecause."),
        (answered(says(False, 0.99)), "fail", 0.002, 0.99, "does not do what the task asks"),
        (answered("Looks good!"), "error", 0.002, 0.6, "no JSON object in it\nLooks good!"),
        (Answer("ok", says(True, 1)), "pass", BOUND, 1.0, "1 sure"),
        (Answer("unusable", "{", error="cut off"), "error", BOUND, 0.6, "cut off"),
        (Answer("unreachable", error="refused", usd=0.0), "error", 0.0, 0.6, "refused"),
        (Answer("unreachable", error="timed out"), "error", BOUND, 0.6, "timed out"),
    ],
)
def test_what_it_says_and_what_that_cost(
    tmp_path: Path, answer: Answer, *, verdict: str, usd: float, confidence: float, said: str
) -> None:
    with proofs(tmp_path, Judge("p", SURE), {"calc.py": RIGHT}, ScriptedChat((answer,))) as made:
        event, detail = make(made)
    assert (event.verdict, event.usd, detail["confidence"]) == (verdict, usd, confidence)
    assert said in detail["excerpt"]


def test_nobody_is_asked_of_a_change_that_is_too_long_to_read(tmp_path: Path) -> None:
    chat = ScriptedChat((answered(says(True, 1)),))
    with proofs(tmp_path, Judge("p"), {"a": "x\n" * 3000}, chat, input_tokens=500) as made:
        event, detail = make(made)
    assert not chat.asked
    assert (event.verdict, event.usd) == ("error", 0.0)
    assert detail["excerpt"].endswith(" tokens, and the judge 600")


@pytest.mark.parametrize(
    ("check", "change", "verdict", "baseline", "said"),
    [
        (Regex(finds="a [+] b"), {"calc.py": RIGHT}, "pass", "fail", "found in each file"),
        (Regex(lacks="return"), {"calc.py": RIGHT}, "fail", "fail", "calc.py:2: return a + b"),
        (Regex(lacks="print"), {"calc.py": RIGHT}, "unproved", "pass", "before the change too"),
        (
            Regex(lacks="x", files=("*.md",)),
            {"calc.py": RIGHT},
            "not-applicable",
            "not-applicable",
            "nothing",
        ),
        (
            Schema(("*.json",), {"required": ["a"]}),
            {"a.json": '{"a": 1}', "calc.py": RIGHT},
            "pass",
            "fail",
            "the files are valid",
        ),
        (
            Schema(("*.json",), {"required": ["a"]}),
            {"b.json": '{"b": 1}'},
            "fail",
            "not-applicable",
            'b.json: "a" is a required property',
        ),
    ],
)
def test_changed_files_are_looked_into_beside_those_of_the_base(
    tmp_path: Path, check: Checks, change: dict[str, str], *, verdict: str, baseline: str, said: str
) -> None:
    with proofs(tmp_path, check, change) as made:
        event, detail = make(made)
    assert event.verdict == verdict
    assert detail["baseline"] == baseline
    assert said in detail["excerpt"]


def test_a_retry_is_told_what_the_judge_missed(tmp_path: Path, monkeypatch: Any) -> None:
    """A whole run: the checker is another model, and its reasons are what the next try hears."""
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")
    checker = {"provider": {"type": "ollama", "id": "j"}, "price": {"input": 1, "output": 10}}
    specs = rules(
        tmp_path / "specs",
        {"w": {"line": "true", "class": "small"}, "j": {**checker, "output_tokens": 1000}},
        [{"name": "only", "model": "w", "attempts": 2}],
        verify=["tests", "meets"],
        checker="j",
        confirm={"above": {"usd": 1}},
    )
    worker = ScriptedWorker(({"calc.py": RIGHT}, {"calc.py": RIGHT, "b.py": "b = 1\n"}))
    chat = ScriptedChat((answered(says(False, 0.7, "There is no b.")), answered(says(True, 0.9))))
    request = Request("Sum, and a b", shop(tmp_path / "shop"), specs)

    async def run() -> engine.Ended:
        stop = anyio.Event()
        return await engine.solve(
            request, Person(), lambda *_: None, stop, providers=Cast(worker, chat)
        )

    ended = anyio.run(run)
    assert (ended.end.outcome, ended.end.proved) == ("pass", True)
    _, records = engine.records(ended.run, request.repo)
    judged = [r for r in records if isinstance(r, CheckRecord) and r.validator == "meets"]
    assert [(r.model, r.verdict, r.confidence, r.usd) for r in judged] == [
        ("j", "fail", 0.7, 0.002),
        ("j", "pass", 0.9, 0.002),
    ]
    (failure,) = worker.jobs[1].failures
    assert failure.validator == "meets"
    assert failure.said.endswith("There is no b.")
    assert len({chat.key for chat in chat.asked}) == 2
    (row,) = (r for r in records if isinstance(r, RunRecord))
    assert (row.worker, row.checker, row.usd) == ("w", "j", 0.004)
    assert row.tokens_in == 1400
    assert sum(isinstance(r, AttemptRecord) for r in records) == 2
