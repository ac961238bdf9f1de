"""The kinds: what stands under `kind:`, in which folder, against which schema, built by what."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rungbook.findings import Pointer
from rungbook.rulebook import facts, matchers, matrix, model, tables, taxonomy, validator
from rungbook.rulebook import schema as s
from rungbook.rulebook.facts import Event
from rungbook.rulebook.problem import Problem

Body = Mapping[str, Any]

API_VERSION = "rungbook/v1"
"""Rises only when a key changes its meaning."""

PROSE = frozenset({"summary", "why", "labels", "mode", "tests", "enabled"})
"""Keys that do not change what a spec does: outside its identity."""

_EVENTS: tuple[tuple[Event, ...], ...] = (
    ("task",),
    ("task", "score"),
    ("task", "score", "type"),
)
"""The moments at which conditions of this release are looked at."""


def _no_parts(_: Body) -> dict[str, Any]:
    return {}


def _no_files(_: Body) -> Iterator[tuple[Pointer, str]]:
    yield from ()


def _prompts(body: Body) -> Iterator[tuple[Pointer, str]]:
    if "judge" in body["check"]:
        yield ("check", "judge", "prompt"), f"prompts/{body['check']['judge']['prompt']}.j2"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of spec.

    `parts`: the pieces of a body with an identity of their own; `templates`: where a body names
    files below templates/, and which; `speaks_of`: the names those templates may use.
    """

    name: str
    folder: str
    schema: s.Schema
    tests: s.Schema
    build: Callable[[str, Body], tuple[Any, list[Problem]]]
    parts: Callable[[Body], dict[str, Any]] = _no_parts
    templates: Callable[[Body], Iterator[tuple[Pointer, str]]] = _no_files
    speaks_of: frozenset[str] = frozenset()


_NAME = s.text("What the test shows.", "a retry is told what failed")


def _test(**keys: s.Schema) -> s.Schema:
    needs = tuple(k for k in ("given", "expect") if k in keys)
    return s.mapping("An inline test.", needs=needs, name=_NAME, more=keys)


_MODEL_TEST = _test(
    given=s.mapping(
        "Tokens.",
        needs=("input_tokens", "output_tokens"),
        input_tokens=s.whole("Read.", 2000, 0),
        output_tokens=s.whole("Written.", 1000, 0),
    ),
    expect=s.mapping("The price.", needs=("usd",), usd=s.number("US dollars.", 0.105)),
)

_TASK_FACTS = {
    name.removeprefix("task."): {"description": fact.description, "examples": [fact.example]}
    | ({} if fact.many else {"type": {"text": "string", "number": "number"}[fact.type]})
    for name, fact in facts.known("task").items()
}

_TAXONOMY_TEST = _test(
    given={
        "type": ["string", "object"],
        "description": "The task's text, or its facts.",
        "properties": _TASK_FACTS,
        "required": ["text"],
        "additionalProperties": False,
        "examples": ["Fix the typo in README"],
    },
    expect=s.mapping(
        "What the task is.",
        type=s.name("Its type.", "quick-edit"),
        band=s.name("Its band of complexity.", "simple"),
        complexity=s.number("Its score.", 9),
        small_models=s.flag("Whether a small model may take it.", default=False),
    )
    | {"minProperties": 1},
)

_VERDICTS = ("pass", "unproved", "error", "fail", "not-applicable")

_VALIDATOR_TEST = _test(
    given=s.mapping(
        "What the check sees: exit statuses, or a file's text.",
        exit=s.whole("The exit status.", 1, 0),
        baseline=s.whole("The exit status of the untouched tree.", 1, 0),
        output=s.text("What it prints.", "mean=1.0"),
        baseline_output=s.text("What it prints in the untouched tree.", "mean=1.0"),
        missing=s.flag("The program is not there.", default=False),
        file=s.text("A changed file.", "a.py"),
        text={"type": "string", "description": "What stands in it.", "examples": ["x = 1\n"]},
        before={"type": "string", "description": "What stood in it.", "examples": ["x = (\n"]},
    ),
    expect=s.choice("The verdict.", *_VERDICTS),
)

_MATRIX_TEST = s.mapping(
    "A ladder script: what each rung met, line by line, and how the run ends.",
    needs=("given", "script"),
    name=_NAME,
    given=s.mapping(
        "The task.",
        needs=("type",),
        type=s.name("Its type.", "standard-development"),
        complexity=s.number("Its score.", 4),
        tokens=s.whole("Its size.", 2000, 0),
    ),
    script=s.text(
        "`RUNG [MODEL] MET [VALIDATOR]` a line, `RUNG? yes|no` for a question, `=> END` last.",
        "fix pass => pass fix",
    ),
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("Model", "model", model.SCHEMA, _MODEL_TEST, model.build),
        Kind("TaskTaxonomy", "task-taxonomy", taxonomy.SCHEMA, _TAXONOMY_TEST, taxonomy.build),
        Kind(
            "Validator",
            "validator",
            validator.SCHEMA,
            _VALIDATOR_TEST,
            validator.build,
            templates=_prompts,
            speaks_of=frozenset({"task", "diff", "files", "checks"}),
        ),
        Kind(
            "EscalationMatrix",
            "escalation-matrix",
            matrix.SCHEMA,
            _MATRIX_TEST,
            matrix.build,
            parts=matrix.parts,
        ),
    )
}


def file_schema(kind: Kind) -> s.Schema:
    """The JSON Schema of a whole file of that kind: the public contract, for editors too."""
    body = dict(kind.schema)
    meta = {
        "summary": s.text("One line for people.", "Autofix by the linter."),
        "labels": s.strings("Words to select specs by.", [["local"]]),
        "enabled": s.flag("false switches the spec off.", default=True),
        "tests": s.items("Inline tests; `rungbook test` runs them.", kind.tests),
    }
    body["properties"] = {**meta, **body["properties"]}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://rungbook.dev/schemas/v1/{kind.folder}.json",
        "title": kind.name,
        **s.mapping(
            f"Specs of kind {kind.name}.",
            needs=("apiVersion", "kind", "specs"),
            apiVersion=s.choice("The version of the language.", API_VERSION),
            kind=s.choice("The kind of all specs in the file.", kind.name),
            defaults=s.mapping("Said once for every spec here.", labels=meta["labels"]),
            specs=s.named("The specs, by name.", {"$ref": "#/$defs/spec"}),
        ),
    }
    defs: dict[str, s.Schema] = {"spec": body}
    for events in _EVENTS:
        defs["condition-" + "-".join(events)] = matchers.schema(*events)
        defs["term-" + "-".join(events)] = tables.term_schema(*events)
    return schema | {"$defs": {name: defs[name] for name in sorted(_used(schema, body, defs))}}


def _used(schema: s.Schema, body: s.Schema, defs: dict[str, s.Schema]) -> set[str]:
    """The definitions that are reached from the file."""
    used: set[str] = set()
    todo: list[Any] = [schema, body]
    while todo:
        node = todo.pop()
        if isinstance(node, Mapping):
            ref = str(node.get("$ref", "")).removeprefix("#/$defs/")
            if ref and ref not in used:
                used.add(ref)
                todo.append(defs[ref])
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    return used
