"""The parser's events → values and marks, on an explicit stack.

Composing is several times slower than events and overflows the C stack on deep nesting. Marks are
offsets into the text; lines and columns are worked out only for what is shown.
"""

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from rungbook.compiler.frames import MERGE, Frame, Mapping, Mark, Report, Root, Sequence
from rungbook.compiler.scalars import NUMERIC, SPECIAL, Scalar, resolve
from rungbook.compiler.source import Source
from rungbook.findings import shown

MAX_DEPTH = 64
"""Levels of lists and mappings; what the rest of the engine may safely recurse into."""

_Parser: Any = YAML(typ="safe").Parser
"""ruamel's binding of libyaml; a YAML object for every file would double the cost of its events."""

_HASH = re.compile(r"(?<=[ \t])#(?=[^\s#!])")
_CUT = re.compile(rf"[ \t]+{_HASH.pattern}")
_WORD = re.compile(r"[^\s,\[\]{}]*")
_LINE = re.compile(r"[^\r\n]*")


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


class _TooDeep(Exception):
    """The rest of the file is not read."""


class Reader:
    """Builds the values of one source's documents: each goes into the innermost open collection."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.documents: list[tuple[Any, Mark]] = []
        self.found: list[Report] = []
        self.stack: list[Frame] = []
        self.hashes = _HASH.search(source.text) is not None

    def read(self) -> None:
        """Go through the parser's events; raises YAMLError where it has to give up."""
        handlers = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._mapping,
            SequenceStartEvent: self._sequence,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
            DocumentEndEvent: self._finish,
            StreamStartEvent: self._ignore,
            StreamEndEvent: self._ignore,
        }
        next_event = _Parser(self.source.text).get_event
        try:
            while (event := next_event()) is not None:
                handlers[type(event)](event)
        except _TooDeep:
            return

    def forget(self, at: int) -> None:
        """Drop a missing value from what was found, if the parser gave up right where it is."""
        self.found = [f for f in self.found if f[2] != at or f[0] not in ("R015", "R016")]

    def _scalar(self, e: Any) -> None:
        value, style, start, end = e.value, e.style, e.start_mark.index, e.end_mark.index
        if e.anchor or e.tag:
            self._unused(e)
        if not style:
            if value in SPECIAL or value[0] in NUMERIC:
                value = self._resolved(e, start, end)
            elif self.hashes:
                self._hash(value, start, end)
        elif style == '"':
            if "\0" in value:
                self.found.append(("R002", start, end, "the text holds U+0000", "remove it"))
        elif style != "'":
            end = start + len(self.source.text[start:end].rstrip())
        self.stack[-1].add(value, start, end, None)

    def _resolved(self, e: Any, start: int, end: int) -> Scalar:
        """What a plain scalar means that may not be text."""
        written: str = e.value
        if e.tag or (e.anchor and not written):
            return written
        reading = resolve(written)
        if reading.code:
            self.found.append((reading.code, start, end, reading.message, reading.hint))
        return reading.value

    def _hash(self, value: str, start: int, end: int) -> None:
        """Report text that goes on after what YAML takes for a comment."""
        cut = _CUT.match(self.source.text, end)
        if cut and (" " in value or self.source.text[cut.end()].isdigit()):
            hint = "quote the whole text, or put a space after the #"
            self.found.append(("R019", start, end, "the text ends before the #", hint))

    def _mapping(self, e: Any) -> None:
        self._open(e, Mapping(e.start_mark.index, e.flow_style, self.found, self.source))

    def _sequence(self, e: Any) -> None:
        self._open(e, Sequence(e.start_mark.index, e.flow_style, self.found))

    def _open(self, e: Any, frame: Frame) -> None:
        if e.anchor or e.tag:
            self._unused(e)
        if len(self.stack) > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels"
            self.found.append(("R011", frame.start, frame.start + 1, message, "flatten it"))
            raise _TooDeep
        self.stack.append(frame)

    def _end(self, e: Any) -> None:
        frame = self.stack.pop()
        frame.close()
        end = e.end_mark.index if frame.flow else frame.end
        self.stack[-1].add(frame.value, frame.start, end, frame.below)

    def _alias(self, e: Any) -> None:
        """An alias stands for the text it is written as; under a merge key that has a finding."""
        if all(frame.key != MERGE for frame in self.stack):
            self._unused(e)
        self.stack[-1].add(f"*{e.anchor}", e.start_mark.index, e.end_mark.index, None)

    def _unused(self, e: Any) -> None:
        """Report an alias, anchor or tag at the place where it is written."""
        start = e.start_mark.index
        what = {"*": "alias", "&": "anchor"}.get(self.source.text[start], "tag")
        end = _end(_WORD, self.source.text, start)
        message = f"{what} {shown(self.source.text[start:end])}"
        self.found.append(("R012", start, end, message, "write the value out, or quote the text"))

    def _document(self, e: Any) -> None:
        start = e.start_mark.index
        self.begin = (start, e.end_mark.index)
        self.root = Root(start, False, self.found)
        self.stack = [self.root]
        if e.version or e.tags:
            end = _end(_LINE, self.source.text, start)
            self.found.append(("R012", start, end, "a directive", "leave the line out"))

    def _finish(self, _: Any) -> None:
        value, mark = self.root.value[0], self.root.below[0]
        if value is None:
            self.found.append(("R004", *self.begin, "the document is empty", "remove it"))
        else:
            self.documents.append((value, mark))

    def _ignore(self, _: Any) -> None:
        """The stream's begin and end say nothing."""
