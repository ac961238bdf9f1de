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
        ("a.js", "#!/usr/bin/env node\nexport const f = async (x) => x?.y ?? 1n;\n", None),
        ("a.jsx", "export const A = () => <b c={1}>x</b>;\n", None),
        ("a.mjs", "import x from 'x' with { type: 'json' };\n", None),
        ("a.cjs", "let x = {\nf(;\n", "a.cjs:1:7: syntax error"),
        ("a.js", "function f() {\n  return 1;\n", "a.js:"),
        (
            "a.js",
            "<<<<<<< HEAD\nlet a = 1;\n=======\n",
            "a.js:1:2: syntax error near '<<<<<<< HEAD",
        ),
        ("a.ts", "export const f = <T,>(x: T): x is T & {} => true satisfies unknown;\n", None),
        ("a.ts", "const x = <number>y;\n", None),
        ("a.mts", "export type * from './x';\nexport type * as x from './x';\n", None),
        ("a.cts", "interface Box<in out A, out E = never> { a: A }\n", None),
        ("a.ts", "export { a as null, b as delete } from './x';\n", None),
        ("a.ts", "const f = (x: number: string) => x;\n", "a.ts:1:"),
        ("a.tsx", "const a = <T,>(x: T) => <b>{x as string}</b>;\n", None),
        ("a.tsx", "const a = <b>{x};\n", "a.tsx:1:"),
        ("a.js", "/**\n * @flow\n */\ntype X = {| a: ?string |};\n", None),
        ("a.js", "let a = '@flow' +;\n", "a.js:1:"),
    ],
)
def test_where_it_breaks(tmp_path: Path, name: str, text: str, where: str | None) -> None:
    seen = observe(written(tmp_path, {name: text}), [name])
    assert seen.observation.status == (1 if where else 0)
    assert seen.excerpt.startswith(where or "")
    assert bool(seen.excerpt) == bool(where)


def test_only_files_with_a_grammar_that_are_there_count(tmp_path: Path) -> None:
    files = {"a.txt": "(", "b.py": "(", "large.json": " " * (MOST_BYTES + 1), "types.d.ts": "("}
    tree = written(tmp_path, files)
    (tree / "link.py").symlink_to(tree / "b.py")
    seen = observe(tree, ["a.txt", "gone.py", "link.py", "large.json", "types.d.ts"])
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
        ("a.ts", "<" * 200_000),
        ("a.ts", "\nin " * 200_000),
        ("a.tsx", "<a>" * 100_000),
        ("a.js", "`${" * 100_000),
        ("a\n b.py", "("),
    ],
)
def test_crafted_files_do_not_reach_us(tmp_path: Path, name: str, text: str) -> None:
    seen = observe(written(tmp_path, {name: text}), [name]).observation
    assert judge(SYNTAX, seen, None).verdict in {"pass", "fail"}
