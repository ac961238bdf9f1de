"""Text that is safe and tidy on a terminal: neutralised, cut to fit, in columns."""

import re
from collections.abc import Iterable, Sequence
from numbers import Number

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f\n]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS
    r"|\x1b[ -/]*[0-~]"
)
_UNSEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional
    r"\u200b\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # invisible
    r"\ud800-\udfff"  # half characters, which no terminal takes
)
_UNSAFE = re.compile(f"[{_UNSEEN}]")
_UNSAFE_IN_LINE = re.compile(f"[{_UNSEEN}\t\n]")

_LEAST_USD = 0.0001

COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "dim": "2", "bold": "1"}


def clean(text: str) -> str:
    """Text of a model, tool or file without what could move the cursor or deceive the reader."""
    return _UNSAFE.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def one_line(text: str, instead: str = " ") -> str:
    """The text on one line, each unsafe character and line break replaced, so columns stay."""
    return _UNSAFE_IN_LINE.sub(instead, text)


def phrases(text: str) -> str:
    """The lines of a text as parts of one sentence."""
    return "; ".join(text.splitlines())


def count(number: int, noun: str) -> str:
    """`1 run`, `2 runs`, `3 sandboxes`."""
    many = "es" if noun.endswith("x") else "s"
    return f"{number:,} {noun}" + ("" if number == 1 else many)


def money(usd: float) -> str:
    """US dollars as people read them; what is less than the last digit is still not nothing."""
    if not usd:
        return "$0"
    return f"${usd:.4f}" if usd >= _LEAST_USD else f"under ${_LEAST_USD:.4f}"


def cut(text: str, width: int) -> str:
    """At most `width` characters, the last an ellipsis if some are left out."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"[:width]


def paint(text: str, colour: str, on: bool) -> str:
    """The text in one of COLOURS, if colours are on."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if on else text


def table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], width: int | None = None
) -> str:
    """Columns under their headers, numbers to the right; the widest are cut to fit `width`."""
    body = [list(row) for row in rows]
    columns = range(len(headers))
    right = [_is_numeric(row[i] for row in body) for i in columns]
    cells = [[_cell(value) for value in row] for row in (headers, *body)]
    widths = [max(len(row[i]) for row in cells) for i in columns]
    if width is not None:
        widths = _fitted(widths, width - 2 * (len(headers) - 1))
    lines = [_row(row, widths, right) for row in cells]
    rule = "  ".join("-" * w for w in widths)
    return "\n".join([lines[0], rule, *lines[1:]])


def _cell(value: object) -> str:
    return "" if value is None else one_line(_ESCAPES.sub("", str(value)))


def _is_numeric(values: Iterable[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(v, Number) and not isinstance(v, bool) for v in known)


def _fitted(widths: list[int], room: int) -> list[int]:
    """Widths whose sum is at most `room`: all wider than some limit are cut to it."""
    fitted, left = list(widths), room
    narrow_first = sorted(range(len(widths)), key=lambda i: widths[i])
    for done, i in enumerate(narrow_first):
        fitted[i] = max(1, min(widths[i], left // (len(widths) - done)))
        left -= fitted[i]
    return fitted


def _row(cells: list[str], widths: list[int], right: list[bool]) -> str:
    fields = (
        cut(cell, w).rjust(w) if to_right else cut(cell, w).ljust(w)
        for cell, w, to_right in zip(cells, widths, right, strict=True)
    )
    return "  ".join(fields).rstrip()
