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
from rungbook.compiler.check_schema import check_schema
from rungbook.compiler.discover import discover
from rungbook.compiler.document import Document, read
from rungbook.compiler.semantics import CHECKS, Draft
from rungbook.compiler.templates import Templates
from rungbook.findings import Finding
from rungbook.kinds import KINDS, PROSE
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.snapshot import Rulebook, identity

Key = tuple[str, str]
"""(kind, name)"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One spec as written: its document, its body there, and whether it is only referred to."""

    document: Document
    body: Mapping[str, Any]
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
    findings: list[Finding] = []
    entries: dict[Key, Entry] = {}
    names: set[Key] = set()
    _collect(below, entries, names, [], below=True)
    _collect(roots, entries, names, findings, below=False)
    rulebook = _build(entries, names, Templates.of([*roots, *below]), findings)
    findings.sort(key=lambda f: (f.span, f.code))
    clean = all(f.severity != "error" for f in findings)
    return Loaded(rulebook if clean else None, tuple(dict.fromkeys(findings)), entries)


def _collect(
    roots: list[Path],
    entries: dict[Key, Entry],
    names: set[Key],
    findings: list[Finding],
    *,
    below: bool,
) -> None:
    """Every spec that holds against its schema; `names` also has those that do not."""
    mine: dict[Key, Document] = {}
    for file in discover(roots):
        if isinstance(file, Finding):
            findings.append(file)
            continue
        documents, wrong = read(*file)
        findings += wrong
        for document in documents:
            found = check_schema(document)
            findings += found
            for name in _names(document):
                key = (document.value["kind"], name)
                names.add(key)
                if key in mine:
                    at = document.span(("specs", name), key=True)
                    other = mine[key].span(("specs", name), key=True)
                    message = f"{key[0]} `{name}` also stands in {other.path}:{other.line}"
                    findings.append(Finding("R106", message, at, "rename one, or drop it"))
                    continue
                mine[key] = document
                body = document.value["specs"][name]
                if not _broken(document, name, [*found, *wrong]) and body.get("enabled", True):
                    entries[key] = Entry(document, body, below)
                else:
                    entries.pop(key, None)


def _names(document: Document) -> list[str]:
    """The names of the specs of a document whose kind is known."""
    value = document.value
    if not isinstance(value, Mapping) or value.get("kind") not in list(KINDS):
        return []
    specs = value.get("specs")
    return list(specs) if isinstance(specs, Mapping) else []


def _broken(document: Document, name: str, found: list[Finding]) -> bool:
    """Whether a finding stands within the spec, or anywhere outside of `specs`."""
    if not any(f.severity == "error" for f in found):
        return False
    if not isinstance(document.value["specs"][name], Mapping):
        return True
    inside = document.span(("specs", name))
    head = document.span(("specs", name), key=True)
    first, last = (head.line, head.col), (inside.end_line, inside.end_col)
    return any(first <= (f.span.line, f.span.col) <= last for f in found if f.severity == "error")


def _build(
    entries: Mapping[Key, Entry], names: set[Key], templates: Templates, findings: list[Finding]
) -> Rulebook:
    """Types, identities, and what is wrong with what the specs mean."""
    built: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    hashes: dict[str, str] = {}

    def tell(key: Key, problem: Problem) -> None:
        if not entries[key].below:
            findings.append(_located(entries[key].document, key[1], problem))

    for key, entry in sorted(entries.items()):
        kind = KINDS[key[0]]
        built[kind.name][key[1]], problems = kind.build(key[1], entry.body)
        content, wrong = _content(kind.name, entry.body, templates)
        for problem in (*problems, *wrong):
            tell(key, problem)
        hashes[f"{kind.name}/{key[1]}"] = identity(kind.name, key[1], content)
        for part, own in kind.parts(entry.body).items():
            hashes[f"{kind.name}/{key[1]}/{part}"] = identity(kind.name, f"{key[1]}/{part}", own)
    frozen = {kind: MappingProxyType(specs) for kind, specs in built.items()}
    rulebook = Rulebook(
        id=hashlib.sha256("".join(sorted(hashes.values())).encode()).hexdigest(),
        models=frozen["Model"],
        taxonomies=frozen["TaskTaxonomy"],
        validators=frozen["Validator"],
        matrices=frozen["EscalationMatrix"],
        hashes=MappingProxyType(hashes),
    )
    by_kind = {kind: frozenset(n for k, n in names if k == kind) for kind in KINDS}
    draft = Draft(rulebook, by_kind)
    for check in CHECKS:
        for kind_name, name, problem in check(draft):
            tell((kind_name, name), problem)
    return rulebook


def _content(
    kind: str, body: Mapping[str, Any], templates: Templates
) -> tuple[dict[str, Any], list[Problem]]:
    """What the spec does: its body without prose, with the text of every file it names."""
    content = {k: v for k, v in body.items() if k not in PROSE}
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for at, path in KINDS[kind].templates(body):
        text, wrong = templates.read(path, KINDS[kind].speaks_of)
        problems += (p._replace(at=at) for p in wrong)
        texts[path] = text
    return (content | {"templates": texts} if texts else content), problems


def _located(document: Document, name: str, problem: Problem) -> Finding:
    at = document.span(("specs", name, *problem.at), key=problem.key)
    return Finding(problem.code, problem.message, at, problem.hint)


def builtin() -> Path:
    """The folder of the built-in specs."""
    return paths.data("specs")
