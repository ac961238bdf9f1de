"""Inline tests of specs, one runner a kind; a failure says where and what was got instead."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio

from rungbook.box import Box
from rungbook.checks import files, parse
from rungbook.compiler.load import Entry, Loaded
from rungbook.findings import Finding, Span
from rungbook.interpret.classify import classify
from rungbook.interpret.climb.resolve import Task, resolve
from rungbook.interpret.climb.transcript import play
from rungbook.interpret.validate import given, judge
from rungbook.process import Limits
from rungbook.rulebook.examples import examples
from rungbook.rulebook.observation import Observed
from rungbook.rulebook.snapshot import Rulebook
from rungbook.rulebook.taxonomy import TaskTaxonomy
from rungbook.rulebook.validator import Parse, Regex, Schema
from rungbook.testing.accuracy import falls_short, measure
from rungbook.workspace.changes import odd_name

FILE = "a.py"
"""The changed file of a test that names none."""

Test = Mapping[str, Any]
Wrong = list[tuple[int | None, str]]
"""(line within the test's script or None, what went otherwise)."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one test of a spec went; `wrong` is empty if it passed.

    `report`: what a test that measures has found, line by line.
    """

    spec: str
    name: str
    span: Span
    wrong: tuple[Finding, ...]
    report: tuple[str, ...] = ()


def run(loaded: Loaded) -> Iterator[Result]:
    """Every test of every spec that was asked for, in the order of the names."""
    if loaded.rulebook is None:
        return
    for (kind, name), entry in sorted(loaded.entries.items()):
        if entry.below:
            continue
        for i, test in enumerate(entry.body.get("tests", ())):
            report: tuple[str, ...] = ()
            if "dataset" in test:
                wrong, report = _measured(loaded, loaded.rulebook.taxonomies[name], test)
            else:
                wrong = _RUNNERS[kind](loaded.rulebook, name, test)
            span = entry.document.span(("specs", name, "tests", i))
            label = test.get("name") or _label(test) or f"test {i + 1}"
            found = tuple(_finding(entry, name, i, line, said) for line, said in wrong)
            yield Result(f"{kind}/{name}", label, span, found, report)


def _label(test: Test) -> str:
    told = test.get("given", test.get("dataset"))
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


def _measured(loaded: Loaded, taxonomy: TaskTaxonomy, test: Test) -> tuple[Wrong, tuple[str, ...]]:
    """The accuracy over a dataset, and the report of it."""
    dataset, _ = loaded.datasets[test["dataset"]]
    if dataset is None:
        return [(None, "there is no such dataset")], ()
    found, problems = examples(dataset, taxonomy.type_names())
    measured = measure(taxonomy, found)
    wrong: Wrong = [(None, p.message) for p in problems]
    if short := falls_short(measured, test["expect"]["accuracy"]):
        wrong.append((None, short))
    return wrong, (f"accuracy {measured.accuracy:.3f} of {measured.total}", *measured.report())


def _validator(rulebook: Rulebook, name: str, test: Test) -> Wrong:
    validator, told = rulebook.validators[name], test["given"]
    check, evidence = validator.check, ""
    if isinstance(check, Parse | Regex | Schema):
        if wrong := odd_name(told.get("file", FILE)):
            return [(None, f"the path of the file {wrong}")]
        seen = anyio.run(_seen, check, told, "text")
        after, evidence = seen.observation, seen.excerpt.partition("\n")[0]
        before = anyio.run(_seen, check, told, "before").observation if "before" in told else None
    else:
        after, before = given(validator, told)
    judged = judge(validator, after, before)
    want, why = test["expect"], ": ".join(filter(None, (judged.reason, evidence)))
    if judged.verdict == want:
        return []
    return [(None, f"the verdict is {judged.verdict}, not {want}: {why}")]


async def _seen(check: Parse | Regex | Schema, told: Test, key: str) -> Observed:
    """What a check that looks into files sees of the text under that key."""
    with TemporaryDirectory(prefix="rungbook-") as folder:
        tree = Path(folder)
        path: str = told.get("file", FILE)
        file = anyio.Path(tree / path)
        await file.parent.mkdir(parents=True, exist_ok=True)
        await file.write_bytes(told.get(key, "").encode())
        box, limits = Box(tree, tree, isolation="none"), Limits(seconds=60)
        if isinstance(check, Parse):
            return await parse.observe(box, limits, [path])
        return await files.observe(check, box, limits, [path])


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
