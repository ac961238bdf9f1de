"""A sign: one thing that was looked at, what was seen of it, and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Mark = Literal["ok", "warn", "fail", "skip"]
"""fail: something must be put right. warn: something is left out. skip: there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of the report; `next_step` is a command to copy, or what a person is to do."""

    mark: Mark
    what: str
    detail: str = ""
    next_step: str = ""


def ok(what: str, detail: str = "") -> Sign:
    """All is well."""
    return Sign("ok", what, detail)


def warn(what: str, detail: str, next_step: str = "") -> Sign:
    """Something is left out, and the rest works."""
    return Sign("warn", what, detail, next_step)


def fail(what: str, detail: str, next_step: str = "") -> Sign:
    """Something must be put right."""
    return Sign("fail", what, detail, next_step)


def skip(what: str, detail: str) -> Sign:
    """It cannot be looked at, or need not be."""
    return Sign("skip", what, detail)


MOST = 4
"""Names that are said before the rest is a number: the report fits on a screen."""


def some(names: Iterable[str]) -> str:
    """The first names, and how many there are beside them."""
    known = list(names)
    more = f" and {len(known) - MOST} more" if len(known) > MOST else ""
    return ", ".join(known[:MOST]) + more
