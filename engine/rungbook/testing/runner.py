"""Inline tests of specs, one runner a kind; a failure says where and what was got instead."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio

from rungbook.box import Box
from rungbook.checks import parse
from rungbook.compiler.load import Entry, Loaded
from rungbook.findings import Finding, Span
from rungbook.interpret.classify import classify
from rungbook.interpret.climb.resolve import Task, resolve
from rungbook.interpret.climb.transcript import play
from rungbook.interpret.validate import given, judge
from rungbook.process import Limits
from rungbook.rulebook.observation import Observation
from rungbook.rulebook.snapshot import Rulebook
from rungbook.rulebook.validator import Parse

Test = Mapping[str, Any]
Wrong = list[tuple[int | None, str]]
"""(line within the test's script or None, what went otherwise)."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one test of a spec went; `wrong` is empty if it passed."""

    spec: str
    name: str
    span: Span
    wrong: tuple[Finding, ...]


def run(loaded: Loaded) -> Iterator[Result]:
    """Every test of every spec that was asked for, in the order of the names."""
    if loaded.rulebook is None:
        return
    for (kind, name), entry in sorted(loaded.entries.items()):
        if entry.below:
            continue
        for i, test in enumerate(entry.body.get("tests", ())):
            wrong = _RUNNERS[kind](loaded.rulebook, name, test)
            span = entry.document.span(("specs", name, "tests", i))
            label = test.get("name") or _label(test) or f"test {i + 1}"
            found = tuple(_finding(entry, name, i, line, said) for line, said in wrong)
            yield Result(f"{kind}/{name}", label, span, found)


def _label(test: Test) -> str:
    told = test.get("given")
    return told if isinstance(told, str) else ""


def _finding(entry: Entry, name: str, i: int, line: int | None, said: str) -> Finding:
    at = ("specs", name, "tests", i)
    if line is not None:
        return Finding("R302", said, entry.document.inside((*at, "script"), line - 1))
    there = (*at, "expect") if "expect" in entry.body["tests"][i] else at
    return Finding("R302", said, entry.document.span(there))


def _model(rulebook: Rulebook, name: str, test: Test) -> Wrong:
    told = test["given"]
    got = rulebook.models[name].usd(told["input_tokens"], told["output_tokens"])
    want = test["expect"]["usd"]
    return [] if abs(got - want) < 1e-9 else [(None, f"it costs ${got:g}, not ${want:g}")]


def _taxonomy(rulebook: Rulebook, name: str, test: Test) -> Wrong:
    told = test["given"] if isinstance(test["given"], dict) else {"text": test["given"]}
    seen = classify(rulebook.taxonomies[name], {f"task.{k}": v for k, v in told.items()})
    why = ", ".join(f"{k} {v:+g}" for k, v in seen.features.items()) or "no term spoke"
    return [
        (None, f"{key} is {got}, not {want} (complexity {seen.complexity:g}: {why})")
        for key, want in test["expect"].items()
        if (got := getattr(seen, key)) != want
    ]


def _validator(rulebook: Rulebook, name: str, test: Test) -> Wrong:
    validator, told = rulebook.validators[name], test["given"]
    if isinstance(validator.check, Parse):
        after = anyio.run(_parsed, told, "text")
        before = anyio.run(_parsed, told, "before") if "before" in told else None
    else:
        after, before = given(validator, told)
    judged = judge(validator, after, before)
    want = test["expect"]
    if judged.verdict == want:
        return []
    return [(None, f"the verdict is {judged.verdict}, not {want}: {judged.reason}")]


async def _parsed(told: Test, key: str) -> Observation:
    """What `parse` sees of the text under that key."""
    with TemporaryDirectory(prefix="rungbook-") as folder:
        tree = Path(folder)
        file = tree / Path(told.get("file", "a.py")).name
        await anyio.Path(file).write_text(told.get(key, ""), encoding="utf-8")
        box = Box(tree, tree, isolation="none")
        seen = await parse.observe(box, Limits(seconds=60), [file.name])
        return seen.observation


def _matrix(rulebook: Rulebook, name: str, test: Test) -> Wrong:
    told, matrix = test["given"], rulebook.matrices[name]
    if told["type"] not in matrix.ladders:
        return [(None, f"there is no ladder for {told['type']}")]
    complexity = float(told.get("complexity", 0))
    band = rulebook.taxonomies[matrix.taxonomy].band(complexity)
    task = Task("test", "", told["type"], complexity, band, told.get("tokens", 0))
    return list(play(resolve(rulebook, name, task), test["script"]).problems)


_RUNNERS: Mapping[str, Callable[[Rulebook, str, Test], Wrong]] = {
    "Model": _model,
    "TaskTaxonomy": _taxonomy,
    "Validator": _validator,
    "EscalationMatrix": _matrix,
}
