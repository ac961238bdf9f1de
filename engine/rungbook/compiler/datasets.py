"""The JSONL files that specs name: found, read, and their bad lines told."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from rungbook import paths
from rungbook.compiler.templates import beside
from rungbook.findings import Pointer, shown
from rungbook.kinds import Body
from rungbook.rulebook.examples import MAX_PROBLEMS, Dataset
from rungbook.rulebook.matchers import near
from rungbook.rulebook.problem import Problem

MAX_BYTES = 10_000_000
"""Bytes of a dataset: what is read whole, and learned from in a moment."""

Data = tuple[Dataset | None, tuple[Problem, ...]]
"""A dataset, and what is wrong with it, without a place."""


@dataclass(frozen=True, slots=True)
class Datasets:
    """Folders of datasets, highest first: `datasets/` beside each `specs/` folder, then ours."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, roots: Iterable[Path]) -> "Datasets":
        """Those of the folders that specs are read from."""
        own = [f for root in roots for f in beside(root, "datasets") if f.is_dir()]
        return cls((*own, paths.data("datasets")))

    def read(self, name: str) -> Data:
        """The dataset of that name: NAME.jsonl, or tasks.jsonl in a folder NAME."""
        for folder in self.folders:
            for path in (f"{name}.jsonl", f"{name}/tasks.jsonl"):
                try:
                    file = (folder / path).resolve()
                    if not file.is_file():
                        continue
                    if not file.is_relative_to(folder.resolve()):
                        return None, (Problem("R214", (), f"{shown(name)} is not in datasets/"),)
                    with file.open("rb") as f:
                        raw = f.read(MAX_BYTES + 1)
                except OSError as e:
                    return None, (_unread(path, e.strerror or str(e)),)
                if len(raw) > MAX_BYTES:
                    return None, (_unread(path, f"it has more than {MAX_BYTES:,} bytes"),)
                return _parsed(name, f"datasets/{path}", raw)
        return None, (self._missing(name),)

    def _missing(self, name: str) -> Problem:
        """What could be meant by the name of a dataset that is not there."""
        files = {f.relative_to(d) for d in self.folders for f in d.glob("*/tasks.jsonl")}
        files |= {f.relative_to(d) for d in self.folders for f in d.glob("*.jsonl")}
        there = sorted({f.parts[0].removesuffix(".jsonl") for f in files})
        hint = near(name, there) or f"there is: {', '.join(there[:8])}"
        return Problem("R214", (), f"there is no dataset {shown(name)}", hint)


def filled(
    body: Body, named: Iterable[tuple[Pointer, str]], data: Iterable[Data]
) -> tuple[dict[str, Any], dict[str, str], list[Problem]]:
    """(the body with datasets where their names stood, the digests of those, what is wrong).

    What its tests name stays a name: it does not change what a spec does.
    """
    full, digests = dict(body), {}
    problems: dict[str, Problem] = {}
    for (at, name), (dataset, wrong) in zip(named, data, strict=True):
        for problem in wrong:
            problems.setdefault(problem.message, problem._replace(at=at))
        if dataset is not None and at[0] != "tests":
            full[str(at[0])] = dataset
            digests[name] = dataset.digest
    return full, digests, list(problems.values())


def _unread(path: str, why: str) -> Problem:
    return Problem("R214", (), f"datasets/{path} cannot be read: {why}")


@lru_cache(maxsize=16)
def _parsed(name: str, path: str, raw: bytes) -> Data:
    """The rows of a file; empty lines are none."""
    rows: list[tuple[int, Mapping[str, Any]]] = []
    problems: list[Problem] = []
    for line, text in enumerate(raw.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if not text.strip():
            continue
        try:
            row = orjson.loads(text)
        except orjson.JSONDecodeError as e:
            problems.append(Problem("R215", (), f"{path}:{line}:{e.colno}: {e.msg}"))
            continue
        if isinstance(row, dict):
            rows.append((line, row))
        else:
            told = f"{path}:{line}: a row is a mapping, as in {{…}}"
            problems.append(Problem("R215", (), told))
    said = orjson.dumps([row for _, row in rows], option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(said).hexdigest()
    return Dataset(name, path, digest, tuple(rows)), tuple(problems[:MAX_PROBLEMS])
