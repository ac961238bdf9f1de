"""Text that is safe to show, and tables."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rungbook.render.text import clean, cut, money, one_line, paint, phrases, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\nc é 😀 \u200d", "a\tb\nc é 😀 \u200d"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred\x9d0;t\x9ctext", "redtext"),
        ("\x1b]0;never closed\nmore", "0;never closed\nmore"),
        ("\x1bPdata\x1b\\\x1b(Btext\x1bc", "text"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00\x08\x7f\x85b", "ab"),
        ("a\u202eb\u2066c\u200fd\u061c", "abcd"),
        ("a\u200bb\ufeffc\U000e0041d\udcffe", "abcde"),
    ],
)
def test_cleaned_text_cannot_deceive(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text())
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert "\x1b" not in clean(text)


def test_cleaning_takes_no_long_time() -> None:
    for piece in ("\x1b[0;", "\x1b]0", "\x9d", "\x1bP", "\x1b"):
        clean(piece * 100_000)


def test_one_line_keeps_columns() -> None:
    assert one_line("a\nb\tc\x1b\u202ed", "?") == "a?b?c??d"


@pytest.mark.parametrize(
    ("width", "expected"), [(9, "abcdef"), (6, "abcdef"), (5, "abcd…"), (1, "…")]
)
def test_cut_text_ends_in_an_ellipsis(width: int, expected: str) -> None:
    assert cut("abcdef", width) == expected


def test_paint_is_off_or_on() -> None:
    assert paint("x", "red", False) == "x"
    assert paint("x", "red", True) == "\x1b[31mx\x1b[0m"


def test_numbers_stand_to_the_right() -> None:
    rows = [("standard-development", 12, 0.5, True), ("x", 3, Decimal("10.25"), None)]
    assert table(("type", "runs", "usd", "proved"), rows) == (
        "type                  runs    usd  proved\n"
        "--------------------  ----  -----  ------\n"
        "standard-development    12    0.5  True\n"
        "x                        3  10.25"
    )


def test_without_rows_the_header_stands_alone() -> None:
    assert table(("a", "bc"), []) == "a  bc\n-  --"


def test_a_cell_is_one_safe_line() -> None:
    assert table(("a",), [("x\ny\x1b[31mz",)]).splitlines()[2:] == ["x yz"]


def test_the_widest_columns_are_cut_to_fit() -> None:
    text = table(("id", "long", "longer"), [(1, "x" * 50, "y" * 90)], width=40)
    lines = text.splitlines()
    assert max(map(len, lines)) == 40
    assert lines[2].startswith(" 1  xxxx")
    assert lines[2].endswith("y…")


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.tuples(
            st.lists(st.text(max_size=20), min_size=n, max_size=n),
            st.lists(st.lists(st.text() | st.integers() | st.none(), min_size=n, max_size=n)),
        )
    ),
    st.integers(15, 80),
)
def test_a_table_fits_and_has_a_line_for_each_row(
    content: tuple[list[str], list[list[object]]], width: int
) -> None:
    headers, rows = content
    lines = table(headers, rows, width).split("\n")
    assert len(lines) == len(rows) + 2
    assert all(len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("usd", "said"),
    [(0.0, "$0"), (0.00004, "under $0.0001"), (0.0001, "$0.0001"), (1.5, "$1.5000")],
)
def test_what_was_paid_is_never_nothing(usd, said):
    assert money(usd) == said


def test_lines_become_one_sentence():
    assert phrases("a: no\r\nb: no\n") == "a: no; b: no"
    assert phrases("") == ""
