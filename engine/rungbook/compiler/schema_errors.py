"""JSON Schema errors as findings: one per mistake, at its place, with what to do next."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import orjson
from jsonschema import ValidationError

from rungbook.compiler.document import MAX_FINDINGS, Document
from rungbook.compiler.scalars import resolve
from rungbook.findings import Finding, Pointer, Span, shown
from rungbook.rulebook.facts import facts
from rungbook.rulebook.matchers import is_number, near
from rungbook.rulebook.problem import said
from rungbook.rulebook.schema import NAME

_WANTED = {"object": "a mapping", "array": "a list", "string": "text", "boolean": "true or false",
           "number": "a number", "integer": "a whole number"}  # fmt: skip


@dataclass(slots=True)
class Findings:
    """Turns errors into findings; `meant`: what misspelt keys stand for, by their mapping."""

    document: Document
    errors: list[ValidationError]
    meant: dict[Pointer, set[str]] = field(default_factory=dict)

    def all(self) -> Iterator[Finding]:
        """Unknown keys first: a misspelt key explains the missing one of that name.

        A wrong value is one mistake, whatever else its schema says of it; null is told by `read`.
        """
        told: set[Span] = set()
        for error in sorted(self.errors, key=lambda e: _ORDER.get(str(e.validator), 2)):
            at = tuple(error.absolute_path)
            if find := _ABOUT_KEYS.get(str(error.validator)):
                yield from find(self, at, error) if isinstance(error.instance, Mapping) else ()
            elif error.instance is not None:
                finder = _ABOUT_VALUES.get(str(error.validator), Findings.other)
                finding = finder(self, at, error)
                if finding.span not in told:
                    told.add(finding.span)
                    yield finding

    def unknown(self, at: Pointer, e: ValidationError) -> Iterator[Finding]:
        """A key nobody knows: a misspelt one, a synonym, a fact that does not exist here."""
        schema, there = _schema(e), _mapping(e)
        known = schema.get("properties", {})
        free = [key for key in known if key not in there]
        for key in islice((k for k in there if k not in known), MAX_FINDINGS):
            place = self.document.span((*at, key), key=True)
            hint = near(key, free)
            if hint:
                self.meant.setdefault(at, set()).add(hint.split("`")[1])
            if "x-facts" in schema:
                hint = hint or _fact_hint(key, known)
                yield Finding("R202", f"there is no fact {quoted(key)} here", place, hint)
            else:
                there_is = "it stands here already" if near(key, known) else _known(known)
                message = f"there is no key {quoted(key)} in {_where(at)}"
                yield Finding("R101", message, place, hint or there_is)

    def missing(self, at: Pointer, e: ValidationError) -> Iterator[Finding]:
        """Keys that must be there: one finding for all of one mapping."""
        explained = self.meant.get(at, set()) | _mapping(e).keys()
        lacks = [key for key in _says(e) if key not in explained]
        if lacks:
            about = _schema(e).get("properties", {}).get(lacks[0], {}).get("description", "")
            hint = about[:1].lower() + about[1:].rstrip(".") if len(lacks) == 1 else ""
            message = f"{_where(at)} lacks {_list(lacks, ' and ')}"
            yield Finding("R102", message, _head(self.document, at), hint)

    def one_of(self, at: Pointer, e: ValidationError) -> Iterator[Finding]:
        """A choice that is not made, or made twice."""
        choice = [key for option in _says(e) for key in option["required"]]
        there = [key for key in _mapping(e) if key in choice]
        message = f"{_where(at)} needs exactly one of {_list(choice)}"
        if len(there) > 1:
            place = self.document.span((*at, there[1]), key=True)
            yield Finding("R104", f"{message}, not {_list(there, ' and ')}", place, "keep one")
        elif not self.meant.get(at, set()) & {*choice}:
            yield Finding("R102", message, _head(self.document, at))

    def dependent(self, at: Pointer, e: ValidationError) -> Iterator[Finding]:
        """A key that means nothing without another."""
        explained = self.meant.get(at, set()) | _mapping(e).keys()
        for key, needs in _says(e).items():
            lacks = [need for need in needs if need not in explained]
            if key in _mapping(e) and lacks:
                message = f"`{key}` needs {_list(lacks)} beside it"
                yield Finding("R102", message, self.document.span((*at, key), key=True))

    def type(self, at: Pointer, e: ValidationError) -> Finding:
        """A value of another type."""
        says = [_says(e)] if isinstance(_says(e), str) else _says(e)
        wanted = " or ".join(_WANTED[t] for t in says)
        examples = _schema(e).get("examples", [])
        hint = ""
        if says == ["string"] and isinstance(e.instance, bool | int | float):
            hint = "quote it"
        elif isinstance(e.instance, str) and is_number(resolve(e.instance).value):
            hint = "leave the quotes out"
        elif examples and {"object", "array"} & {*says}:
            hint = f"as in {_flow(examples[0])}"
        message = f"{_where(at)} must be {wanted}, not {noun(e.instance)}"
        return Finding("R103", message, self.document.span(at), hint)

    def enum(self, at: Pointer, e: ValidationError) -> Finding:
        """A word that is none of a closed set, or a fact that does not exist."""
        word, says, place = e.instance, _says(e), self.document.span(at)
        hint = near(str(word), says)
        if "x-facts" in _schema(e):
            hint = hint or _fact_hint(str(word), says)
            return Finding("R202", f"there is no fact {quoted(str(word))} here", place, hint)
        message = f"{_where(at)} cannot be {said(word)}"
        return Finding("R104", message, place, hint or "one of " + _list(says))

    def pattern(self, at: Pointer, e: ValidationError) -> Finding:
        """Text in the wrong form; where it is a key, jsonschema points at the mapping."""
        is_key = list(e.absolute_schema_path)[-2] == "propertyNames"
        place = self.document.span((*at, e.instance) if is_key else at, key=is_key)
        if _says(e) == f"^{NAME}$":
            hint = "lower-case letters, digits, `.` and `-`, as in `qwen3-30b`"
            return Finding("R104", f"{said(e.instance)} is not a name", place, hint)
        hint = str(_schema(e).get("description", ""))
        return Finding("R104", f"{_where(at)} cannot be {said(e.instance)}", place, hint)

    def other(self, at: Pointer, e: ValidationError) -> Finding:
        """A value out of bounds."""
        says = _says(e)
        bound = {
            "minimum": f"must be at least {says}",
            "exclusiveMinimum": f"must be more than {says}",
            "maximum": f"must be at most {says}",
            "minItems": f"needs at least {_count(says, 'item')}",
            "maxItems": f"takes at most {_count(says, 'item')}",
            "minProperties": f"needs at least {_count(says, 'key')}",
            "maxProperties": f"takes at most {_count(says, 'key')}",
            "minLength": "must not be empty",
        }.get(str(e.validator), "is not allowed")
        return Finding("R104", f"{_where(at)} {bound}", self.document.span(at))


_ORDER = {"additionalProperties": 0, "type": 1}

_ABOUT_KEYS: Mapping[str, Callable[[Findings, Pointer, ValidationError], Iterator[Finding]]] = {
    "additionalProperties": Findings.unknown,
    "required": Findings.missing,
    "oneOf": Findings.one_of,
    "dependentRequired": Findings.dependent,
}

_ABOUT_VALUES: Mapping[str, Callable[[Findings, Pointer, ValidationError], Finding]] = {
    "type": Findings.type,
    "enum": Findings.enum,
    "pattern": Findings.pattern,
}


def _schema(e: ValidationError) -> Mapping[str, Any]:
    return e.schema if isinstance(e.schema, Mapping) else {}


def _says(e: ValidationError) -> Any:
    return e.validator_value


def _mapping(e: ValidationError) -> Mapping[str, Any]:
    """The mapping that an error about keys speaks of."""
    return e.instance if isinstance(e.instance, Mapping) else {}


def _where(at: Pointer) -> str:
    if not at:
        return "the file"
    if isinstance(at[-1], str):
        return quoted(at[-1])
    named = next((step for step in reversed(at) if isinstance(step, str)), None)
    return f"this item of {quoted(named)}" if named else "this item"


def _head(document: Document, at: Pointer) -> Span:
    """Where something is missing: the key of the mapping that lacks it, or its first character."""
    if not at:
        return start(document)
    if isinstance(at[-1], str):
        return document.span(at, key=True)
    return _first(document.span(at))


def start(document: Document) -> Span:
    """The first character of the file's content."""
    return _first(document.span(()))


def _first(span: Span) -> Span:
    return replace(span, end_line=span.line, end_col=span.col + 1)


def noun(x: Any) -> str:
    """What a value is, in a word or as it is written."""
    return "text" if isinstance(x, str) else said(x)


def _flow(example: Any) -> str:
    """An example as a flow collection."""
    if isinstance(example, Mapping):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in example.items()) + "}"
    if isinstance(example, list):
        return f"[{', '.join(map(_flow, example))}]"
    return str(example) if str(example).isalnum() else orjson.dumps(example).decode()


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def quoted(key: str) -> str:
    """A key as a message shows it."""
    return f"`{key}`" if shown(key)[1:-1] == key else shown(key)


def _list(names: Sequence[str], last: str = ", ") -> str:
    quoted = [f"`{n}`" for n in names]
    return last.join(quoted) if len(quoted) < 3 else f"{', '.join(quoted[:-1])}{last}{quoted[-1]}"


def _known(known: Iterable[str]) -> str:
    names = sorted(known)
    return "known here: " + ", ".join(names[:14]) + (" …" if len(names) > 14 else "")


def _fact_hint(key: str, known: Iterable[str]) -> str:
    """`text` is probably `task.text`; a fact of a later event is not known yet."""
    if key in facts():
        return f"it becomes known later, with the event `{facts()[key].event}`"
    last = key.rsplit(".", 1)[-1]
    close = [name for name in known if name.rsplit(".", 1)[-1] == last]
    return f"did you mean `{close[0]}`?" if close else _known(known)
