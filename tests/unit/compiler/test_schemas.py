"""The schemas are the public contract: committed as rendered, every key explained."""

import importlib.util
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rungbook import paths
from rungbook.kinds import KINDS, file_schema
from rungbook.rulebook.facts import facts

SCHEMAS = paths.data("schemas")
SCALARS = {"string", "number", "integer", "boolean"}


def rendered() -> dict[Path, str]:
    spec = importlib.util.spec_from_file_location("write", SCHEMAS / "write.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.rendered()  # type: ignore[no-any-return]


def keys(schema: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(path, schema) of every key that a file may hold."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{at}.{name}", inner
    for word, inner in schema.items():
        if word in ("properties", "$defs"):
            for name, each in inner.items():
                yield from keys(each, f"{at}.{name}")
        elif word in ("items", "additionalProperties") and isinstance(inner, dict):
            yield from keys(inner, f"{at}[]")


def resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    return {**(whole["$defs"][name] if name else {}), **schema}


def test_the_committed_files_are_what_is_rendered() -> None:
    for path, text in rendered().items():
        assert path.read_text("utf-8") == text, f"run schemas/write.py: {path.name}"
    written = {path.name for path in rendered()} | {"facts.json"}
    assert {path.name for path in (SCHEMAS / "v1").iterdir()} == written


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_says_so(kind: str) -> None:
    schema = file_schema(KINDS[kind])
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(f"/schemas/v1/{KINDS[kind].folder}.json")
    assert "anyOf" not in json.dumps(schema)
    assert len(json.dumps(schema, indent=1)) < 30_000


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_described_and_every_scalar_has_an_example_that_holds(kind: str) -> None:
    whole = file_schema(KINDS[kind])
    for at, written in keys(whole):
        schema = resolved(written, whole)
        assert schema.get("description", "").endswith("."), at
        types = schema.get("type", [])
        if {types} <= SCALARS if isinstance(types, str) else SCALARS & {*types}:
            assert schema.get("examples"), at
        for example in schema.get("examples", []):
            check = {**schema, "$defs": whole["$defs"]}
            assert Draft202012Validator(check).is_valid(example), (at, example)


def test_no_two_kinds_have_a_name_or_folder_in_common() -> None:
    assert len({kind.folder for kind in KINDS.values()}) == len(KINDS)
    assert all(name == kind.name for name, kind in KINDS.items())


def test_every_fact_is_described() -> None:
    for fact in facts().values():
        assert fact.description.endswith(".")
        assert fact.example is not None
