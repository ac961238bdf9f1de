"""The whole compiler on a page: files → documents → schema → types → meaning → Rulebook.

Bad input is data: everything that is wrong is collected, and nothing stops at the first. Every step
is a pure function of what it is given, so with a Memo only what changed is worked out again.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from rungbook import paths
from rungbook.compiler.build import Built, build, located, rulebook_of
from rungbook.compiler.datasets import Data, Datasets
from rungbook.compiler.discover import Found, content, discover
from rungbook.compiler.document import Document
from rungbook.compiler.memo import Memo, Read
from rungbook.compiler.semantics import meaning
from rungbook.compiler.specfile import Entry, Key, Prompt, SpecFile, specfile
from rungbook.compiler.templates import Templates, Text, beside
from rungbook.findings import Finding
from rungbook.kinds import KINDS
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.snapshot import Rulebook

__all__ = ["Entry", "Key", "Loaded", "Memo", "builtin", "load", "sources"]

Files = tuple[SpecFile | Finding, ...]
Texts = frozenset[tuple[Prompt, Text]]
Named = frozenset[tuple[str, Data]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it; `rulebook` is None if there is an error among the findings.

    `datasets`: those that the specs and their tests name, by name.
    """

    rulebook: Rulebook | None
    findings: tuple[Finding, ...]
    entries: Mapping[Key, Entry] = field(repr=False)
    datasets: Mapping[str, Data] = field(default_factory=dict, repr=False)

    @property
    def files(self) -> int:
        """How many files the specs stand in."""
        return len({e.document.path for e in self.entries.values() if not e.below})


def load(roots: Iterable[Path], below: Iterable[Path] = (), memo: Memo | None = None) -> Loaded:
    """Compile the specs of folders and files; names that `below` has may be referred to as well.

    A spec of `roots` hides the one of the same name in `below`, whose own mistakes are not told.
    `memo` is what an earlier call for the same folders was given: the same Loaded comes back if
    nothing has changed since.
    """
    memo = memo or Memo()
    roots, below = list(roots), list(below)
    mine = tuple(_files(roots, False, memo))
    under = tuple(_files(below, True, memo))
    files = [f for f in (*mine, *under) if isinstance(f, SpecFile)]
    templates, datasets = Templates.of([*roots, *below]), Datasets.of([*roots, *below])
    named = frozenset().union(*(f.prompts for f in files))
    texts = frozenset((prompt, templates.prompt(*prompt)) for prompt in named)
    spoken = frozenset().union(*(f.datasets for f in files))
    data = frozenset((name, datasets.read(name)) for name in spoken)
    return memo(_linked, memo, mine, under, texts, data)


def _files(roots: list[Path], below: bool, memo: Memo) -> Iterator[SpecFile | Finding]:
    """Every file below the roots, and what cannot be read of them."""
    now, known = time.time_ns(), memo.files[below]
    kept = memo.files[below] = {}
    for found in discover(roots):
        if isinstance(found, Finding):
            yield found
            continue
        last = known.get(found.path)
        if last is None or last.found != found:
            last = _read(found, below, last, trusted=found.is_settled(now))
        kept[found.path] = last
        yield last.file


def _read(found: Found, below: bool, last: Read | None, *, trusted: bool) -> Read:
    """What stands in a file now; the same as last time if its bytes are."""
    raw = content(found)
    if last is not None and last.raw == raw:
        return last._replace(found=found if trusted else None)
    file = raw if isinstance(raw, Finding) else specfile(found.path, raw, below)
    return Read(found if trusted else None, raw, file)


def _linked(memo: Memo, mine: Files, under: Files, texts: Texts, named: Named) -> Loaded:
    """All specs together: which of a name counts, and what they mean to each other."""
    own, lower = _Collected.of(mine), _Collected.of(under)
    text, data = dict(texts), dict(named)
    entries = {k: e for k, e in lower.entries.items() if k not in own.documents} | own.entries
    names = (lower.entries.keys() - own.off) | (own.documents.keys() - own.off)
    built = {
        key: memo(
            build,
            entry,
            tuple([text[prompt] for _, prompt in entry.prompts]),
            tuple([data[name] for _, name in entry.datasets]),
        )
        for key, entry in sorted(entries.items(), key=itemgetter(0))
    }
    rulebook = rulebook_of(built)
    findings = own.findings
    findings += (finding for one in built.values() for finding in one.findings)
    for key, problem in _meanings(memo, built, names, rulebook):
        if not entries[key].below:
            findings.append(located(entries[key], problem))
    findings.sort(key=lambda f: (f.span, f.code))
    clean = all(f.severity != "error" for f in findings)
    memo.turn()
    return Loaded(rulebook if clean else None, tuple(dict.fromkeys(findings)), entries, data)


def _meanings(
    memo: Memo, built: Mapping[Key, Built], names: set[Key], rulebook: Rulebook
) -> Iterator[tuple[Key, Problem]]:
    """What is wrong with the specs that name others, each beside those it names."""
    every = tuple((kind, frozenset(n for of, n in names if of == kind)) for kind in KINDS)
    judges = frozenset(name for name, model in rulebook.models.items() if model.can_judge)
    few = judges if len(judges) < 2 else None
    for key, one in built.items():
        if one.names:
            named = tuple([built.get(name) for name in one.names])
            problems = memo(meaning, one, named, every if None in named else None, few)
            yield from ((key, problem) for problem in problems)


@dataclass(slots=True)
class _Collected:
    """What some files hold.

    `entries` has the specs that can be built, `documents` also those that cannot, so that a
    reference to a broken spec is no second finding; `off` those that are switched off.
    """

    findings: list[Finding] = field(default_factory=list)
    entries: dict[Key, Entry] = field(default_factory=dict)
    documents: dict[Key, Document] = field(default_factory=dict)
    off: set[Key] = field(default_factory=set)

    @classmethod
    def of(cls, files: Files) -> "_Collected":
        """The specs of the files; of two with the same name, the first."""
        self = cls()
        for file in files:
            if isinstance(file, Finding):
                self.findings.append(file)
                continue
            self.findings += file.findings
            for key, document, entry, off in file.specs:
                if (first := self.documents.setdefault(key, document)) is not document:
                    self.findings.append(_twice(key, document, first))
                elif entry is not None:
                    self.entries[key] = entry
                elif off:
                    self.off.add(key)
        return self


def _twice(key: Key, document: Document, other: Document) -> Finding:
    kind, name = key
    at = document.span(("specs", name), key=True)
    first = other.span(("specs", name), key=True)
    message = f"{kind} `{name}` also stands in {first.path}:{first.line}"
    return Finding("R106", message, at, "rename one, or drop it")


def sources(root: Path) -> list[Path]:
    """A folder of specs and those beside it whose files its specs may name, there or not."""
    return [root, *(f for name in ("templates", "datasets") for f in beside(root, name))]


def builtin() -> Path:
    """The folder of the built-in specs."""
    return paths.data("specs")
