"""The closed vocabulary of conditions, from schemas/v1/facts.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from rungbook.paths import data

FactType = Literal["text", "number", "flag"]
Event = Literal["task", "like", "score", "type"]
"""When a fact becomes known; a condition that is looked at earlier cannot speak of it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; `many` facts hold several values, and hold if one of them does."""

    name: str
    type: FactType
    event: Event
    description: str
    example: Any = None
    many: bool = False


@cache
def facts() -> Mapping[str, Fact]:
    """Every known fact, by name."""
    raw = json.loads(data("schemas/v1/facts.json").read_text("utf-8"))
    return {name: Fact(name, **body) for name, body in raw["facts"].items()}


@cache
def known(*events: Event) -> Mapping[str, Fact]:
    """The facts that these events bring."""
    return MappingProxyType({n: f for n, f in facts().items() if f.event in events})
