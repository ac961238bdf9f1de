"""Everything that can be wrong with a file's text is a finding: in its place, once, and at once.

`tests/specs/bad/yaml/NAME.expect` lists the findings of `NAME.yaml`, one a line:
`LINE:COL-END_LINE:END_COL CODE message | hint`.
"""

import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rungbook.compiler.document import MAX_FINDINGS, read
from rungbook.compiler.events import MAX_DEPTH
from rungbook.compiler.source import MAX_BYTES
from rungbook.findings import Finding

CASES = sorted((Path(__file__).parents[2] / "specs" / "bad" / "yaml").glob("*.yaml"))
MANY = 200_000


def line(f: Finding) -> str:
    s = f.span
    return f"{s.line}:{s.col}-{s.end_line}:{s.end_col} {f.code} {f.message} | {f.hint}"


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_the_findings_of_a_bad_file(case: Path) -> None:
    _, findings = read(case.name, case.read_bytes())
    expected = case.with_suffix(".expect").read_text("utf-8")
    assert "\n".join(map(line, findings)) + "\n" == expected


BYTES: dict[str, tuple[bytes, str]] = {
    "invalid UTF-8": (b"a: 1\nb: \xc3\xa9 \xff\n", "2:6-2:7 R002 byte 0xff"),
    "cut UTF-8": (b"a: \xc3", "1:4-1:5 R002 byte 0xc3"),
    "UTF-16": ("a: 1".encode("utf-16"), "1:1-1:1 R002 UTF-16"),
    "UTF-16 without a mark": ("a: 1".encode("utf-16-be"), "1:1-1:2 R002 U+0000"),
    "UTF-32": ("a: 1".encode("utf-32"), "1:1-1:1 R002 UTF-32"),
    "NUL": (b"a: 1\nb: \0\n", "2:4-2:5 R002 U+0000"),
    "escape": (b"a: \x1b[31m\n", "1:4-1:5 R002 U+001B"),
    "lone CR": (b"a: 1\rb: 2\n", "1:5-1:6 R002 U+000D"),
    "next line": ("a: 1\u0085b: 2\n".encode(), "1:5-1:6 R002 U+0085"),
    "line separator": ("a: 1\u2028b: 2\n".encode(), "1:5-1:6 R002 U+2028"),
    "right-to-left override": ("a: \u202ex\n".encode(), "1:4-1:5 R002 U+202E"),
    "second BOM": ("\ufeffa: \ufeff\n".encode(), "1:4-1:5 R002 U+FEFF"),
    "10 MB": (b"#" * 10_000_000, "1:1-1:1 R003 more than"),
    "one byte too many": (b"#" * (MAX_BYTES + 1), "1:1-1:1 R003 more than"),
    "lists without end": (b"[" * MANY, f"1:{MAX_DEPTH + 1}-1:{MAX_DEPTH + 2} R011"),
    "mappings without end": (b"{a: " * MANY, f"1:{4 * MAX_DEPTH + 1}-1:{4 * MAX_DEPTH + 2} R011"),
    "dashes without end": (b"- " * MANY, f"1:{2 * MAX_DEPTH + 1}-1:{2 * MAX_DEPTH + 2} R011"),
    "keys without end": (b"? " * MANY, f"1:{2 * MAX_DEPTH + 1}-1:{2 * MAX_DEPTH + 2} R011"),
    "deep blocks": (b"\n".join(b" " * i + b"a:" for i in range(1000)), "65:65-65:66 R011"),
    "a long key": (b"k" * 2000 + b": 1", "1:2001-1:2002 R010 a key has at most 1024"),
    "a long key in a flow": (b"{" + b"k" * 2000 + b": 1}", "1:2002-1:2003 R010 expected"),
    "an open quote over 900 kB": (b'a: "' + b"x" * 900_000, "1:4-1:5 R010 this quote"),
    "a number of 5,000 digits": (b"a: " + b"9" * 5000, "1:4-1:5004 R018"),
    "text cut at many commas": (b"{a: x" + b", word" * 10_000 + b"}", "1:8-1:12 R016"),
    "900 kB of spaces": (b" " * 900_000, "1:1-1:1 R004"),
    "900 kB of tabs": (b"\t" * 900_000, "1:1-1:2 R010 a tab"),
}


@pytest.mark.parametrize("name", BYTES)
def test_one_mistake_is_one_finding(name: str) -> None:
    raw, expected = BYTES[name]
    _, findings = read("f.yaml", raw)
    assert [line(f)[: len(expected)] for f in findings] == [expected]


MANY_MISTAKES: dict[str, tuple[bytes, int]] = {
    "duplicate keys": (b"key: 1\n" * 100_000, 99_999),
    "aliases": (b"[" + b"*a," * 100_000 + b"]", 100_000),
    "an alias bomb": (
        b"a0: &a0 [x, x]\n"
        + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (i, i, i - 1, i - 1) for i in range(1, 40)),
        40 + 2 * 39,
    ),
    "nulls": (b"- ~\n" * 100_000, 100_000),
    "empty items": (b"- \n" * 100_000, 100_000),
    "empty documents": (b"---\n" * 100_000, 100_000),
    "comments": (b"- a b #c\n" * 50_000, 50_000),
}


@pytest.mark.parametrize("name", MANY_MISTAKES)
def test_many_findings_are_cut_and_counted(name: str) -> None:
    raw, count = MANY_MISTAKES[name]
    _, findings = read("f.yaml", raw)
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].code == "R020"
    assert findings[-1].message.startswith(f"and {count - MAX_FINDINGS:,} more")


def test_errors_come_before_warnings_when_findings_are_cut() -> None:
    _, findings = read("f.yaml", b"- no\n" * 60 + b"- ~\n")
    assert [f.span.line for f in findings if f.severity == "error"] == [61]


@pytest.mark.parametrize(
    "raw",
    [
        b"a: " + b"x" * 900_000,
        b"a: '" + b"x " * 400_000 + b"'",
        b"a: |\n" + b" x\n" * 200_000,
        b"a: >\n" + b" \n" * 200_000,
        b"a: x" + b" #y" * 200_000,
        b"a: 1" + b"_" * 900_000 + b"x",
        b"a: 0." + b"9" * 900_000,
        b"[" + b"~," * 200_000 + b"]",
        b"{extends: a, b: " * 60 + b"[" + b"~," * 100_000 + b"]" + b"}" * 60,
        b"-" * 900_000,
        b"%TAG !a! x\n" * 50_000,
        *(raw for raw, _ in BYTES.values()),
        *(raw for raw, _ in MANY_MISTAKES.values()),
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_nothing_takes_long(raw: bytes) -> None:
    begin = time.process_time()
    read("f.yaml", raw)
    assert time.process_time() - begin < 2


@given(st.binary(max_size=200))
@example(b"\xff\xfe\x00")
@example(b"a: *x")
def test_no_bytes_raise(raw: bytes) -> None:
    read("f.yaml", raw)


PIECES = (
    *"abn019-:,?[]{}#&*!|>'\"%@`~.<=_\\ \t\n\r\0é😀\ufeff",
    *("\n  ", "- ", ": ", "? ", " #", "---\n", "...\n", "<<: ", "!!str ", "&a ", "*a"),
    *("null", "no", "1e9", "extends: x\n"),
)
YAMLISH = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@given(YAMLISH)
@example("{a: b, <<: *a, ~}")
@example("? [a, {b}\n: c")
@example("- |2\n\n  a\n")
def test_no_text_raises_and_every_place_is_in_the_file(text: str) -> None:
    documents, findings = read("f.yaml", text.encode())
    lines = text.removeprefix("\ufeff").split("\n")
    for f in findings:
        s = f.span
        assert (s.line, s.col) <= (s.end_line, s.end_col)
        assert 1 <= s.end_line <= len(lines)
        assert 1 <= s.col <= len(lines[s.line - 1]) + 1
        assert 1 <= s.end_col <= len(lines[s.end_line - 1]) + 1
    assert documents or findings
