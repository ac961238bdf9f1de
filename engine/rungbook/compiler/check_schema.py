"""Each document against the schema of its kind: quick where all is well, exact where it is not."""

from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator

from rungbook.compiler.document import MAX_FINDINGS, Document
from rungbook.compiler.schema_errors import Findings, noun, quoted, start
from rungbook.findings import Finding
from rungbook.kinds import KINDS, Body, file_schema, spec_schema
from rungbook.rulebook.matchers import near
from rungbook.rulebook.problem import said

MAX_ERRORS = 4 * MAX_FINDINGS
"""Schema errors of one document that are looked at: several may be one mistake."""


def check_schema(document: Document) -> list[Finding]:
    """What the schema of the document's kind says against it; of a great many the first only."""
    value = document.value
    if not isinstance(value, Mapping):
        message = f"a spec file is a mapping, not {noun(value)}"
        hint = "it begins with `apiVersion`, `kind` and `specs`"
        return [Finding("R103", message, document.span(()), hint)]
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        return [_no_kind(document, value)]
    if _quick(kind).is_valid(value):
        return []
    errors = list(islice(validator(kind).iter_errors(value), MAX_ERRORS))
    found = list(islice(dict.fromkeys(Findings(document, errors).all()), MAX_FINDINGS))
    if len(errors) == MAX_ERRORS or len(found) == MAX_FINDINGS:
        found.append(Finding("R020", "and there may be more findings in this file", found[-1].span))
    return found


def holds(kind: str, body: Body) -> bool:
    """Whether the body of one spec is as its schema wants it."""
    return _quick_spec(kind).is_valid(body)


@cache
def validator(kind: str) -> Draft202012Validator:
    """The kind's schema, ready to say what is wrong."""
    return Draft202012Validator(file_schema(KINDS[kind]))


@cache
def _quick(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The same schema for a yes or no, some thirty times faster; a test says both agree."""
    return jsonschema_rs.Draft202012Validator(file_schema(KINDS[kind]))


@cache
def _quick_spec(kind: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(spec_schema(KINDS[kind]))


def _no_kind(document: Document, value: Mapping[str, Any]) -> Finding:
    known = "one of " + ", ".join(KINDS)
    if "kind" in value:
        kind, place = value["kind"], document.span(("kind",))
        if not isinstance(kind, str):
            return Finding("R105", f"`kind` must be text, not {noun(kind)}", place, known)
        return Finding("R105", f"there is no kind {said(kind)}", place, near(kind, KINDS) or known)
    for key in value:
        if hint := near(key, ["kind"]):
            message = f"there is no key {quoted(key)} in the file"
            return Finding("R101", message, document.span((key,), key=True), hint)
    return Finding("R102", "the file lacks `kind`", start(document), known)
