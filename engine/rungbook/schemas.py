"""The only place that compiles a JSON Schema from a spec: local and in linear time, or refused."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""The only dialect that a spec's schema may be written in."""

Place = tuple[Any, ...]
"""A path of keys and indexes into a value."""

Faults = Callable[[Any], list[tuple[Place, str]]]
"""What is wrong with a value: where, and what."""


class BadSchema(ValueError):
    """Not a schema that can be used; `at` leads to the mistake, `value` is what stands there."""

    def __init__(self, message: str, at: Place = (), value: Any = None) -> None:
        super().__init__(message)
        self.at, self.value = at, value


def compiled(schema: Mapping[str, Any]) -> Faults:
    """The schema, ready; formats count, and nothing outside it is read. Raises BadSchema."""
    import jsonschema_rs

    if schema.get("$schema", DIALECT) != DIALECT:
        raise BadSchema(f"the dialect is {DIALECT}", ("$schema",), schema["$schema"])
    try:
        validator = jsonschema_rs.Draft202012Validator(
            dict(schema),
            pattern_options=jsonschema_rs.RegexOptions(),
            validate_formats=True,
            ignore_unknown_formats=False,
            retriever=_refused,
        )
    except jsonschema_rs.ValidationError as e:
        raise _refusal(schema, e.message, tuple(e.instance_path)) from None

    def faults(value: Any) -> list[tuple[Place, str]]:
        if validator.is_valid(value):
            return []
        return [(tuple(e.instance_path), e.message) for e in validator.iter_errors(value)]

    return faults


def _refused(address: str) -> Any:
    raise ValueError(f"{address} is not read")


def _refusal(schema: Mapping[str, Any], message: str, at: Place) -> BadSchema:
    """The refusal of a schema; for a reference, the library does not say where it stands."""
    for place, word in _references(schema) if not at else ():
        if word.removeprefix("#") in message:
            return BadSchema("the reference leads to nothing in this schema", place, word)
    value: Any = schema
    for step in at:
        value = value[step] if isinstance(value, dict | list) else value
    return BadSchema(message, at, value)


def _references(schema: Any) -> Iterator[tuple[Place, str]]:
    """Every `$ref` and `$dynamicRef`, and where it stands."""
    todo: list[tuple[Place, Any]] = [((), schema)]
    for at, node in todo:
        pairs = node.items() if isinstance(node, Mapping) else enumerate(node)
        for key, value in pairs:
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield (*at, key), value
            elif isinstance(value, Mapping | list):
                todo.append(((*at, key), value))
