"""JSON Schema errors as findings: one per mistake, at its place, with what to do next."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError

from rungbook.compiler.document import Document
from rungbook.findings import Finding, Pointer, Span
from rungbook.kinds import KINDS, file_schema
from rungbook.rulebook.schema import AKA

_NOUN = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "null"}
_WANTED = {"object": "a mapping", "array": "a list", "string": "text", "boolean": "true or false",
           "number": "a number", "integer": "a whole number"}  # fmt: skip


@cache
def validator(kind: str) -> Draft202012Validator:
    """The kind's schema, ready."""
    return Draft202012Validator(file_schema(KINDS[kind]))


@cache
def _quick(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The same schema for a yes or no, some thirty times faster; a test says both agree."""
    return jsonschema_rs.Draft202012Validator(file_schema(KINDS[kind]))


def check_schema(document: Document) -> list[Finding]:
    """What the schema of the document's kind says against it."""
    value = document.value
    if not isinstance(value, Mapping):
        message = f"a spec file is a mapping, not {_noun(value)}"
        hint = "it begins with `apiVersion`, `kind` and `specs`"
        return [Finding("R103", message, document.span(()), hint)]
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        known = "one of " + ", ".join(KINDS)
        if "kind" not in value:
            return [Finding("R102", "the file lacks `kind`", _start(document), known)]
        near = _near(str(kind), KINDS) or known
        return [Finding("R105", f"there is no kind {kind!r}", document.span(("kind",)), near)]
    if _quick(kind).is_valid(value):
        return []
    found: list[Finding] = []
    for error in validator(kind).iter_errors(value):
        found += _FINDERS.get(str(error.validator), _other)(document, error)
    return _merged(found)


def _where(at: Pointer) -> str:
    if not at:
        return "the file"
    if isinstance(at[-1], str):
        return f"`{at[-1]}`"
    named = next((step for step in reversed(at) if isinstance(step, str)), None)
    return f"this item of `{named}`" if named else "this item"


def _unknown(document: Document, e: ValidationError) -> Iterator[Finding]:
    """A key nobody knows: a misspelt one, a synonym, a fact that does not exist here."""
    at, schema = tuple(e.absolute_path), _schema(e)
    known = schema.get("properties", {})
    instance: Any = e.instance
    for key in instance:
        if key in known:
            continue
        place = document.span((*at, key), key=True)
        if "x-facts" in schema:
            hint = _near(key, known, 0.75) or _tail(key, known) or _known(known)
            yield Finding("R202", f"there is no fact `{key}` here", place, hint)
        else:
            hint = _near(key, known) or _known(known)
            yield Finding("R101", f"there is no key `{key}` in {_where(at)}", place, hint)


def _missing(document: Document, e: ValidationError) -> Iterator[Finding]:
    at = tuple(e.absolute_path)
    key = str(e.message).split("'")[1]
    example = _schema(e).get("properties", {}).get(key, {}).get("description", "")
    yield Finding("R102", f"{_where(at)} lacks `{key}`", _head(document, at), _first(example))


def _one_of(document: Document, e: ValidationError) -> Iterator[Finding]:
    at = tuple(e.absolute_path)
    choice = [k for option in _says(e) for k in option["required"]]
    instance: Any = e.instance
    there = [k for k in choice if k in instance]
    message = f"{_where(at)} needs exactly one of {_list(choice)}"
    if len(there) > 1:
        place = document.span((*at, there[1]), key=True)
        yield Finding("R104", f"{message}, not {_list(there)}", place, "keep one")
    else:
        yield Finding("R102", message, _head(document, at))


def _type(document: Document, e: ValidationError) -> Iterator[Finding]:
    at, says = tuple(e.absolute_path), _says(e)
    wanted = " or ".join(_WANTED.get(t, t) for t in ([says] if isinstance(says, str) else says))
    hint = ""
    if says == "string" and isinstance(e.instance, bool | int | float):
        hint = "quote it"
    elif says == "array":
        hint = "write it as a list: [ … ]"
    got = _noun(e.instance)
    yield Finding("R103", f"{_where(at)} must be {wanted}, not {got}", document.span(at), hint)


def _enum(document: Document, e: ValidationError) -> Iterator[Finding]:
    at, says = tuple(e.absolute_path), _says(e)
    hint = _near(str(e.instance), says) or "one of " + _list(says)
    yield Finding("R104", f"{_where(at)} cannot be {e.instance!r}", document.span(at), hint)


def _name(document: Document, e: ValidationError) -> Iterator[Finding]:
    """A name in the wrong form; jsonschema points at the mapping, we at the name."""
    at = tuple(e.absolute_path)
    if "propertyNames" in e.absolute_schema_path:
        at = (*at, str(e.instance))
        place = document.span(at, key=True)
    else:
        place = document.span(at)
    hint = "lower-case letters, digits, `.` and `-`, as in `qwen3-30b`"
    yield Finding("R104", f"{e.instance!r} is not a name", place, hint)


def _other(document: Document, e: ValidationError) -> Iterator[Finding]:
    at, says = tuple(e.absolute_path), _says(e)
    message = {
        "minimum": f"must be at least {says}",
        "maximum": f"must be at most {says}",
        "minItems": "needs at least " + ("one item" if says == 1 else f"{says} items"),
        "maxItems": f"takes at most {says} items",
        "minProperties": "needs at least one key",
        "maxProperties": f"takes {says} key" if says == 1 else f"takes at most {says} keys",
        "minLength": "must not be empty",
        "uniqueItems": "names something twice",
    }.get(str(e.validator), e.message)
    yield Finding("R104", f"{_where(at)} {message}", document.span(at))


_FINDERS = {
    "additionalProperties": _unknown,
    "required": _missing,
    "oneOf": _one_of,
    "type": _type,
    "enum": _enum,
    "pattern": _name,
}


def _schema(e: ValidationError) -> Mapping[str, Any]:
    return e.schema if isinstance(e.schema, Mapping) else {}


def _says(e: ValidationError) -> Any:
    return e.validator_value


def _head(document: Document, at: Pointer) -> Span:
    """Where something is missing: the key of the mapping that lacks it, or its beginning."""
    if not at:
        return _start(document)
    return document.span(at, key=isinstance(at[-1], str))


def _start(document: Document) -> Span:
    """The first line of the file's content."""
    whole = document.span(())
    return replace(whole, end_line=whole.line, end_col=whole.col + 1)


def _noun(x: Any) -> str:
    return _NOUN.get(type(x)) or repr(x)


def _list(names: Any) -> str:
    return ", ".join(f"`{n}`" for n in names)


def _known(known: Any) -> str:
    return "known here: " + ", ".join(sorted(known)[:14]) + (" …" if len(known) > 14 else "")


def _first(description: str) -> str:
    return description[:1].lower() + description[1:].rstrip(".")


def _tail(key: str, known: Any) -> str:
    """`text` is probably `task.text`."""
    close = [k for k in known if k.rsplit(".", 1)[-1] == key.rsplit(".", 1)[-1]]
    return f"did you mean `{close[0]}`?" if close else ""


def _near(word: str, known: Any, cutoff: float = 0.7) -> str:
    """A curated synonym first: edit distance alone suggests nonsense."""
    if (meant := AKA.get(word.lower())) and (same := [m for m in meant if m in known]):
        return f"did you mean `{same[0]}`?"
    near = get_close_matches(word.lower(), [str(k) for k in known], 1, cutoff) or get_close_matches(
        word, [str(k) for k in known], 1, cutoff
    )
    return f"did you mean `{near[0]}`?" if near else ""


def _merged(found: list[Finding]) -> list[Finding]:
    """A misspelt key explains the missing one of that name: one mistake, one finding."""
    guessed = [f.hint.split("`")[1] for f in found if f.code == "R101" and "did you mean" in f.hint]
    return [f for f in found if f.code != "R102" or not any(f"`{g}`" in f.message for g in guessed)]
