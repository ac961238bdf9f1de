"""One file by itself: its documents against their schemas, and the specs that stand in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rungbook.compiler.check_schema import check_schema, holds
from rungbook.compiler.discover import shown
from rungbook.compiler.document import Document, read
from rungbook.findings import Finding, Pointer, Span
from rungbook.kinds import KINDS, Body
from rungbook.rulebook.snapshot import plain

Key = tuple[str, str]
"""(kind, name)"""

Prompt = tuple[str, frozenset[str]]
"""A template's name, and the names it may speak of."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One spec as written: its document, its body there, and whether it is only referred to.

    `prompts`: where it names which templates; `datasets`: where it names which datasets.
    """

    key: Key
    document: Document
    body: Body
    below: bool = False
    prompts: tuple[tuple[Pointer, Prompt], ...] = ()
    datasets: tuple[tuple[Pointer, str], ...] = ()


class Written(NamedTuple):
    """A spec of a known kind; `entry` is None if it cannot be built, or is switched `off`."""

    key: Key
    document: Document
    entry: Entry | None
    off: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SpecFile:
    """What a file holds, and what is wrong with it whatever the others hold.

    `prompts`: the templates that its specs name; `datasets`: the datasets.
    """

    specs: tuple[Written, ...]
    findings: tuple[Finding, ...]
    prompts: frozenset[Prompt]
    datasets: frozenset[str]


def specfile(path: str, raw: bytes, below: bool) -> SpecFile:
    """Read a file, check each document against its schema, and take the specs that are sound."""
    documents, wrong = read(shown(path), raw)
    for document in documents:
        wrong = _once(wrong, check_schema(document))
    errors = [f.span for f in wrong if f.severity == "error"]
    specs = tuple(w for document in documents for w in _specs(document, errors, below))
    prompts = frozenset(prompt for w in specs if w.entry for _, prompt in w.entry.prompts)
    datasets = frozenset(name for w in specs if w.entry for _, name in w.entry.datasets)
    return SpecFile(specs, tuple(wrong), prompts, datasets)


def _specs(document: Document, errors: list[Span], below: bool) -> Iterator[Written]:
    """The specs of a document whose kind is known."""
    file = document.value if isinstance(document.value, Mapping) else {}
    name, specs = file.get("kind"), file.get("specs")
    if not (isinstance(name, str) and name in KINDS and isinstance(specs, Mapping)):
        return
    kind = KINDS[name]
    for name, body in specs.items():
        key = (kind.name, name)
        if errors and not (holds(kind.name, body) and _untouched(document, name, errors)):
            yield Written(key, document, None)
        elif body.get("enabled", True):
            named = tuple((at, (prompt, kind.speaks_of)) for at, prompt in kind.prompts(body))
            datasets = tuple(kind.datasets(body))
            entry = Entry(key, document, plain(body), below, named, datasets)
            yield Written(key, document, entry)
        else:
            yield Written(key, document, None, off=True)


def _once(told: list[Finding], schema: list[Finding]) -> list[Finding]:
    """Both lists, one finding a mistake: what could not be read is not held against its schema, and
    a doubt about a value gives way to what is wrong with it."""
    errors = [f.span for f in told if f.severity == "error"]
    new = [f for f in schema if not any(_is_about(error, f.span) for error in errors)]
    wrong = {f.span for f in new}
    return [f for f in told if f.severity == "error" or f.span not in wrong] + new


def _is_about(told: Span, span: Span) -> bool:
    """Whether the span begins where something is told already, or lies within that."""
    begins, ends = (told.line, told.col), (told.end_line, told.end_col)
    return begins == (span.line, span.col) or (
        begins <= (span.line, span.col) and (span.end_line, span.end_col) <= ends
    )


def _untouched(document: Document, name: str, errors: list[Span]) -> bool:
    """Whether no error stands within a spec."""
    first = document.span(("specs", name), key=True)
    last = document.span(("specs", name))
    begins, ends = (first.line, first.col), (last.end_line, last.end_col)
    return not any(begins <= (e.line, e.col) <= ends for e in errors)
