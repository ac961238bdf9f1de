"""Table: the first row that holds says what is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rungbook.findings import Pointer
from rungbook.rulebook import conditions
from rungbook.rulebook import schema as s
from rungbook.rulebook.conditions import COMPARE
from rungbook.rulebook.facts import Event
from rungbook.rulebook.matchers import ALWAYS, Facts, Matcher, is_glob, is_number, matcher
from rungbook.rulebook.problem import Problem

MOST_ROWS = 500
"""Rows of a table: more than anybody reads, and few enough to compare each with each."""


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
    row = s.mapping(
        "A row: what is used when it holds.",
        needs=(key,),
        when=conditions.ref(*events),
        more={key: use},
    )
    return s.items(description, row, least=1, maxItems=MOST_ROWS)


def table(
    raw: Sequence[Mapping[str, Any]], at: Pointer, events: tuple[Event, ...], use: str = "use"
) -> tuple[Table, list[Problem]]:
    """Compile `[{when?, use}, …]`; the last row, and only the last, has no `when`."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for i, body in enumerate(raw):
        if rows and rows[-1].when is ALWAYS:
            message = "this row is never reached: the row above has no `when`, so it always holds"
            problems.append(Problem("R204", (*at, i), message, "move it up"))
            break
        when = ALWAYS
        if "when" in body:
            here = (*at, i, "when")
            when, wrong = matcher(body["when"], here, events)
            problems += wrong or _covered(raw[:i], body["when"], here)
        rows.append(Row(when, body[use]))
    if rows[-1].when is not ALWAYS:
        message = "the last row must have no `when`, so that the table always answers"
        last = (*at, len(rows) - 1, "when")
        problems.append(Problem("R207", last, message, f"add a row `{{{use}: …}}`", True))
    return Table(tuple(rows)), problems


def _covered(
    above: Sequence[Mapping[str, Any]], when: Mapping[str, Any], at: Pointer
) -> list[Problem]:
    """The problem of a row that a row above it leaves nothing to."""
    for i, row in enumerate(above):
        if covers(row["when"], when):
            message = f"this row is never reached: row {i + 1} holds wherever it does"
            return [Problem("R204", at, message, "move it up, or drop it")]
    return []


def covers(wide: Mapping[str, Any], narrow: Mapping[str, Any]) -> bool:
    """Whether one condition surely holds wherever the other does; sees only what is plain."""
    return all(
        name in narrow and (value == narrow[name] or _covers(name, value, narrow[name]))
        for name, value in wide.items()
    )


def _covers(name: str, wide: Any, narrow: Any) -> bool:
    if name in ("any", "not"):
        return False
    wide, narrow = _operators(wide), _operators(narrow)
    if "default" in narrow and narrow["default"] != wide.get("default"):
        return False
    return all(op == "default" or _follows(op, x, narrow) for op, x in wide.items())


def _operators(value: Any) -> Mapping[str, Any]:
    """A literal, or a list of them, as an operator; `like` for those that are name globs."""
    if isinstance(value, dict):
        return value
    values = value if isinstance(value, list) else [value]
    return {"like" if any(is_glob(v) for v in values) else "in": values}


def _follows(op: str, x: Any, narrow: Mapping[str, Any]) -> bool:
    """Whether `op: x` holds of all that the narrow operators hold of."""
    if op in narrow and narrow[op] == x:
        return True
    exact = [narrow["eq"]] if "eq" in narrow else narrow.get("in")
    if op == "like":
        return all(v in x for v in exact or narrow.get("like", [None]))
    if op in ("eq", "in"):
        return exact is not None and all(v in (x if op == "in" else [x]) for v in exact)
    if op not in COMPARE:
        return False
    if exact is not None:
        return all(is_number(v) and COMPARE[op](v, x) for v in exact)
    strict, or_equal = op[:2], f"{op[:2]}e"
    return (strict in narrow and COMPARE[or_equal](narrow[strict], x)) or (
        or_equal in narrow and COMPARE[op](narrow[or_equal], x)
    )
