"""Syntax of changed files, and files made to break the parser."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest

from fakes.projects import box, written
from rungbook.checks import parse
from rungbook.checks.syntax import MOST_BYTES
from rungbook.interpret.validate import judge
from rungbook.process import Limits
from rungbook.rulebook.observation import Observed
from rungbook.rulebook.validator import Parse, Validator

SYNTAX = Validator("syntax", Parse())


def observe(tree: Path, files: Sequence[str]) -> Observed:
    return anyio.run(parse.observe, box(tree), Limits(seconds=10), files)


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("a.py", "x = 1\n", None),
        ("a.py", "\ufeffx = 1\n", None),
        ("a.py", "x = 1\ndef f(:\n    pass\n", "a.py:2:7: syntax error near 'def f(:'"),
        ("a.py", "x = 'é' + (\n", "a.py:1:"),
        ("a.json", '{"a": [1, 2]}', None),
        ("a.json", '{"a": [1, 2}', "a.json:1:"),
        ("a.yaml", "a: [1, 2]\n", None),
        ("a.yml", "a: [1, 2\nb: }\n", "a.yml:"),
    ],
)
def test_where_it_breaks(tmp_path: Path, name: str, text: str, where: str | None) -> None:
    seen = observe(written(tmp_path, {name: text}), [name])
    assert seen.observation.status == (1 if where else 0)
    assert seen.excerpt.startswith(where or "")
    assert bool(seen.excerpt) == bool(where)


def test_only_files_with_a_grammar_that_are_there_count(tmp_path: Path) -> None:
    tree = written(tmp_path, {"a.txt": "(", "b.py": "(", "large.json": " " * (MOST_BYTES + 1)})
    (tree / "link.py").symlink_to(tree / "b.py")
    seen = observe(tree, ["a.txt", "gone.py", "link.py", "large.json"])
    assert not seen.observation.applies


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"a.py": "x = (\n"}, {"a.py": "x = 1\n"}, "pass"),
        ({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}, "unproved"),
        ({}, {"a.py": "x = 2\n"}, "unproved"),
        ({"a.py": "x = 1\n"}, {"a.py": "x = (\n"}, "fail"),
        ({"a.py": "x = (\n"}, {"a.py": "x = 1\n", "b.py": "y = (\n"}, "fail"),
        ({"a.py": "x = 1\n"}, {}, "not-applicable"),
    ],
)
def test_verdicts(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], verdict: str
) -> None:
    changed = sorted({*before, *after})
    trees = [tmp_path / "after", tmp_path / "before"]
    seen = []
    for tree, files in zip(trees, (after, before), strict=True):
        tree.mkdir()
        seen.append(observe(written(tree, files), changed).observation)
    assert judge(SYNTAX, *seen).verdict == verdict


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "(" * 200_000),
        ("a.json", "[" * 200_000 + "]" * 200_000),
        ("a.yaml", "[" * 200_000),
        ("a.yaml", "- " * 200_000),
        ("a.yaml", "\0\x01\x02" * 1000),
        ("a\n b.py", "("),
    ],
)
def test_crafted_files_do_not_reach_us(tmp_path: Path, name: str, text: str) -> None:
    seen = observe(written(tmp_path, {name: text}), [name]).observation
    assert judge(SYNTAX, seen, None).verdict in {"pass", "fail"}
