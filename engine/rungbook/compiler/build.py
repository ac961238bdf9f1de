"""One spec by itself: type, hashes, and what is wrong with it; then all of them as one value."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rungbook.compiler.datasets import Data, filled
from rungbook.compiler.specfile import Entry, Key
from rungbook.compiler.templates import Text
from rungbook.findings import Finding
from rungbook.kinds import KINDS, PROSE
from rungbook.rulebook.matrix import CHECKERS, EscalationMatrix
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.snapshot import Rulebook, identity


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A spec that can be part of a Rulebook; `hashes` by `Kind/name` and `Kind/name/part`.

    `prompts`: the texts of those it names, by name: what they say is what it does. `names`: the
    other specs that it speaks of. The mistakes of one that is only referred to are not told.
    """

    value: Any
    hashes: Mapping[str, str]
    prompts: Mapping[str, str]
    findings: tuple[Finding, ...]
    names: tuple[Key, ...] = ()


def build(entry: Entry, texts: tuple[Text, ...], data: tuple[Data, ...]) -> Built:
    """The spec, with the templates and the datasets that it names, in their order."""
    kind, name = KINDS[entry.key[0]], entry.key[1]
    body, digests, lacking = filled(entry.body, entry.datasets, data)
    value, problems = kind.build(name, body)
    problems += lacking
    prompts: dict[str, str] = {}
    for (at, (prompt, _)), (text, wrong) in zip(entry.prompts, texts, strict=True):
        prompts[prompt] = text
        problems += (p._replace(at=at) for p in wrong)
    content = {key: value for key, value in entry.body.items() if key not in PROSE}
    content |= {"prompts": prompts} if prompts else {}
    content |= {"datasets": digests} if digests else {}
    hashes = {f"{kind.name}/{name}": identity(kind.name, name, content)}
    for part, own in kind.parts(entry.body).items():
        hashes[f"{kind.name}/{name}/{part}"] = identity(kind.name, f"{name}/{part}", own)
    findings = () if entry.below else tuple(located(entry, p) for p in problems)
    names = tuple(dict.fromkeys(_names(value))) if isinstance(value, EscalationMatrix) else ()
    return Built(value, hashes, prompts, findings, names)


def _names(matrix: EscalationMatrix) -> Iterator[Key]:
    """What a matrix speaks of, as often as it does."""
    yield "TaskTaxonomy", matrix.taxonomy
    checkers = [matrix.checker, *(ladder.checker for ladder in matrix.ladders.values())]
    yield from (
        ("Model", row.use) for table in checkers for row in table.rows if row.use not in CHECKERS
    )
    for ladder in matrix.ladders.values():
        yield from (("Model", name) for rung in ladder.rungs for name in rung.models)
        yield from (("Validator", name) for group in ladder.verify for name in group)


def located(entry: Entry, problem: Problem) -> Finding:
    """The problem as a finding, in its place in the file."""
    at = entry.document.span(("specs", entry.key[1], *problem.at), key=problem.key)
    return Finding(problem.code, problem.message, at, problem.hint)


def rulebook_of(built: Mapping[Key, Built]) -> Rulebook:
    """The Rulebook of specs that are sorted by kind and name."""
    specs: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    hashes: dict[str, str] = {}
    prompts: dict[str, str] = {}
    for (kind, name), one in built.items():
        specs[kind][name] = one.value
        hashes |= one.hashes
        prompts |= one.prompts
    return Rulebook(
        id=hashlib.sha256("".join(sorted(hashes.values())).encode()).hexdigest(),
        models=MappingProxyType(specs["Model"]),
        taxonomies=MappingProxyType(specs["TaskTaxonomy"]),
        validators=MappingProxyType(specs["Validator"]),
        matrices=MappingProxyType(specs["EscalationMatrix"]),
        hashes=MappingProxyType(hashes),
        prompts=MappingProxyType(prompts),
    )
