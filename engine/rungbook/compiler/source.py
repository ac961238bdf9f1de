"""The text of one file: bytes to clean text, offsets to places, parser errors in words."""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from ruamel.yaml.error import MarkedYAMLError

from rungbook.findings import Finding, Span

MAX_BYTES = 1_000_000
"""The largest file that is read: some 30,000 lines, a second at most whatever they hold."""

MAX_KEY = 1024
"""Characters of a key on one line, by the YAML specification."""

_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)

_UNCLEAN = re.compile(
    r"\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
"""What YAML forbids, what only some tools take for a line break, what makes text look different
from what it is."""

_UNCLEAN_HINTS = {"\r": "end lines with a line feed", "\0": "is this a text file, in UTF-8?"}

_CLEAN_ASCII = bytes([*range(0x20, 0x7F), 0x09, 0x0A])


@dataclass(frozen=True)
class Source:
    """A file's text, which knows the line and column of an offset."""

    path: str
    text: str

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line's first character."""
        return [0, *(m.end() for m in re.finditer("\n", self.text))]

    def span(self, start: int, end: int) -> Span:
        """The place of the characters from offset `start` to before `end`."""
        return Span(self.path, *self.place(start), *self.place(end))

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> tuple[int, int]:
        """Offsets of a line's (from 1) first character and of what ends it."""
        if number > len(self.starts):
            return len(self.text), len(self.text)
        start = self.starts[number - 1]
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        return start, end - self.text.endswith("\r", start, end)


def decode(path: str, raw: bytes) -> tuple[Source, list[Finding]]:
    """UTF-8 text without a BOM; the text is empty if there is a finding."""
    nothing = Source(path, "")
    if len(raw) > MAX_BYTES:
        message = f"more than {MAX_BYTES:,} bytes"
        return nothing, [Finding("R003", message, Span(path), "split the file")]
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return nothing, [Finding("R002", f"{encoding} text", Span(path), "save it as UTF-8")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        before = Source(path, raw[: e.start].decode("utf-8-sig"))
        at = before.span(len(before.text), len(before.text) + 1)
        message = f"byte 0x{raw[e.start]:02x} is not UTF-8"
        return nothing, [Finding("R002", message, at, "save the file as UTF-8")]
    source = Source(path, text)
    if not raw.translate(None, _CLEAN_ASCII):
        return source, []
    unclean = [_unclean(source, *found) for found in Counter(_UNCLEAN.findall(text)).items()]
    return (nothing if unclean else source), unclean


def _unclean(source: Source, char: str, count: int) -> Finding:
    """One finding for a character, however often it stands there."""
    first = re.search(r"\r(?!\n)" if char == "\r" else char, source.text)
    start = first.start() if first else 0
    often = f" ({count:,} times)" if count > 1 else ""
    message = f"U+{ord(char):04X} is a character that text must not hold{often}"
    hint = _UNCLEAN_HINTS.get(char, "remove it, or write it as an escape")
    return Finding("R002", message, source.span(start, start + 1), hint)


def syntax(source: Source, e: MarkedYAMLError) -> Finding:
    """What the parser says, in words that say what to do."""
    text, problem = source.text, e.problem or "not YAML"
    at = min(_offset(e.problem_mark, 0), len(text.rstrip()))
    began = _offset(e.context_mark, at)
    if problem.startswith("found unexpected ") and "quoted" in (e.context or ""):
        message, hint, at = "this quote is never closed", f"add the closing {text[began]}", began
    elif "alphabetic or numeric" in problem:
        message, hint, at = f"text cannot begin with {text[began]}", "quote it", began
    elif problem == "could not find expected ':'":
        message, hint, at = "this is not a `key: value`", "add the `: `, or indent the text", began
    else:
        message, hint = _in_words(source, problem, at, began)
    end = at + len(text[at : at + 1].strip("\r\n"))
    return Finding("R010", message, source.span(at, end), hint)


def _in_words(source: Source, problem: str, at: int, began: int) -> tuple[str, str]:
    """Message and hint for a problem at an offset, within what began at another."""
    text, char = source.text, source.text[at : at + 1]
    line, began_line = source.place(at)[0], source.place(began)[0]
    before = text[source.line(line)[0] : at].strip()
    opened = f"what begins on line {began_line}"
    if "cannot start any token" in problem:
        if char == "\t":
            return "a tab cannot indent", "indent with spaces"
        return f"text cannot begin with {char}", "quote it"
    if "mapping values are not allowed" in problem:
        if at - source.line(line)[0] > MAX_KEY:
            return f"a key has at most {MAX_KEY} characters", "quote text that holds `: `"
        hint = "quote text that holds `: `, or check the indentation"
        return "a second `:` cannot stand here", hint
    if "',' or" in problem:
        return f"expected `,` or `{problem[-2]}`", f"close {opened}, or quote the text"
    if "expected key" in problem or "'-' indicator" in problem:
        if before.strip("- "):
            return "nothing can follow the value here", "quote the whole text"
        return "this does not fit the block around it", f"check the indentation against {opened}"
    if "block sequence entries" in problem:
        return "a list cannot begin here", "begin it on a line of its own, or quote the text"
    if "<document start>" in problem:
        return "nothing can follow here", "check the indentation, or begin a new document with ---"
    if "unknown escape" in problem:
        return problem, "double the backslash, or use single quotes"
    if "directive" in problem:
        return problem, "leave the line out"
    return problem, "quote the text" if char in "*&!|>{}[],:?" else ""


def _offset(mark: object, default: int) -> int:
    offset = getattr(mark, "index", default)
    return offset if isinstance(offset, int) else default
