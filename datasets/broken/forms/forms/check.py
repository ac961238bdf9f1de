"""Checks a whole form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forms.rules import Rule, address, number, required

Form = Mapping[str, Sequence[Rule]]

SIGN_UP: Form = {
    "name": [required],
    "mail": [required, address],
    "age": [number(16, 120)],
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field."""

    field: str
    text: str


def check(form: Form, values: Mapping[str, str], problems: list[Problem] = []) -> list[Problem]:
    """The problems of a filled-in form, in the form's order, one a field at most.

    Problems that were found elsewhere can be handed in; they come first.
    """
    for field, rules in form.items():
        found = next(filter(None, (rule(values.get(field, "")) for rule in rules)), None)
        if found:
            problems.append(Problem(field, found))
    return problems


def as_text(problems: Sequence[Problem]) -> str:
    """One line a problem."""
    return "\n".join(f"{problem.field} {problem.text}" for problem in problems) or "all fine"
