"""Score: a clamped sum of named terms; there is no other arithmetic."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rungbook.findings import Pointer
from rungbook.rulebook import amounts, conditions
from rungbook.rulebook import schema as s
from rungbook.rulebook.facts import Event, Fact, known
from rungbook.rulebook.matchers import Facts, matcher
from rungbook.rulebook.problem import Problem

Bound = Literal["floor", "ceiling"]


@dataclass(frozen=True, slots=True)
class Term:
    """One term: what it adds, or the bound it sets; None where it has nothing to say."""

    name: str
    value: Callable[[Facts], float | None]
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A sum of terms; floors lift it, then ceilings cap it, then it is clamped to [low, high]."""

    low: float
    high: float
    terms: tuple[Term, ...]

    def explain(self, given: Facts) -> tuple[float, dict[str, float]]:
        """(score, what each term that spoke added, or the bound it set)."""
        said = {t.name: x for t in self.terms if (x := t.value(given)) is not None}
        total = max([sum(self._of(None, said)), *self._of("floor", said)])
        total = min([total, *self._of("ceiling", said)])
        silent = {t.name for t in self.terms if t.bound is None and not said.get(t.name)}
        spoke = {name: x for name, x in said.items() if name not in silent}
        return min(self.high, max(self.low, total)), spoke

    def _of(self, bound: Bound | None, said: Mapping[str, float]) -> list[float]:
        return [said[t.name] for t in self.terms if t.bound == bound and t.name in said]


_FORMS: Mapping[str, tuple[set[str], set[str]]] = {
    "add": ({"when"}, set()),
    "at_least": ({"when"}, set()),
    "at_most": ({"when"}, set()),
    "per": ({"each"}, {"max", "any", "at", "half_life"}),
    "points": ({"of"}, set()),
    "steps": ({"of"}, {"at"}),
    "terms": ({"range"}, set()),
}
"""What makes a form: the key that tells it, the keys it needs beside, and those it may have."""

_BOUNDS: Mapping[str, Bound] = {"at_least": "floor", "at_most": "ceiling"}


def score_schema(description: str, events: tuple[Event, ...], **more: s.Schema) -> s.Schema:
    """The JSON Schema of a Score; `more` keys stand beside `range` and `terms`."""
    span = s.items(
        "The lowest and the highest value.",
        {"type": "number"},
        least=2,
        maxItems=2,
        examples=[[0, 10]],
    )
    terms = s.named(
        "The terms, by name; they are added up.",
        {"$ref": f"#/$defs/{term_name(*events)}"},
        least=1,
    )
    return s.mapping(description, needs=("range", "terms"), range=span, terms=terms, more=more)


def term_name(*events: Event) -> str:
    """What the schema of a term is called."""
    return "term-" + "-".join(events)


def term_schema(*events: Event) -> s.Schema:
    """The JSON Schema of one term: exactly one of its forms, with what that form needs."""
    fact = s.text("The fact it looks at.", "task.files", enum=sorted(known(*events)))
    fact["x-facts"] = list(events)
    step = s.mapping(
        "A step.",
        needs=("add",),
        lt=s.number("Taken below this; the last step has none.", 3, None),
        add=s.number("Adds this.", 1, None),
    )
    points = s.number("What this value adds.", 0.4, None)
    schema = score_schema(
        "A term of the sum.",
        events,
        when=conditions.ref(*events),
        add=s.number("Added when the condition holds.", 3, None),
        at_least=s.number("The sum is at least this when the condition holds.", 9, None),
        at_most=s.number("The sum is at most this when the condition holds.", 2, None),
        per=fact,
        each=s.number("Added for each unit, or each value.", 0.75, None),
        max=s.number("Adds at most this.", 4, None),
        any=s.strings("Counts how often these words occur.", [["how to", "setup"]], minItems=1),
        at=s.mapping(
            "Counts only the values that reach this.",
            needs=("similarity",),
            similarity=s.number("From 0 to 1.", 0.8, maximum=1),
        ),
        half_life=s.duration("The age at which it adds half.", {"days": 30}),
        of=fact,
        points={
            "type": "object",
            "description": "What each value of the fact adds; one that is not listed adds 0.",
            "additionalProperties": points,
            "minProperties": 1,
            "examples": [{"success": 0.4, "partial": 0.2}],
        },
        steps=s.items("The first step whose `lt` is above the fact adds.", step, least=1),
        weight=s.number("Multiplies what the term says.", 0.2, None),
    )
    return schema | {
        "required": [],
        "oneOf": [{"required": [form]} for form in _FORMS],
        "dependentRequired": {form: sorted(needs) for form, (needs, _) in _FORMS.items()},
    }


def score(
    raw: Mapping[str, Any], at: Pointer, events: tuple[Event, ...]
) -> tuple[Score, list[Problem]]:
    """Compile `{range, terms}`."""
    problems: list[Problem] = []
    terms: list[Term] = []
    low, high = raw["range"]
    if low >= high:
        problems.append(
            Problem("R104", (*at, "range"), "the range is empty", "the lower one first")
        )
    for name, body in raw["terms"].items():
        term, wrong = _term(name, body, (*at, "terms", name), events)
        terms.append(term)
        problems += wrong
    return Score(float(low), float(high), tuple(terms)), problems


def _term(
    name: str, body: Mapping[str, Any], at: Pointer, events: tuple[Event, ...]
) -> tuple[Term, list[Problem]]:
    form = next(key for key in _FORMS if key in body)
    needs, may = _FORMS[form]
    weight = float(body.get("weight", 1))
    problems = [
        Problem("R104", (*at, key), f"`{key}` means nothing beside `{form}`", "drop it", True)
        for key in sorted(body.keys() - {form, *needs, *may, "weight"})
    ]
    if form in ("add", *_BOUNDS):
        when, wrong = matcher(body["when"], (*at, "when"), events)
        x = weight * body[form]
        term = Term(name, lambda f: x if when.holds(f) else None, _BOUNDS.get(form))
    elif form == "terms":
        inner, wrong = score(body, at, events)
        term = Term(name, lambda f: weight * inner.explain(f)[0])
    else:
        key = "per" if form == "per" else "of"
        fact = known(*events)[body[key]]
        wrong = _unfit(fact, form, body, (*at, key))
        if form == "steps":
            wrong += rising(body["steps"], (*at, "steps"), "step")
        value = amounts.FORMS[form](body)
        term = Term(name, lambda f: weight * value(f.get(fact.name)))
    return term, problems + wrong


def _unfit(fact: Fact, form: str, body: Mapping[str, Any], at: Pointer) -> list[Problem]:
    """The problem of a fact of a type that the form cannot count."""
    kind = f"`{fact.name}` is a {fact.type}"
    if form == "points":
        return []
    if "any" in body and fact.type != "text":
        return [Problem("R206", at, f"{kind}, and words occur only in text")]
    if "at" in body and not (fact.many and fact.type == "number"):
        return [Problem("R206", at, f"{kind}, and `at` looks at a list of numbers")]
    if "any" not in body and fact.type != "number" and not fact.many:
        return [Problem("R206", at, f"{kind}, and only numbers and lists have an amount")]
    return []


def rising(stretches: Sequence[Mapping[str, Any]], at: Pointer, noun: str) -> list[Problem]:
    """The problems of a list of stretches, each up to its `lt`, that leaves one of them empty."""
    found = []
    for i in range(1, len(stretches)):
        below, here = (stretches[j].get("lt", math.inf) for j in (i - 1, i))
        if below == math.inf:
            message = f"nothing is left for this {noun}: the one above has no `lt`"
            found.append(Problem("R204", (*at, i), message, f"only the last {noun} has none"))
        elif here <= below:
            message = f"nothing is left for this {noun}: the one above ends at {below:g}"
            found.append(Problem("R204", (*at, i, "lt"), message, "lowest first"))
    return found
