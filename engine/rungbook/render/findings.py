"""Findings as text with the source line and a caret, or as JSON."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rungbook.findings import Finding, Span
from rungbook.render.text import one_line, paint

WIDTH = 100
"""Columns of a source line that are shown around the place."""

_LEAD = 20
"""Columns of a long line that are shown before the place."""

_MOST_READ = 2_000_000
"""Bytes of a file in which a source line is looked for; specs are smaller."""


def as_json(findings: Iterable[Finding]) -> str:
    """`{findings: [{code, severity, path, line, col, end_line, end_col, message, hint}]}`."""
    return json.dumps({"findings": [f.as_dict() for f in findings]}, indent=2)


def as_text(findings: Iterable[Finding], *, colour: bool = False) -> str:
    """One block a finding: place, severity, message and code; the source line; what to do."""
    lines = cache(_lines)
    return "\n".join(_block(f, lines(f.span.path), colour) for f in findings)


def _lines(path: str) -> list[str]:
    """The lines of a regular file as an editor counts them; none if it cannot be read."""
    try:
        if not Path(path).is_file():
            return []
        with Path(path).open("rb") as file:
            text = file.read(_MOST_READ).decode("utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return []
    return text.split("\n")


def _block(f: Finding, lines: list[str], colour: bool) -> str:
    s = f.span
    hue = "red" if f.severity == "error" else "yellow"
    place = paint(f"{one_line(s.path, '�')}:{s.line}:{s.col}:", "dim", colour)
    severity = paint(f"{f.severity}:", hue, colour)
    out = [f"{place} {severity} {one_line(f.message)} [{f.code}]"]
    if s.line <= len(lines) and lines[s.line - 1].strip():
        line, carets = _window(lines[s.line - 1].rstrip("\r"), s)
        out += [f"  | {line}", f"  | {paint(carets, hue, colour)}"]
    if f.hint:
        out.append(f"  = {one_line(f.hint)}")
    return "\n".join(out)


def _window(line: str, s: Span) -> tuple[str, str]:
    """The part of a line around the place, one column a character, and the carets under it."""
    line = one_line(line.replace("\t", " "), "�")
    start = max(0, min(s.col - 1 - _LEAD, len(line) - WIDTH)) if len(line) > WIDTH else 0
    part = line[start : start + WIDTH]
    end = s.end_col - 1 if s.end_line == s.line else len(line)
    carets = "^" * max(1, min(end, start + len(part)) - (s.col - 1))
    before, after = "…" * (start > 0), "…" * (start + len(part) < len(line))
    return f"{before}{part}{after}", " " * (len(before) + s.col - 1 - start) + carets
