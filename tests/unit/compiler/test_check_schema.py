"""The quick validator and the exact one agree, and what is broken has a finding in the file."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rungbook.compiler.check_schema import holds, validator
from rungbook.compiler.document import MAX_FINDINGS, read
from rungbook.compiler.load import builtin, load
from rungbook.kinds import KINDS, file_schema

SPECS = Path(__file__).parents[2] / "specs"
FOLDERS = {kind.folder: kind.name for kind in KINDS.values()}
CORPUS = sorted(p for folder in FOLDERS for p in SPECS.rglob(f"{folder}/*.yaml"))
BUILTIN = {p.parent.name: p for p in sorted(builtin().rglob("*.yaml"))}
RETYPED = (0, -1, 1.5, 7.0, True, "", "x", "a b", [], {}, ["x"], [[]], {"x": 1}, None)


@cache
def quick(kind: str) -> Any:
    return jsonschema_rs.Draft202012Validator(file_schema(KINDS[kind]))


@cache
def original(folder: str) -> Any:
    (document,), _ = read("f.yaml", BUILTIN[folder].read_bytes())
    return document.value


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_both_validators_agree(path: Path) -> None:
    for document in read(path.name, path.read_bytes())[0]:
        for kind in KINDS:
            assert quick(kind).is_valid(document.value) == validator(kind).is_valid(document.value)


def mutated(value: Any, draw: st.DrawFn) -> Any:
    """A copy in which one key or item, anywhere, is gone, renamed or of another type."""
    copy = json.loads(json.dumps(value))
    places: list[tuple[Any, Any]] = []
    todo = [copy]
    while todo:
        node = todo.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        places += ((node, key) for key in keys)
        todo += (node[key] for key in keys if isinstance(node[key], dict | list))
    node, key = draw(st.sampled_from(places))
    how = draw(st.sampled_from(["delete", "rename", "retype"]))
    if how == "retype":
        node[key] = draw(st.sampled_from(RETYPED))
    else:
        old = node.pop(key)
        if how == "rename" and isinstance(node, dict):
            node[draw(st.sampled_from([key[1:], key + "x", "when", key.upper(), "zebra"]))] = old
    return copy


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(sorted(BUILTIN)), st.integers(1, 3))
def test_a_mutation_of_the_built_in_specs_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, folder: str, mutations: int
) -> None:
    value = original(folder)
    for _ in range(mutations):
        value = mutated(value, data.draw)
    text = json.dumps(value, indent=1)
    path = tmp_path_factory.mktemp("mutated") / "f.yaml"
    path.write_text(text)
    loaded = load([path], below=[builtin()])
    kind = FOLDERS[folder]
    assert quick(kind).is_valid(value) == validator(kind).is_valid(value)
    errors = [f for f in loaded.findings if f.severity == "error"]
    assert (loaded.rulebook is None) == bool(errors)
    assert errors or validator(kind).is_valid(value)
    lines = text.split("\n")
    for f in loaded.findings:
        s = f.span
        assert (s.line, s.col) <= (s.end_line, s.end_col)
        assert 1 <= s.end_line <= len(lines)
        assert s.end_col <= len(lines[s.end_line - 1]) + 1
        assert f.message
        assert "\n" not in f.message + f.hint
        assert len(f.message) < 400


def test_one_spec_is_told_apart_from_its_file() -> None:
    good = {"class": "tool", "worker": {"command": ["x"]}}
    assert holds("Model", good)
    assert not holds("Model", {**good, "tier": "high"})
    assert not holds("Model", "small")  # type: ignore[arg-type]


def test_a_great_many_findings_are_cut(tmp_path: Path) -> None:
    specs = "".join(f"  a{i}: {{}}\n" for i in range(500))
    path = tmp_path / "f.yaml"
    path.write_text(f"apiVersion: rungbook/v1\nkind: Validator\nspecs:\n{specs}")
    found = load([path]).findings
    assert len(found) == MAX_FINDINGS + 1
    assert [f.code for f in found].count("R020") == 1
