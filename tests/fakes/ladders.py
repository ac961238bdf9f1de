"""A broken project and rules to repair it by: workers are lines of shell that a test writes."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from fakes.projects import written
from fakes.repos import repository
from fakes.worlds import Person
from rungbook.models.scripted import Cast
from rungbook.ports import Job, Worked, Worker
from rungbook.runtime import engine
from rungbook.runtime.engine import Ended, Request

WRONG = "def add(a, b):\n    return a - b\n"
RIGHT = "def add(a, b):\n    return a + b\n"
TEST = (
    "import unittest\n\nfrom calc import add\n\n\nclass Sums(unittest.TestCase):\n"
    "    def test_sum(self):\n        self.assertEqual(add(2, 2), 4)\n"
)
FILES = {"calc.py": WRONG, "tests/__init__.py": "", "tests/test_calc.py": TEST}

FIX = "printf 'def add(a, b):\\n    return a + b\\n' > calc.py"
"""Repairs the project."""

SPOIL = "printf 'def add(a, b):\\n    return a * b + 1\\n' > calc.py"
"""Changes it, and it is still broken."""

CHECKS = {
    "tests": {"check": {"tests": {"run": "auto"}}, "confidence": 0.9},
    "good": {"check": {"command": {"run": ["grep", "-q", "good", "{files}"]}}, "confidence": 0.9},
    "meets": {
        "check": {"judge": {"prompt": "judge-binary"}},
        "confidence": 0.8,
        "timeout": {"seconds": 3},
    },
    "person": {"check": {"person": {"ask": "Is it good?"}}, "confidence": 1},
}

Models = Mapping[str, str | dict[str, Any]]


def shop(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """A project in git whose test fails."""
    return repository(folder, {**FILES, **(files or {})})


def rules(
    folder: Path,
    models: Models,
    rungs: Sequence[Mapping[str, Any]] = (),
    *,
    verify: Sequence[str] = ("tests",),
    **ladder: Any,
) -> Path:
    """A folder of specs: each model a line of shell (`most` and `class` beside it where it is a
    mapping; a chat model where that has a `provider`), a rung each unless some are given."""
    specs = {name: _model(model) for name, model in models.items()}
    steps = rungs or [{"name": name, "model": name} for name in models]
    terms = {"files": {"per": "task.files", "each": 1, "max": 4}}
    taxonomy = {"complexity": {"range": [0, 10], "terms": terms}, "types": [{"name": "repair"}]}
    repair = {"rungs": list(steps), "verify": list(verify), "exhausted": "skip", **ladder}
    kinds = {
        "Model": specs,
        "TaskTaxonomy": {"tasks": taxonomy},
        "Validator": {name: CHECKS[name] for name in verify},
        "EscalationMatrix": {"coding": {"taxonomy": "tasks", "ladders": {"repair": repair}}},
    }
    files = {
        f"{kind}.yaml": json.dumps({"apiVersion": "rungbook/v1", "kind": kind, "specs": body})
        for kind, body in kinds.items()
    }
    return written(folder, files)


def _model(model: str | dict[str, Any]) -> dict[str, Any]:
    given = {"line": model} if isinstance(model, str) else dict(model)
    if "provider" in given:
        return {"class": "small", "family": given["provider"]["id"], "tier": 1, **given}
    command = ["sh", "-c", given.pop("line")]
    by_model = {"family": "f", "tier": 1} if given.get("class", "tool") != "tool" else {}
    return {"worker": {"command": command}, "class": "tool", **by_model, **given}


@dataclass(slots=True)
class Does:
    """A worker that does to its tree what a test says."""

    change: Callable[[Path], object]

    async def work(self, job: Job) -> Worked:
        """Do it."""
        self.change(job.box.tree)
        return Worked("ok")


def writes(files: Mapping[str, str]) -> Does:
    """A worker that writes files."""
    return Does(lambda tree: written(tree, files))


def solved(request: Request, worker: Worker, *answers: bool) -> Ended:
    """The request's run in this process, with one worker for all rungs and a person's answers."""

    async def run() -> Ended:
        person, stop = Person(list(answers)), anyio.Event()
        return await engine.solve(request, person, _silent, stop, providers=Cast(worker))

    return anyio.run(run)


def resumed(run: str, repo: Path, worker: Worker, *answers: bool, apply: bool = False) -> Ended:
    """A run that goes on in this process."""

    async def go() -> Ended:
        person, stop = Person(list(answers)), anyio.Event()
        return await engine.go_on(
            run, repo, person, _silent, stop, apply=apply, providers=Cast(worker)
        )

    return anyio.run(go)


def _silent(word: object, detail: object) -> None:
    """Tells nobody."""
