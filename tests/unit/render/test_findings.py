"""Findings as people and programs see them."""

import json
import os
from pathlib import Path

import pytest

from rungbook.findings import Finding, Span, shown
from rungbook.render.findings import WIDTH, as_json, as_text


def shown_line(text: str | bytes, span: tuple[int, int, int, int], tmp_path: Path) -> list[str]:
    """The source line and the carets below it."""
    path = tmp_path / "f.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    block = as_text([Finding("R103", "wrong", Span(str(path), *span))])
    return [row.removeprefix("  | ") for row in block.splitlines()[1:]]


def test_a_block_says_where_what_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("a: 1\nb: two\n")
    findings = [
        Finding("R103", "must be a number", Span(str(path), 2, 4, 2, 7), "write 2"),
        Finding("R212", "no test", Span(str(path), 1, 1, 1, 2)),
    ]
    assert as_text(findings) == (
        f"{path}:2:4: error: must be a number [R103]\n"
        "  | b: two\n"
        "  |    ^^^\n"
        "  = write 2\n"
        f"{path}:1:1: warning: no test [R212]\n"
        "  | a: 1\n"
        "  | ^"
    )


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("a: b\n", (1, 4, 1, 4), ["a: b", "   ^"]),
        ("a: b\n", (1, 5, 1, 5), ["a: b", "    ^"]),
        ("a: |\n  x\n", (1, 4, 2, 4), ["a: |", "   ^"]),
        ("abc:\n  x\n", (1, 2, 2, 4), ["abc:", " ^^^"]),
        ("\ta:\tb\n", (1, 5, 1, 6), [" a: b", "    ^"]),
        ("é😀: x\r\n", (1, 5, 1, 6), ["é😀: x", "    ^"]),
        ("\ufeffa: x\n", (1, 4, 1, 5), ["a: x", "   ^"]),
        (b"a: \xff!\n", (1, 4, 1, 5), ["a: \ufffd!", "   ^"]),
        (
            "a: \x1b[31m\u202ex\x00y\n",
            (1, 10, 1, 11),
            ["a: \ufffd[31m\ufffdx\ufffdy", "         ^"],
        ),
        ("a: x\u2028y\x0cz\n", (1, 8, 1, 9), ["a: x\ufffdy\ufffdz", "       ^"]),
        ("a\n\nb\n", (2, 1, 2, 1), []),
        ("a\n", (9, 1, 9, 2), []),
    ],
)
def test_the_carets_stand_under_the_place(
    text: str | bytes, span: tuple[int, int, int, int], expected: list[str], tmp_path: Path
) -> None:
    assert shown_line(text, span, tmp_path) == expected


@pytest.mark.parametrize("col", [1, 50, 101, 400, 995])
def test_of_a_long_line_the_part_around_the_place_is_shown(col: int, tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(1000))
    line, carets = shown_line(text, (1, col, 1, col + 3), tmp_path)
    at = carets.index("^")
    assert line[at : at + 3] == text[col - 1 : col + 2]
    assert len(line) <= WIDTH + 2
    assert line.startswith("…") == (text[:5] not in line)
    assert line.endswith("…") == (text[-5:] not in line)


def test_carets_stay_within_a_long_line(tmp_path: Path) -> None:
    line, carets = shown_line("a: " + "x" * 10_000, (1, 4, 1, 10_004), tmp_path)
    assert len(carets) <= len(line)


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_a_file_that_cannot_be_read_shows_no_line(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    assert as_text([Finding("R001", "gone", Span(str(path)))]) == f"{path}:1:1: error: gone [R001]"


def test_a_message_cannot_move_the_cursor() -> None:
    text = as_text([Finding("R104", "a\x1b[2Jb\nc\u202e", Span("x\x1b\n"), "h\rh")])
    assert text == "x��:1:1: error: a [2Jb c  [R104]\n  = h h"


def test_colour_only_when_asked(tmp_path: Path) -> None:
    finding = Finding("R103", "wrong", Span(str(tmp_path)))
    assert "\x1b" not in as_text([finding])
    assert "\x1b[31merror:\x1b[0m" in as_text([finding], colour=True)


def test_json_is_flat_and_safe_everywhere() -> None:
    finding = Finding("R212", "é \udcff \x1b", Span("f", 1, 2, 3, 4), "do")
    text = as_json([finding])
    assert text.isascii()
    assert json.loads(text) == {
        "findings": [
            {
                "code": "R212",
                "severity": "warning",
                "path": "f",
                "line": 1,
                "col": 2,
                "end_line": 3,
                "end_col": 4,
                "message": "é \udcff \x1b",
                "hint": "do",
            }
        ]
    }


def test_nothing_found_is_an_empty_list() -> None:
    assert json.loads(as_json([])) == {"findings": []}
    assert as_text([]) == ""


def test_a_quoted_text_is_short_and_on_one_line() -> None:
    assert shown("a\nb") == r"'a\nb'"
    assert len(shown("x" * 1000)) < 70
