"""Validators as they are built: types, and what regexes, globs and schemas have against them."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter

from rungbook import schemas
from rungbook.rulebook import validator as v
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.validator import Check, Command, Judge, Parse, Regex, Schema, build


def built(check: Mapping[str, Any]) -> Check:
    validator, problems = build("v", {"check": check, "confidence": 1})
    assert problems == []
    return validator.check


def problem(check: Mapping[str, Any]) -> Problem:
    _, (found,) = build("v", {"check": check, "confidence": 1})
    return found


@pytest.mark.parametrize(
    ("written", "check"),
    [
        ({"parse": {}}, Parse()),
        ({"command": {"run": ["x"]}}, Command(("x",))),
        ({"tests": {"run": "auto", "feedback": {"chars": 9}}}, v.Tests(None, 9)),
        ({"tests": {"run": ["x"]}}, v.Tests(("x",))),
        ({"regex": {"finds": "x"}}, Regex(finds="x")),
        ({"regex": {"lacks": "x", "files": ["*.py"]}}, Regex(lacks="x", files=("*.py",))),
        ({"schema": {"files": ["a"], "valid": {}}}, Schema(("a",), {})),
        ({"judge": {"prompt": "p"}}, Judge("p")),
        (
            {"judge": {"prompt": "p", "pass": {"confidence": {"gt": 0.8}}}},
            Judge("p", (("gt", 0.8),)),
        ),
    ],
)
def test_each_check_is_built_and_survives_its_record(
    written: Mapping[str, Any], check: Check
) -> None:
    assert built(written) == check
    recorded = orjson.loads(orjson.dumps(check))
    assert TypeAdapter(Check).validate_python(recorded) == check


@pytest.mark.parametrize(
    ("check", "code", "at"),
    [
        ({"regex": {"finds": "("}}, "R203", ("check", "regex", "finds")),
        ({"regex": {"finds": "a{1000}" * 100}}, "R203", ("check", "regex", "finds")),
        ({"regex": {"lacks": "(?=x)"}}, "R203", ("check", "regex", "lacks")),
        (
            {"regex": {"lacks": "x", "files": ["{a,b}" * 12]}},
            "R104",
            ("check", "regex", "files", 0),
        ),
        (
            {"schema": {"files": ["a", "{a,b}" * 12], "valid": {}}},
            "R104",
            ("check", "schema", "files", 1),
        ),
        (
            {"schema": {"files": ["a"], "valid": {"items": {"type": "txt"}}}},
            "R213",
            ("check", "schema", "valid", "items", "type"),
        ),
    ],
)
def test_what_the_schema_of_specs_cannot_say(
    check: Mapping[str, Any], code: str, at: tuple[Any, ...]
) -> None:
    found = problem(check)
    assert (found.code, found.at) == (code, at)


@pytest.mark.parametrize(
    ("schema", "message", "hint"),
    [
        ({"type": "strng"}, "there is no type 'strng'", "did you mean `string`?"),
        ({"type": "text"}, "there is no type 'text'", "one of array, "),
        ({"$ref": "#/$defs/x"}, "leads to nothing in this schema", "other files are not read"),
        ({"$ref": "https://example.com/s.json"}, "leads to nothing", "are not read"),
        ({"allOf": [{"$dynamicRef": "file:///etc/passwd"}]}, "leads to nothing", "are not read"),
        ({"pattern": "(?<=a)b"}, "is no regex", "no look-around"),
        ({"format": "emial"}, "emial", ""),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "the dialect is", ""),
        ({"multipleOf": 0}, "minimum of 0", ""),
        ({"required": "name"}, "is not of type", ""),
    ],
)
def test_a_schema_that_is_none(schema: Mapping[str, Any], message: str, hint: str) -> None:
    found = problem({"schema": {"files": ["a"], "valid": schema}})
    assert found.code == "R213"
    assert message in found.message
    assert hint in found.hint


def test_where_a_reference_stands_that_leads_nowhere() -> None:
    fine = {"$ref": "#/$defs/a"}
    schema = {"$defs": {"a": {}}, "items": fine, "anyOf": [fine, {"$ref": "#/$defs/b"}]}
    with pytest.raises(schemas.BadSchema) as caught:
        schemas.compiled(schema)
    assert (caught.value.at, caught.value.value) == (("anyOf", 1, "$ref"), "#/$defs/b")


def test_schemas_refer_to_themselves_and_run_in_linear_time() -> None:
    tree = schemas.compiled({"type": "array", "items": {"$ref": "#"}, "$comment": "a tree"})
    assert tree([[], [[]]]) == []
    assert tree([[1]]) == [((0, 0), '1 is not of type "array"')]
    loop = {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    assert schemas.compiled({**loop, "$ref": "#/$defs/a"})(1) == []
    hard = schemas.compiled({"pattern": "^(a+)+$"})
    assert len(hard("a" * 100_000 + "b")) == 1


def test_formats_count() -> None:
    date = schemas.compiled({"format": "date"})
    assert date("2024-02-29") == []
    assert date("2023-02-29")
