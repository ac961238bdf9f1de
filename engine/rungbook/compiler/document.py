"""YAML text → documents: plain values with the place of each, and what is wrong with the rest."""

from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from rungbook.codes import CODES
from rungbook.compiler.events import Reader
from rungbook.compiler.frames import Mark, Report
from rungbook.compiler.source import Source, decode, syntax
from rungbook.findings import Finding, Pointer, Span

MAX_FINDINGS = 50
"""Findings of one file; what is left out is counted in one more."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a file."""

    source: Source
    value: Any
    mark: Mark

    @property
    def path(self) -> str:
        """The file it stands in."""
        return self.source.path

    def span(self, pointer: Pointer, *, key: bool = False) -> Span:
        """The place of the value at `pointer` (of its key, if `key`), or of the nearest parent."""
        mark, depth = self._mark(pointer)
        whole = key and depth == len(pointer)
        return self.source.span(*(mark[:2] if whole else mark[2:4]))

    def inside(self, pointer: Pointer, line: int, start: int = 0, end: int | None = None) -> Span:
        """The place of part of a text: the characters from `start` to `end` of a line (all from 0).

        Exact in a literal block and where a text is written as it is; else the whole text's place.
        """
        mark, depth = self._mark(pointer)
        value = reduce(getitem, pointer[:depth], self.value)
        lines = value.split("\n") if isinstance(value, str) else []
        at = _written_at(self.source, mark, lines, line) if line < len(lines) else None
        if at is None:
            return self.source.span(mark[2], mark[3])
        return self.source.span(at + start, at + (len(lines[line]) if end is None else end))

    def _mark(self, pointer: Pointer) -> tuple[Mark, int]:
        """The mark at `pointer` or of its nearest parent, and how many steps lead there."""
        mark = self.mark
        for depth, step in enumerate(pointer):
            try:
                mark = mark[4][step]
            except (KeyError, IndexError, TypeError):
                return mark, depth
        return mark, len(pointer)


def _written_at(source: Source, mark: Mark, lines: list[str], line: int) -> int | None:
    """The offset at which a line of a text begins; None if it is not written as it is."""
    written = source.text[mark[2] : mark[3]]
    if written.startswith("|"):
        start, end = source.line(source.place(mark[2])[0] + 1 + line)
        at = end - len(lines[line])
        return at if at >= start and source.text.startswith(lines[line], at) else None
    quote = 1 if written[:1] in ("'", '"') else 0
    return mark[2] + quote if lines == [written[quote : len(written) - quote]] else None


def read(path: str, raw: bytes) -> tuple[list[Document], list[Finding]]:
    """Every document of a file that could be read, and what is wrong with the rest."""
    source, findings = decode(path, raw)
    if findings:
        return [], findings
    reader = Reader(source)
    try:
        reader.read()
    except MarkedYAMLError as e:
        findings.append(syntax(source, e))
        reader.forget(e.problem_mark.index if e.problem_mark else -1)
    except YAMLError as e:
        findings.append(Finding("R010", str(e).splitlines()[0], Span(path)))
    if not (reader.documents or reader.found or findings):
        findings.append(Finding("R004", "the file holds nothing", Span(path), "remove it"))
    documents = [Document(source, value, mark) for value, mark in reader.documents]
    return documents, _most(source, reader.found) + findings


def _most(source: Source, found: list[Report]) -> list[Finding]:
    """The first findings in order of place, errors before warnings if not all are shown."""
    if len(found) > MAX_FINDINGS:
        found.sort(key=lambda f: (CODES[f[0]].severity, f[1]))
    most = [
        Finding(code, message, source.span(start, end), hint)
        for code, start, end, message, hint in sorted(found[:MAX_FINDINGS], key=lambda f: f[1])
    ]
    if left := len(found) - len(most):
        most.append(Finding("R020", f"and {left:,} more findings in this file", most[-1].span))
    return most
