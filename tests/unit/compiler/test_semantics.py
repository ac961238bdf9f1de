"""What specs mean together: names, budgets, judges. One mistake each stands in tests/specs/bad."""

import json
from pathlib import Path
from typing import Any

import pytest

from rungbook.compiler.load import load
from rungbook.findings import Finding

PROVIDER = {"type": "ollama", "id": "m"}
SMALL = {"provider": PROVIDER, "class": "small", "family": "f", "tier": 0}
SPECS = {
    "TaskTaxonomy": {
        "types": {
            "complexity": {"range": [0, 1], "terms": {"x": {"per": "task.files", "each": 1}}},
            "types": [{"name": "only"}],
        }
    },
    "Validator": {
        "said": {"check": {"judge": {"prompt": "judge-binary"}}, "confidence": 0.8},
        "syntax": {"check": {"parse": {}}, "confidence": 1},
    },
}


def found(tmp_path: Path, models: dict[str, Any], ladder: Any, **matrix: Any) -> list[Finding]:
    """What is said of one ladder over some models."""
    whole = {"taxonomy": "types", "ladders": {"only": ladder}} | matrix
    specs = SPECS | {"Model": models, "EscalationMatrix": {"m": whole}}
    for kind, of in specs.items():
        file = {"apiVersion": "rungbook/v1", "kind": kind, "specs": of}
        (tmp_path / f"{kind}.yaml").write_text(json.dumps(file, indent=1))
    return list(load([tmp_path]).findings)


def rungs(*models: str, **more: Any) -> dict[str, Any]:
    rungs = [{"name": f"r{i}", "model": name} for i, name in enumerate(models)]
    return {"rungs": rungs, "verify": ["syntax"]} | more


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [(5, []), (4, []), (3, ["R212 r2"]), (2, ["R212 r1", "R212 r2"]), (1, ["R205 r1", "R212 r2"])],
)
def test_the_attempts_of_a_task_and_of_its_rungs(
    tmp_path: Path, attempts: int, expected: list[str]
) -> None:
    """One, then a race of two, then one: only a race wider than the budget is never entered."""
    ladder = rungs("a", "a", "a", budget={"per_task": {"attempts": attempts}})
    ladder["rungs"][1] = {"name": "r1", "race": ["a", "b"]}
    told = found(tmp_path, {"a": SMALL, "b": SMALL}, ladder)
    assert [f"{f.code} {f.message.split('`')[1]}" for f in told] == expected


def test_a_model_that_is_alone_has_nobody_to_judge_it(tmp_path: Path) -> None:
    ladder = rungs("a", verify=["said"], checker="same-tier")
    (alone,) = found(tmp_path, {"a": SMALL}, ladder)
    assert (alone.code, alone.message) == ("R210", "nobody but `a` itself could judge its work")
    assert found(tmp_path, {"a": SMALL, "b": SMALL}, ladder) == []


def test_a_command_judges_nobody(tmp_path: Path) -> None:
    agent = {"worker": {"command": ["x"]}, "class": "frontier", "family": "g", "tier": 4}
    ladder = rungs("a", verify=["said"], checker="next-tier")
    (alone,) = found(tmp_path, {"a": SMALL, "agent": agent}, ladder)
    assert alone.code == "R210"


def test_a_common_mistake_is_told_once_however_many_ladders_share_it(tmp_path: Path) -> None:
    two = {"only": rungs("a"), "other": rungs("a")}
    told = found(tmp_path, {"a": SMALL}, None, ladders=two, common={"checker": "b"})
    assert [f.message for f in told] == ["there is no task type `other`", "there is no Model `b`"]


def test_a_ladders_own_checker_hides_the_common_one(tmp_path: Path) -> None:
    common = {"checker": "b"}
    told = found(tmp_path, {"a": SMALL}, rungs("a", checker="c"), common=common)
    assert {f.message for f in told} == {"there is no Model `b`", "there is no Model `c`"}


def test_a_day_forbids_what_a_task_allows(tmp_path: Path) -> None:
    dear = SMALL | {"price": {"input": 0, "output": 100}, "output_tokens": 1000}
    budget = {"per_task": {"usd": 1}, "per_day": {"usd": 0.05}}
    (told,) = found(tmp_path, {"a": dear}, rungs("a", budget=budget))
    assert told.message == "one round of `r0` may cost $0.1, and a day $0.05"
    budget["per_day"]["usd"] = 0.1
    assert found(tmp_path, {"a": dear}, rungs("a", budget=budget)) == []
