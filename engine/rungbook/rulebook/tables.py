"""Table: the first row that holds. Score: a clamped sum of named terms. No other arithmetic."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rungbook.findings import Pointer
from rungbook.rulebook import schema as s
from rungbook.rulebook.facts import Event, known
from rungbook.rulebook.matchers import ALWAYS, Facts, Matcher, is_number, matcher, near
from rungbook.rulebook.matchers import schema as condition
from rungbook.rulebook.problem import Problem


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what is used when it holds."""

    when: Matcher
    use: Any


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in order; the last one always holds."""

    rows: tuple[Row, ...]

    def find(self, given: Facts) -> tuple[int, Any]:
        """(index of the row that holds, what it says)."""
        return next((i, row.use) for i, row in enumerate(self.rows) if row.when.holds(given))


def table_schema(description: str, use: s.Schema, key: str, *events: Event) -> s.Schema:
    """The JSON Schema of a Table whose rows say `use` under `key`."""
    ref = {"$ref": "#/$defs/condition-" + "-".join(events)}
    row = s.mapping("A row: what is used when it holds.", needs=(key,), when=ref, more={key: use})
    return s.items(description, row, least=1)


def table(
    raw: Sequence[Mapping[str, Any]], at: Pointer, events: tuple[Event, ...], use: str = "use"
) -> tuple[Table, list[Problem]]:
    """Compile `[{when?, use}, …]`; the last row, and only the last, has no `when`."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for i, body in enumerate(raw):
        when = ALWAYS
        if "when" in body:
            when, wrong = matcher(body["when"], (*at, i, "when"), events)
            problems += wrong
        if rows and rows[-1].when is ALWAYS:
            message = "this row is never reached: the row before it has no `when`, so it holds"
            problems.append(Problem("R204", (*at, i), message, "move it up, or give that one a `when`"))
            break
        if any("when" in b and b["when"] == body.get("when") for b in raw[:i]):
            message = "this row is never reached: a row above has the same `when`"
            problems.append(Problem("R204", (*at, i), message, "drop it, or change its `when`"))
        rows.append(Row(when, body[use]))
    if rows[-1].when is not ALWAYS:
        message = "the last row must have no `when`, so that a table always answers"
        problems.append(Problem("R207", (*at, len(rows) - 1), message, f"add a row `{{{use}: …}}`"))
    return Table(tuple(rows)), problems


Kind = Literal["sum", "floor", "ceiling"]


@dataclass(frozen=True, slots=True)
class Term:
    """One term; None where it has nothing to say. Floors and ceilings bound the sum."""

    name: str
    value: Callable[[Facts], float | None]
    kind: Kind = "sum"


@dataclass(frozen=True, slots=True)
class Score:
    """A sum of terms; floors lift it, then ceilings cap it, then it is clamped to [low, high]."""

    low: float
    high: float
    terms: tuple[Term, ...]

    def explain(self, given: Facts) -> tuple[float, dict[str, float]]:
        """(score, what each term that spoke added, or the floor or ceiling it set)."""
        said = {t.name: x for t in self.terms if (x := t.value(given))}
        by = {kind: [said[t.name] for t in self.terms if t.kind == kind and t.name in said]
              for kind in ("sum", "floor", "ceiling")}  # fmt: skip
        total = min([max([sum(by["sum"]), *by["floor"]]), *by["ceiling"]])
        return min(self.high, max(self.low, total)), said


def score_schema(description: str, events: tuple[Event, ...], **more: s.Schema) -> s.Schema:
    """The JSON Schema of a Score; `more` keys stand beside `range` and `terms`."""
    span = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    ref = "#/$defs/term-" + "-".join(events)
    return s.mapping(
        description,
        needs=("range", "terms"),
        range={"description": "The lowest and highest value.", "examples": [[0, 10]], **span},
        terms=s.named("The terms, by name; they are added up.", {"$ref": ref}, least=1),
        more=more,
    )


def term_schema(*events: Event) -> s.Schema:
    """The JSON Schema of one term: exactly one of its five forms."""
    fact = s.text("The fact it looks at.", "task.files")
    step = s.mapping(
        "A step.", needs=("add",), lt=s.number("Below this.", 3, None), add=s.number("Adds.", 1, None)
    )
    return score_schema(
        "A term of the sum.",
        events,
        when={"$ref": "#/$defs/condition-" + "-".join(events)},
        add=s.number("Added when the condition holds.", 3, None),
        at_least=s.number("The sum is at least this when the condition holds.", 9, None),
        at_most=s.number("The sum is at most this when the condition holds.", 2, None),
        per=fact,
        each=s.number("Added for each unit, or each value.", 0.75, None),
        max=s.number("Adds at most this.", 4, None),
        any=s.strings("Counts which of these words occur.", [["how to", "setup"]]),
        at=s.mapping(
            "Counts the values that reach this.",
            needs=("similarity",),
            similarity=s.number("From 0 to 1.", 0.8, maximum=1),
        ),
        half_life=s.duration("The age at which it adds half.", {"days": 30}),
        of=fact,
        points=s.named("What each value of the fact adds.", s.number("Points.", 0.4, None)),
        steps=s.items("The first step whose `lt` is above the fact adds.", step, least=1),
        weight=s.number("Multiplies what the term adds.", 0.2, None),
    ) | {"required": [], "x-term": True}


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


def score(
    raw: Mapping[str, Any], at: Pointer, events: tuple[Event, ...]
) -> tuple[Score, list[Problem]]:
    """Compile `{range, terms}`."""
    problems: list[Problem] = []
    terms: list[Term] = []
    low, high = raw["range"]
    if low >= high:
        problems.append(Problem("R104", (*at, "range"), "the range is empty", "lowest value first"))
    for name, body in raw["terms"].items():
        term, wrong = _term(name, body, (*at, "terms", name), events)
        problems += wrong
        if term:
            terms.append(term)
    return Score(float(low), float(high), tuple(terms)), problems


def _term(
    name: str, body: Mapping[str, Any], at: Pointer, events: tuple[Event, ...]
) -> tuple[Term | None, list[Problem]]:
    told = [key for key in _FORMS if key in body]
    needs, may = _FORMS[told[0]] if len(told) == 1 else (set(), set())
    odd = body.keys() - {*told, *needs, *may, "weight"}
    if len(told) != 1 or needs - body.keys() or odd:
        message = f"a term is one of {', '.join(_form(key) for key in _FORMS)}"
        return None, [Problem("R104", at, message, "`weight` may stand on any", True)]
    weight = float(body.get("weight", 1))
    form = told[0]
    if form in ("add", "at_least", "at_most"):
        when, wrong = matcher(body["when"], (*at, "when"), events)
        x = float(body[form]) * (weight if form == "add" else 1.0)
        kind: Kind = {"at_least": "floor", "at_most": "ceiling"}.get(form, "sum")  # type: ignore[assignment]
        return Term(name, lambda f: x if when.holds(f) else None, kind), wrong
    if form == "terms":
        inner, wrong = score(body, at, events)
        return Term(name, lambda f: weight * inner.explain(f)[0]), wrong
    key = "per" if form == "per" else "of"
    wrong = _unknown(body[key], (*at, key), events)
    value = {"per": _per, "points": _points, "steps": _steps}[form](body)
    return Term(name, lambda f: weight * value(f.get(body[key]))), wrong


def _form(key: str) -> str:
    return "{" + ", ".join([key, *sorted(_FORMS[key][0])]) + "}"


def _unknown(fact: str, at: Pointer, events: tuple[Event, ...]) -> list[Problem]:
    facts = known(*events)
    if fact in facts:
        return []
    return [Problem("R202", at, f"there is no fact `{fact}` here", near(fact, facts))]


def _per(body: Mapping[str, Any]) -> Callable[[Any], float]:
    """Words that occur, values that reach `at`, an age, or the number itself; times `each`."""
    each, most = float(body["each"]), float(body.get("max", math.inf))
    words, at = body.get("any"), body.get("at")
    half = s.seconds(body.get("half_life"), 0.0)

    def amount(x: Any) -> float:
        if words is not None:
            return float(sum(w in x for w in words)) if isinstance(x, str) else 0.0
        if half:
            return 0.5 ** (float(x) / half) if is_number(x) else 0.0
        return _amount(x, at)

    return lambda x: min(most, each * amount(x))


def _points(body: Mapping[str, Any]) -> Callable[[Any], float]:
    points = {str(k): float(v) for k, v in body["points"].items()}
    return lambda x: points.get(str(x), 0.0)


def _steps(body: Mapping[str, Any]) -> Callable[[Any], float]:
    steps = [(float(step.get("lt", math.inf)), float(step["add"])) for step in body["steps"]]
    at = body.get("at")

    def value(x: Any) -> float:
        if x is None:
            return 0.0
        n = _amount(x, at)
        return next((add for lt, add in steps if n < lt), 0.0)

    return value


def _amount(x: Any, at: Mapping[str, float] | None) -> float:
    """A number is itself, a list counts its values (those that reach `at`), anything else is 0."""
    if isinstance(x, list | tuple):
        return float(len(x) if at is None else sum(v >= at["similarity"] for v in x))
    return float(x) if is_number(x) else 0.0
