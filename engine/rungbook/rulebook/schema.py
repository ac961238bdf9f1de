"""JSON Schema in a few words: one description, one example, one pattern per key.

The committed files in schemas/v1/ are written from these values; a test says both agree.
Unions are told apart by JSON type or by the one key that is present, never by `anyOf`: that is
what makes each mistake one finding with a place.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Schema = dict[str, Any]

NAME = "[a-z0-9][a-z0-9.-]*"
"""How specs, rungs and types are called."""

UNITS = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86400.0}
"""Units of time, in seconds."""

MOST_USD = 1_000_000_000
"""US dollars beyond which sums of money would no longer be numbers."""

AKA: Mapping[str, tuple[str, ...]] = {
    "size": ("class",),
    "cost": ("price", "cost"),
    "ctx": ("context_tokens",),
    "context": ("context_tokens",),
    "context_window": ("context_tokens",),
    "max_tokens": ("output_tokens",),
    "max_attempts": ("attempts",),
    "retries": ("attempts",),
    "tries": ("attempts",),
    "max_retries": ("attempts",),
    "models": ("race", "model"),
    "parallel": ("race",),
    "steps": ("rungs",),
    "tiers": ("rungs",),
    "checks": ("verify",),
    "validate": ("verify",),
    "validators": ("verify",),
    "on_exhausted": ("exhausted",),
    "if": ("when",),
    "condition": ("when",),
    "then": ("use",),
    "value": ("use",),
    "regex": ("finds",),
    "search": ("finds",),
    "match": ("matches",),
    "equals": ("eq",),
    "==": ("eq",),
    ">": ("gt",),
    ">=": ("gte",),
    "<": ("lt",),
    "<=": ("lte",),
    "min": ("gte", "at_least"),
    "exists": ("present",),
    "floor": ("at_least",),
    "ceiling": ("at_most",),
    "exit_code": ("exit",),
    "env": ("environment", "variables"),
    "cmd": ("command", "run"),
    "description": ("summary",),
    "name": ("summary",),
    "version": ("apiVersion",),
    "threshold": ("confidence",),
    "text": ("task.text",),
}
"""What people write, and what they mean; curated, because edit distance suggests nonsense."""


def mapping(
    description: str,
    /,
    *,
    needs: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    more: Mapping[str, Schema] = MappingProxyType({}),
    **keys: Schema,
) -> Schema:
    """A mapping with known keys (`more`: those that are no names in Python, or shared ones).

    `one_of`: exactly one of these stands there.
    """
    properties = {**keys, **more}
    schema: Schema = {"type": "object", "description": description, "properties": properties}
    if needs:
        schema["required"] = list(needs)
    if one_of:
        schema["oneOf"] = [{"required": [key]} for key in one_of]
    schema["additionalProperties"] = False
    return schema


def named(description: str, value: Schema, *, least: int = 0) -> Schema:
    """A mapping from names to values of one shape."""
    schema: Schema = {"type": "object", "description": description}
    schema |= {"propertyNames": {"pattern": f"^{NAME}$"}, "additionalProperties": value}
    return schema | ({"minProperties": least} if least else {})


def text(description: str, example: str | None = None, /, **more: Any) -> Schema:
    """A piece of text."""
    schema: Schema = {"type": "string", "description": description, "minLength": 1}
    return schema | ({"examples": [example]} if example is not None else {}) | more


def name(description: str, example: str, /) -> Schema:
    """The name of a spec, or of a part of one."""
    return text(description, example, pattern=f"^{NAME}$")


def dataset(description: str, /) -> Schema:
    """The name of a dataset."""
    return text(description, "task-types", pattern=f"^{NAME}(/{NAME})*$")


def choice(description: str, /, *values: str, default: str | None = None) -> Schema:
    """One of a closed set of words."""
    schema: Schema = {"type": "string", "description": description, "enum": list(values)}
    schema["examples"] = [values[0]]
    return schema | ({"default": default} if default is not None else {})


def number(description: str, example: float, /, least: float | None = 0, **more: Any) -> Schema:
    """A number, at least 0 unless said otherwise."""
    schema: Schema = {"type": "number", "description": description, "examples": [example]}
    return schema | ({"minimum": least} if least is not None else {}) | more


def whole(description: str, example: int, /, least: int = 1, **more: Any) -> Schema:
    """A whole number."""
    return number(description, example, least, **more) | {"type": "integer"}


def flag(description: str, /, *, default: bool) -> Schema:
    """True or false."""
    return {
        "type": "boolean",
        "description": description,
        "default": default,
        "examples": [not default],
    }


def items(description: str, item: Schema, /, *, least: int = 0, **more: Any) -> Schema:
    """A list of values of one shape."""
    schema: Schema = {"type": "array", "description": description, "items": item}
    return schema | ({"minItems": least} if least else {}) | more


def strings(description: str, examples: list[list[str]], /, **more: Any) -> Schema:
    """A list of text."""
    return items(description, {"type": "string", "minLength": 1}, examples=examples, **more)


def duration(description: str, example: Mapping[str, float], /) -> Schema:
    """An amount of time: the unit is the key, exactly one."""
    amount = {u: number(f"{u.capitalize()}.", 1, None, exclusiveMinimum=0) for u in UNITS}
    schema = mapping(description, more=amount)
    return schema | {"minProperties": 1, "maxProperties": 1, "examples": [dict(example)]}


def usd(description: str, example: float, /, **more: Any) -> Schema:
    """An amount of money."""
    amount = number("US dollars.", example, **{"maximum": MOST_USD, **more})
    schema = mapping(description, needs=("usd",), usd=amount)
    return schema | {"examples": [{"usd": example}]}


def seconds(amount: Mapping[str, float] | None, default: float) -> float:
    """`{minutes: 2}` → 120.0."""
    if not amount:
        return default
    ((unit, n),) = amount.items()
    return float(n) * UNITS[unit]
