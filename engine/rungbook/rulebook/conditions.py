"""What may stand in a condition: its operators, and its JSON Schema over the known facts."""

import operator
from collections.abc import Callable, Mapping

from rungbook.rulebook import schema as s
from rungbook.rulebook.facts import Event, known

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
"""The operators that compare numbers."""

TEXT = frozenset({"matches", "misses", "finds", "contains", "glob"})
"""The operators that look at text."""

_SCALAR: s.Schema = {"type": ["string", "number", "boolean"]}
NUMBERS = {
    "gt": s.number("Greater than this.", 3, None),
    "gte": s.number("At least this.", 3, None),
    "lt": s.number("Less than this.", 8, None),
    "lte": s.number("At most this.", 8, None),
}
"""The JSON Schema of what each of them takes."""

OPERATORS: Mapping[str, s.Schema] = {
    "matches": s.text("The whole text matches this regex.", "[a-z]+_test[.]py"),
    "misses": s.text("The whole text does not match this regex.", ".*[.]md"),
    "finds": s.text("This regex occurs in the text.", "(?i)typo"),
    "contains": s.text("This text occurs in it.", "TODO"),
    "glob": {
        "type": ["string", "array"],
        "description": "A path glob, or a list of which one holds.",
        "items": {"type": "string"},
        "minItems": 1,
        "examples": ["docs/**", ["*.md", "docs/**"]],
    },
    "eq": {**_SCALAR, "description": "Equal to this.", "examples": ["python"]},
    "in": s.items("One of these.", _SCALAR, least=1, examples=[["python", "json"]]),
    **NUMBERS,
    "count": {
        **s.mapping(
            "How many values a fact has.", eq=s.number("Equal to this.", 2, None), more=NUMBERS
        ),
        "type": ["number", "object"],
        "minProperties": 1,
        "examples": [{"lte": 20}],
    },
    "default": {**_SCALAR, "description": "Taken where the fact is absent.", "examples": [0]},
    "present": {
        "type": "boolean",
        "description": "Whether the fact is known at all.",
        "examples": [False],
    },
}
"""The JSON Schema of what each operator takes."""

VALUE: s.Schema = {
    "type": ["string", "number", "boolean", "array", "object"],
    "items": _SCALAR,
    "minItems": 1,
    "properties": dict(OPERATORS),
    "minProperties": 1,
    "additionalProperties": False,
}
"""The JSON Schema of what a condition asks of one fact: `#/$defs/value`."""


def ref(*events: Event) -> s.Schema:
    """A reference to the schema of a condition that is looked at when these events have been."""
    return {"$ref": f"#/$defs/{name(*events)}"}


def name(*events: Event) -> str:
    """What that schema is called."""
    return "condition-" + "-".join(events)


def schema(*events: Event) -> s.Schema:
    """The JSON Schema of a condition over the facts that these events bring."""
    asked: s.Schema = {
        fact.name: {
            "description": fact.description,
            "examples": [fact.example],
            "$ref": "#/$defs/value",
        }
        for fact in known(*events).values()
    }
    either = s.items("At least one of these conditions holds.", ref(*events), least=1)
    negated = {"description": "This condition does not hold.", **ref(*events)}
    return {
        **s.mapping(
            "Facts that must all hold: a literal or name glob, a list (any of them), or operators.",
            more={**asked, "any": either, "not": negated},
        ),
        "minProperties": 1,
        "x-facts": list(events),
    }
