"""The files of a tree that have most to do with a text, by words that few files have (BM25)."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

MOST_BYTES = 8_000_000
"""Bytes of all files that are searched; of larger trees, files whose paths have such words."""

MOST_FILES = 4000
MOST_SIZE = 256_000
"""Files that are searched, and bytes one may have; larger ones are rarely written by hand."""

MOST_WORDS = 30
"""Words of a text that are searched for, the first ones."""

MOST_CHARS = 20_000
"""Characters at the beginning of a text that are looked at for words."""

_SATURATION, _LENGTH = 1.2, 0.75
"""BM25's k1 and b, as Robertson and Zaragoza (2009) give them for unknown collections."""

_IDENTIFIER = 3.0
"""How much more a word counts that only a program has: with capitals inside, digits or `_`."""

_IN_PATH = 5
"""How many times in a text a word counts that stands in the path."""

_WORD = re.compile(r"[^\W\d]\w{2,60}")
_SEAM = re.compile(r"[_\d]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def words(text: str) -> dict[str, float]:
    """The words of a text as they are searched for, in lower case, and how much each counts."""
    found: dict[str, float] = {}
    for word in _WORD.findall(text[:MOST_CHARS]):
        special = word[1:] != word[1:].lower() or not word.isalpha()
        found.setdefault(word.lower(), _IDENTIFIER if special else 1.0)
        for part in _SEAM.split(word) if special else ():
            if len(part) > 2:
                found.setdefault(part.lower(), 1.0)
    return dict(list(found.items())[:MOST_WORDS])


def ranked(
    sizes: Mapping[str, int], wanted: Mapping[str, float], read: Callable[[str], str | None]
) -> tuple[list[tuple[str, float]], dict[str, float]]:
    """(paths with a score above 0, the best first; how rare each word is).

    `read` gives the text of a file, None where it is none. Hidden files are not searched.
    """
    counts: dict[str, list[int]] = {}
    lengths: dict[str, int] = {}
    for path in _candidates(sizes, wanted) if wanted else ():
        if (text := read(path)) is not None:
            low, name = text.lower(), path.lower()
            counts[path] = [low.count(w) + _IN_PATH * name.count(w) for w in wanted]
            lengths[path] = len(text)
    if not counts:
        return [], {}
    among = [sum(1 for row in counts.values() if row[i]) for i in range(len(wanted))]
    rare = [weight * _idf(len(counts), n) for weight, n in zip(wanted.values(), among, strict=True)]
    mean = sum(lengths.values()) / len(lengths) or 1
    scores = {p: _score(row, rare, lengths[p] / mean) for p, row in counts.items()}
    best = sorted((p for p in scores if scores[p] > 0), key=lambda p: (-scores[p], p))
    return [(p, scores[p]) for p in best], dict(zip(wanted, rare, strict=True))


def _candidates(sizes: Mapping[str, int], wanted: Iterable[str]) -> list[str]:
    """The files that are searched, in the order in which their paths promise most."""
    known = tuple(wanted)
    plain = (p for p, size in sizes.items() if size <= MOST_SIZE and not _hidden(p))
    ordered = sorted(plain, key=lambda p: (-sum(w in p.lower() for w in known), p.count("/"), p))
    found, left = [], MOST_BYTES
    for path in ordered[:MOST_FILES]:
        left -= sizes[path]
        if left >= 0:
            found.append(path)
    return found


def _hidden(path: str) -> bool:
    return path.startswith(".") or "/." in path


def _idf(files: int, among: int) -> float:
    return math.log(1 + (files - among + 0.5) / (among + 0.5))


def _score(row: Sequence[int], rare: Sequence[float], length: float) -> float:
    flat = _SATURATION * (1 - _LENGTH + _LENGTH * length)
    return sum(r * n * (_SATURATION + 1) / (n + flat) for n, r in zip(row, rare, strict=True))
