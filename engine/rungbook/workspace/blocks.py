"""A model's answer → the blocks in it: what is to be searched, written whole or deleted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

Form = Literal["SEARCH", "WHOLE", "DELETE"]

MAX_BLOCKS = 1000
"""Blocks an answer may have; what needs more is no smallest change."""

MAX_PATH = 500
"""Characters that a line with a path may have."""

_BEGIN = re.compile(r"(<{5,})[ \t]*(SEARCH|WHOLE|DELETE)[ \t]*")
_END = re.compile(r"(>{5,})[ \t]*(?:REPLACE|WHOLE|DELETE)[ \t]*")
_FENCE = re.compile(r"(?:`{3,}|~{3,})[^`]*")
_AROUND = "*`'\" :"
_LABEL = re.compile(r"^(?:(?:#+|//|[-*]|\d+\.|(?i:file|filename|path):)[ \t]+)*")
"""What models write before a path, beside the emphasis around it."""

_THOUGHTS = ("<think>", "</think>")
"""What models that think aloud put around it; the drafts in there are no answer."""


@dataclass(frozen=True, slots=True)
class Block:
    """One edit of the file at `path`: the lines `old` become `new`.

    `old` is empty but for SEARCH, `new` is empty for DELETE; `number` counts from 1.
    """

    number: int
    path: str
    form: Form
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


class _Raw(NamedTuple):
    """A block as it stands in the answer; `signs` is how long its marks are."""

    form: Form
    signs: int
    above: str
    inside: Sequence[str]
    closed: bool


def parse(answer: str) -> tuple[list[Block], list[str]]:
    """The blocks of an answer, and what is wrong with it, a line each; in linear time."""
    blocks: dict[tuple[object, ...], Block] = {}
    wrong: list[str] = []
    path, number = "", 0
    for number, raw in enumerate(_found(answer), 1):
        if number > MAX_BLOCKS:
            return [], [f"the answer has more than {MAX_BLOCKS:,} blocks"]
        path = raw.above or path
        if why := _wrong(raw, path):
            wrong.append(f"{path + ': ' if path else ''}block {number} {why}")
            continue
        old, new = _sides(raw)
        # Who says the same twice means it once.
        blocks.setdefault((path, raw.form, old, new), Block(number, path, raw.form, old, new))
    if not number:
        wrong.append("the answer has no edit block")
    return list(blocks.values()), wrong


def _found(answer: str) -> Iterator[_Raw]:
    lines = [line.removesuffix("\r") for line in _said(answer).split("\n")]
    i = after = 0
    while i < len(lines):
        if not (begin := _BEGIN.fullmatch(lines[i])):
            i += 1
            continue
        signs = len(begin[1])
        end, closed = _end(lines, i + 1, signs)
        above = _path(lines[after:i])
        yield _Raw(cast(Form, begin[2]), signs, above, lines[i + 1 : end], closed)
        i = after = end + closed


def _said(answer: str) -> str:
    """The answer without the thoughts that stand before it."""
    begin, end = _THOUGHTS
    return answer.partition(end)[2] if answer.lstrip().startswith(begin) else answer


def _end(lines: Sequence[str], start: int, signs: int) -> tuple[int, bool]:
    """The line a block ends at, and whether it is closed there; else another one begins."""
    for i in range(start, len(lines)):
        for mark in (_END, _BEGIN):
            if (found := mark.fullmatch(lines[i])) and len(found[1]) == signs:
                return i, mark is _END
    return len(lines), False


def _path(above: Sequence[str]) -> str:
    """The path above a block; empty where nothing but fences stands since the one before."""
    for line in map(str.strip, reversed(above)):
        if line and not _FENCE.fullmatch(line):
            text = line.strip(_AROUND) if len(line) <= MAX_PATH else ""
            return _LABEL.sub("", text, count=1).strip(_AROUND).removeprefix("./")
    return ""


def _wrong(raw: _Raw, path: str) -> str:
    """Why it is no block; marks of another length are text like any other."""
    if not raw.closed:
        return f"is not finished: no line {'>' * raw.signs} {_close(raw.form)} ends it"
    if not path:
        return "has no path in the line above it"
    dividers = len(_dividers(raw))
    if raw.form == "SEARCH" and not dividers:
        return f"has no line {'=' * raw.signs} between the old lines and the new"
    if raw.form == "SEARCH" and dividers > 1:
        longer = f"write its three marks with {raw.signs + 2} signs"
        return f"has {dividers} lines {'=' * raw.signs}: if one is text, {longer}"
    if raw.form == "DELETE" and any(map(str.strip, raw.inside)):
        return "deletes the file and has text in it"
    return ""


def _sides(raw: _Raw) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if raw.form != "SEARCH":
        return (), tuple(raw.inside) if raw.form == "WHOLE" else ()
    (at,) = _dividers(raw)
    return tuple(raw.inside[:at]), tuple(raw.inside[at + 1 :])


def _dividers(raw: _Raw) -> list[int]:
    return [i for i, line in enumerate(raw.inside) if line.rstrip() == "=" * raw.signs]


def _close(form: Form) -> str:
    return "REPLACE" if form == "SEARCH" else form
