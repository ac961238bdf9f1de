"""The whole compiler on a page: files → documents → schema → types → meaning → Rulebook.

Bad input is data: everything that is wrong is collected, and nothing stops at the first.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rungbook import paths
from rungbook.compiler.check_schema import check_schema, holds
from rungbook.compiler.discover import discover
from rungbook.compiler.document import Document, read
from rungbook.compiler.semantics import CHECKS, Draft
from rungbook.compiler.templates import Templates
from rungbook.findings import Finding, Span
from rungbook.kinds import KINDS, PROSE, Body, Kind
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.snapshot import Rulebook, identity, plain

Key = tuple[str, str]
"""(kind, name)"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One spec as written: its document, its body there, and whether it is only referred to."""

    document: Document
    body: Body
    below: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it; `rulebook` is None if there is an error among the findings."""

    rulebook: Rulebook | None
    findings: tuple[Finding, ...]
    entries: Mapping[Key, Entry] = field(repr=False)

    @property
    def files(self) -> int:
        """How many files the specs stand in."""
        return len({e.document.path for e in self.entries.values() if not e.below})


def load(roots: Iterable[Path], below: Iterable[Path] = ()) -> Loaded:
    """Compile the specs of folders and files; names that `below` has may be referred to as well.

    A spec of `roots` hides the one of the same name in `below`, whose own mistakes are not told.
    """
    roots, below = list(roots), list(below)
    mine, under = _Collected(), _Collected(below=True)
    mine.collect(roots)
    under.collect(below)
    entries = {k: e for k, e in under.entries.items() if k not in mine.documents} | mine.entries
    names = (under.entries.keys() - mine.off) | (mine.documents.keys() - mine.off)
    findings = mine.findings
    rulebook = _compiled(entries, names, Templates.of([*roots, *below]), findings)
    findings.sort(key=lambda f: (f.span, f.code))
    clean = all(f.severity != "error" for f in findings)
    return Loaded(rulebook if clean else None, tuple(dict.fromkeys(findings)), entries)


@dataclass(slots=True)
class _Collected:
    """What some files hold.

    `entries` has the specs that can be built, `documents` also those that cannot, so that a
    reference to a broken spec is no second finding; `off` those that are switched off.
    """

    below: bool = False
    findings: list[Finding] = field(default_factory=list)
    entries: dict[Key, Entry] = field(default_factory=dict)
    documents: dict[Key, Document] = field(default_factory=dict)
    off: set[Key] = field(default_factory=set)

    def collect(self, roots: list[Path]) -> None:
        """Read every file below the roots, and check each document against its schema."""
        for file in discover(roots):
            if isinstance(file, Finding):
                self.findings.append(file)
                continue
            documents, wrong = read(*file)
            for document in documents:
                wrong = _once(wrong, check_schema(document))
            self.findings += wrong
            for document in documents:
                self.specs(document, wrong)

    def specs(self, document: Document, wrong: list[Finding]) -> None:
        """Take the specs of a document whose kind is known."""
        file = document.value if isinstance(document.value, Mapping) else {}
        kind, specs = file.get("kind"), file.get("specs")
        if not (isinstance(kind, str) and kind in KINDS and isinstance(specs, Mapping)):
            return
        errors = [f.span for f in wrong if f.severity == "error"]
        for name, body in specs.items():
            key = (kind, name)
            if key in self.documents:
                self.findings.append(_twice(key, document, self.documents[key]))
                continue
            self.documents[key] = document
            if errors and not (holds(kind, body) and _untouched(document, name, errors)):
                continue
            if body.get("enabled", True):
                self.entries[key] = Entry(document, plain(body), self.below)
            else:
                self.off.add(key)


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


def _twice(key: Key, document: Document, other: Document) -> Finding:
    kind, name = key
    at = document.span(("specs", name), key=True)
    first = other.span(("specs", name), key=True)
    message = f"{kind} `{name}` also stands in {first.path}:{first.line}"
    return Finding("R106", message, at, "rename one, or drop it")


def _compiled(
    entries: Mapping[Key, Entry], names: set[Key], templates: Templates, findings: list[Finding]
) -> Rulebook:
    """Types, identities, and what is wrong with what the specs mean."""
    specs: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    hashes: dict[str, str] = {}
    prompts: dict[str, str] = {}

    def tell(key: Key, problems: Iterable[Problem]) -> None:
        entry = entries[key]
        if not entry.below:
            findings.extend(_located(entry.document, key[1], p) for p in problems)

    for key, entry in sorted(entries.items()):
        kind, name = KINDS[key[0]], key[1]
        specs[kind.name][name], problems = kind.build(name, entry.body)
        texts, wrong = _prompts(kind, entry.body, templates)
        prompts |= texts
        content = {key: value for key, value in entry.body.items() if key not in PROSE}
        content |= {"prompts": texts} if texts else {}
        tell(key, (*problems, *wrong))
        hashes[f"{kind.name}/{name}"] = identity(kind.name, name, content)
        for part, own in kind.parts(entry.body).items():
            hashes[f"{kind.name}/{name}/{part}"] = identity(kind.name, f"{name}/{part}", own)
    rulebook = Rulebook(
        id=hashlib.sha256("".join(sorted(hashes.values())).encode()).hexdigest(),
        models=MappingProxyType(specs["Model"]),
        taxonomies=MappingProxyType(specs["TaskTaxonomy"]),
        validators=MappingProxyType(specs["Validator"]),
        matrices=MappingProxyType(specs["EscalationMatrix"]),
        hashes=MappingProxyType(hashes),
        prompts=MappingProxyType(prompts),
    )
    draft = Draft(rulebook, {k: frozenset(n for of, n in names if of == k) for k in KINDS})
    for check in CHECKS:
        for kind_name, name, problem in check(draft):
            tell((kind_name, name), (problem,))
    return rulebook


def _prompts(kind: Kind, body: Body, templates: Templates) -> tuple[dict[str, str], list[Problem]]:
    """The texts of the prompts that a spec names, by name: what they say is what it does."""
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for at, name in kind.prompts(body):
        texts[name], wrong = templates.read(f"prompts/{name}.j2", kind.speaks_of)
        problems += (p._replace(at=at) for p in wrong)
    return texts, problems


def _located(document: Document, name: str, problem: Problem) -> Finding:
    at = document.span(("specs", name, *problem.at), key=problem.key)
    return Finding(problem.code, problem.message, at, problem.hint)


def builtin() -> Path:
    """The folder of the built-in specs."""
    return paths.data("specs")
