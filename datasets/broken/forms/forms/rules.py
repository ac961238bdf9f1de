"""Rules for single fields: a rule returns what is wrong, or None."""

import re
from collections.abc import Callable

Rule = Callable[[str], str | None]
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def required(value: str) -> str | None:
    """Something other than blanks."""
    return None if value.strip() else "is missing"


def number(low: int, high: int) -> Rule:
    """A whole number in the range, both ends included; an empty field is fine."""

    def rule(value: str) -> str | None:
        text = value.strip()
        if not text:
            return None
        if not text.isdecimal():
            return "is not a number"
        return None if low <= int(text) <= high else f"is not between {low} and {high}"

    return rule


def address(value: str) -> str | None:
    """Looks like a mail address; an empty field is fine."""
    return None if not value or ADDRESS.fullmatch(value) else "is no mail address"
