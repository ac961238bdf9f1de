"""Changed data files against a JSON Schema, and files made to break their readers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from fakes.projects import box, written
from rungbook.checks import files, schema
from rungbook.interpret.validate import judge
from rungbook.process import Limits
from rungbook.rulebook.observation import Observed
from rungbook.rulebook.validator import Schema, Validator

PORT = {"type": "integer", "maximum": 65535}
SERVER = Schema(
    files=("*.*",),
    valid={
        "type": "object",
        "required": ["port"],
        "properties": {
            "port": {"$ref": "#/$defs/port"},
            "since": {"type": "string", "format": "date"},
            "a/b~c": {"type": "array", "items": {"type": "string", "pattern": "^x"}},
        },
        "$defs": {"port": PORT},
    },
)


def observe(check: Schema, tree: Path, paths: Sequence[str]) -> Observed:
    return anyio.run(files.observe, check, box(tree), Limits(seconds=20), paths)


def seen(tree: Path, texts: Mapping[str, str], check: Schema = SERVER) -> Observed:
    return observe(check, written(tree, texts), sorted(texts))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"port": 80, "since": "2024-01-31"}'),
        ("a.json", '\ufeff{"port": 80}'),
        ("A.JSON", '{"port": 80}'),
        ("a.jsonl", '{"port": 1}\n\n{"port": 2}\n'),
        ("a.toml", "port = 80\nsince = 2024-01-31\n"),
        ("a.yaml", "port: 80\nsince: 2024-01-31\n"),
        ("a.yml", "defaults: &d {port: 80}\n<<: *d\n"),
        ("a.yml", "port: 1\n---\nport: 2\n"),
    ],
)
def test_formats(tmp_path: Path, name: str, text: str) -> None:
    found = seen(tmp_path, {name: text})
    assert (found.observation.status, found.excerpt) == (0, "")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", '{"port": 80000}', "a.json: /port: 80000 is greater than the maximum of 65535"),
        ("a.json", "{}", 'a.json: "port" is a required property'),
        ("a.json", '{"port": 1, "a/b~c": ["x", "y"]}', 'a.json: /a~1b~0c/1: "y" does not match'),
        ("a.json", '{"port": 1, "since": "soon"}', 'a.json: /since: "soon" is not a "date"'),
        ("a.json", '{"port": 1,}', "a.json: "),
        ("a.jsonl", '{"port": 1}\n{"port": "x"}\n', "a.jsonl:2: /port: "),
        ("a.jsonl", '{"port": 1}\n\n{"port": }\n', "a.jsonl: line 3: "),
        ("a.toml", "port = 1\nport = 2\n", "a.toml: "),
        ("a.toml", "port = '80'\n", 'a.toml: /port: "80" is not of type "integer"'),
        ("a.yaml", "port: 1\n---\nport: x\n", "a.yaml (document 2): /port: "),
        ("a.yaml", "port: 1\nport: 2\n", "a.yaml: while constructing a mapping"),
        ("a.yaml", "port: !secret x\n", "a.yaml: could not determine a constructor"),
        ("a.yaml", "", 'a.yaml: null is not of type "object"'),
        ("a.yaml", "port: 2024-13-01\n", "a.yaml: "),
    ],
)
def test_what_is_wrong_is_told_by_its_place(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    found = seen(tmp_path, {name: text})
    assert found.observation.status == 1
    assert found.excerpt.startswith(told)
    assert len(found.excerpt.splitlines()) == 1


def test_only_data_that_the_globs_name_counts(tmp_path: Path) -> None:
    check = Schema(("config/**",), {"type": "object"})
    texts = {"config/a.txt": "[", "config/b.py": "[", "other.json": "["}
    assert not seen(tmp_path, texts, check).observation.applies
    assert seen(tmp_path, {**texts, "config/deep/c.json": "["}, check).observation.status == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "[" * 200_000),
        ("a.json", "[" * 500 + "]" * 500),
        ("a.json", '{"port": ' + "9" * 10_000 + "}"),
        ("a.toml", "a = " + "[" * 5000 + "]" * 5000),
        ("a.yaml", "[" * 200_000),
        ("a.yaml", "- " * 200_000),
        ("a.yaml", "{a: " * 5000),
        ("a.yaml", "&a [*a]"),
        ("a.yaml", "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        )),
        ("a.yaml", "\0\x01\x02" * 1000),
        ("a.yaml", "!!python/object/apply:os.system ['true']"),
        ("a.yaml", "1" * 10_000),
    ],
    ids=lambda value: value[:12],
)  # fmt: skip
def test_crafted_files_are_only_wrong(tmp_path: Path, name: str, text: str) -> None:
    found = seen(tmp_path, {name: text})
    judged = judge(Validator("v", SERVER), found.observation, None)
    assert (judged.verdict, judged.reason) == ("fail", "a file is not valid")
    assert found.excerpt.startswith("a.")


def test_a_file_of_too_many_values_is_not_held_against_the_schema(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schema, "MOST_VALUES", 10)
    look = schema.looking({"valid": {"type": "array"}})
    assert list(look("a.json", b"[1,2,3]") or ()) == []
    assert list(look("a.json", b"[1,2,3,4,5,6,7,8,9,0]") or ()) == [
        "a.json: it has more than 10 values"
    ]


def test_the_first_mistakes_of_all_files_are_told(tmp_path: Path) -> None:
    texts = {f"{i}.jsonl": "{}\n" * 15 for i in range(3)}
    lines = seen(tmp_path, texts).excerpt.splitlines()
    assert len(lines) == 21
    assert lines[14:17] == [
        '0.jsonl:15: "port" is a required property',
        '1.jsonl:1: "port" is a required property',
        '1.jsonl:2: "port" is a required property',
    ]
    assert lines[-1] == "and more"


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"port": 0.5}, {"port": 1}, "pass"),
        ({"port": 1}, {"port": 2}, "unproved"),
        ({"port": 1}, {"port": 0.5}, "fail"),
    ],
)
def test_verdicts(tmp_path: Path, before: Any, after: Any, verdict: str) -> None:
    both = []
    for tree, value in ((tmp_path / "after", after), (tmp_path / "before", before)):
        tree.mkdir()
        both.append(seen(tree, {"a.json": str(value).replace("'", '"')}).observation)
    assert judge(Validator("v", SERVER), *both).verdict == verdict
