"""The kinds: what stands under `kind:`, in which folder, against which schema, built by what."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rungbook.findings import Pointer
from rungbook.rulebook import conditions, inline, matrix, model, scores, taxonomy, validator
from rungbook.rulebook import schema as s
from rungbook.rulebook.facts import Event
from rungbook.rulebook.problem import Problem

Body = Mapping[str, Any]

API_VERSION = "rungbook/v1"
"""Rises only when a key changes its meaning."""

PROSE = frozenset({"summary", "why", "labels", "mode", "tests", "enabled"})
"""Keys that do not change what a spec does: outside its identity."""

_EVENTS: tuple[tuple[Event, ...], ...] = (
    ("task", "like"),
    ("task", "like", "score"),
    ("task", "like", "score", "type"),
    ("task", "score", "type"),
)
"""The moments at which conditions of this release are looked at."""


def _no_parts(_: Body) -> dict[str, Any]:
    return {}


def _no_files(_: Body) -> Iterator[tuple[Pointer, str]]:
    yield from ()


def _edits(body: Body) -> Iterator[tuple[Pointer, str]]:
    if "provider" in body:
        yield ("prompt",), body.get("prompt", model.PROMPT)


def _judges(body: Body) -> Iterator[tuple[Pointer, str]]:
    if "judge" in body["check"]:
        yield ("check", "judge", "prompt"), body["check"]["judge"]["prompt"]


def _examples(body: Body) -> Iterator[tuple[Pointer, str]]:
    if "examples" in body:
        yield ("examples",), body["examples"]
    for i, test in enumerate(body.get("tests", ())):
        if "dataset" in test:
            yield ("tests", i, "dataset"), test["dataset"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of spec.

    `parts`: the pieces of a body with an identity of their own; `prompts`: where a body names
    templates below templates/prompts/, and which; `speaks_of`: the names those may use; `datasets`:
    where it names datasets, and which.
    """

    name: str
    folder: str
    schema: s.Schema
    tests: s.Schema
    build: Callable[[str, Body], tuple[Any, list[Problem]]]
    parts: Callable[[Body], dict[str, Any]] = _no_parts
    prompts: Callable[[Body], Iterator[tuple[Pointer, str]]] = _no_files
    speaks_of: frozenset[str] = frozenset()
    datasets: Callable[[Body], Iterator[tuple[Pointer, str]]] = _no_files


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "Model",
            "model",
            model.SCHEMA,
            inline.MODEL,
            model.build,
            prompts=_edits,
            speaks_of=frozenset({"task", "files", "failures", "before", "mark"}),
        ),
        Kind(
            "TaskTaxonomy",
            "task-taxonomy",
            taxonomy.SCHEMA,
            inline.TAXONOMY,
            taxonomy.build,
            datasets=_examples,
        ),
        Kind(
            "Validator",
            "validator",
            validator.SCHEMA,
            inline.VALIDATOR,
            validator.build,
            prompts=_judges,
            speaks_of=frozenset({"task", "diff", "files", "checks", "mark"}),
        ),
        Kind(
            "EscalationMatrix",
            "escalation-matrix",
            matrix.SCHEMA,
            inline.MATRIX,
            matrix.build,
            parts=matrix.parts,
        ),
    )
}


def spec_schema(kind: Kind) -> s.Schema:
    """The JSON Schema of one spec of that kind: its body, and what may stand beside it."""
    return _complete({"$ref": "#/$defs/spec"}, kind)


def file_schema(kind: Kind) -> s.Schema:
    """The JSON Schema of a whole file of that kind: the public contract, for editors too."""
    file = s.mapping(
        f"Specs of kind {kind.name}.",
        needs=("apiVersion", "kind", "specs"),
        apiVersion=s.choice("The version of the language.", API_VERSION),
        kind=s.choice("The kind of all specs in the file.", kind.name),
        defaults=s.mapping("Said once for every spec here.", labels=_META["labels"]),
        specs=s.named("The specs, by name.", {"$ref": "#/$defs/spec"}),
    )
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://rungbook.dev/schemas/v1/{kind.folder}.json",
        "title": kind.name,
    }
    return head | _complete(file, kind)


_META: Mapping[str, s.Schema] = {
    "summary": s.text("One line for people.", "Autofix by the linter."),
    "labels": s.strings("Words to select specs by.", [["local"]]),
    "enabled": s.flag("false switches the spec off.", default=True),
}


def _complete(schema: s.Schema, kind: Kind) -> s.Schema:
    """The schema with every definition that it comes to."""
    body = dict(kind.schema)
    tests = s.items("Inline tests; `rungbook test` runs them.", kind.tests)
    body["properties"] = {**_META, "tests": tests, **body["properties"]}
    defs: dict[str, s.Schema] = {"spec": body, "value": conditions.VALUE}
    for events in _EVENTS:
        defs[conditions.name(*events)] = conditions.schema(*events)
        defs[scores.term_name(*events)] = scores.term_schema(*events)
    used: set[str] = set()
    todo: list[Any] = [schema]
    while todo:
        node = todo.pop()
        if isinstance(node, Mapping):
            name = str(node.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in used:
                used.add(name)
                todo.append(defs[name])
        if isinstance(node, Mapping | list):
            todo += node.values() if isinstance(node, Mapping) else node
    return schema | {"$defs": {name: defs[name] for name in sorted(used)}}
