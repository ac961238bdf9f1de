"""An identity is of what a spec does: RFC 8785 over its content, not its prose or its layout."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rungbook.compiler.load import builtin, load
from rungbook.rulebook.snapshot import canonical, identity, plain

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-50, 50).map(float),
    text,
)
content = st.recursive(
    scalars, lambda x: st.one_of(st.lists(x), st.dictionaries(text, x)), max_leaves=12
)


@settings(max_examples=500, deadline=None)
@given(content)
@example(4.0)
@example([-0.0, 1e16, 1e21, 1e-7, 1e-6, 123456789012345680000.0, 5e-324, 0.1, 4.0])
@example({"é": 1, "e": 2, "\U0001f600": 3, "\ufb33": 4, "\x7f": "\x1f\b\u2028"})
@example({"a": "1.0,", "b": "[4.0]"})
def test_canonical_is_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)
    assert canonical(plain(value)) == canonical(value)
    assert plain(value) == value


def test_an_identity_is_a_sha256_over_kind_name_and_content() -> None:
    expected = hashlib.sha256(b'["Model","a",{"tier":4}]').hexdigest()
    assert identity("Model", "a", {"tier": 4.0}) == expected


MODEL = {"provider": {"type": "ollama", "id": "m"}, "class": "small", "family": "f", "tier": 4}


def hashes(tmp_path: Path, kind: str, body: Any) -> dict[str, str]:
    file = tmp_path / "f.yaml"
    file.write_text(json.dumps({"apiVersion": "rungbook/v1", "kind": kind, "specs": {"a": body}}))
    loaded = load([file], below=[builtin()])
    assert loaded.findings == ()
    assert loaded.rulebook is not None
    return dict(loaded.rulebook.hashes)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"summary": "other", "labels": ["x"]}, True),
        (
            {"tests": [{"given": {"input_tokens": 1, "output_tokens": 1}, "expect": {"usd": 0}}]},
            True,
        ),
        ({"tier": 4.0}, True),
        ({"tier": 5}, False),
        ({"options": {"x": 1}}, False),
    ],
)
def test_what_a_model_is(tmp_path: Path, change: Any, same: bool) -> None:
    before = hashes(tmp_path, "Model", MODEL)["Model/a"]
    after = hashes(tmp_path, "Model", dict(reversed([*(MODEL | change).items()])))["Model/a"]
    assert (before == after) is same


def matrix() -> Any:
    rung = {"name": "fix", "model": "ruff-fix"}
    types = ("quick-edit", "standard-development", "complex-architecture", "critical")
    return {
        "taxonomy": "coding-tasks",
        "common": {"budget": {"per_task": {"attempts": 6}, "per_day": {"usd": 2}}},
        "ladders": {name: {"rungs": [rung], "verify": ["syntax"]} for name in types},
    }


def test_a_part_changes_with_what_decides_it(tmp_path: Path) -> None:
    first, own, shared = matrix(), matrix(), matrix()
    own["ladders"]["critical"]["budget"] = {"per_task": {"attempts": 2}}
    shared["common"]["exhausted"] = "review"
    kind = "EscalationMatrix"
    before = hashes(tmp_path, kind, first)

    def moved(body: Any) -> set[str]:
        after = hashes(tmp_path, kind, body)
        return {name for name in before if before[name] != after[name]}

    whole = {f"{kind}/a"}
    ladders = {f"{kind}/a/{name}" for name in first["ladders"]}
    assert ladders <= set(before)
    assert moved(own) == whole | {f"{kind}/a/critical"}
    assert moved(shared) == whole | ladders
