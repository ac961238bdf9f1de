"""Which files of a tree a model is shown, and how much of each, so that all fit into its context.

First what the task names, then what the tests' output speaks of and what failing tests import, then
those tests, last what has most words of the task.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from pathlib import Path

from rungbook import tokens
from rungbook.globs import matches_any
from rungbook.workspace.listing import Listing
from rungbook.workspace.search import ranked, words
from rungbook.workspace.splice import MAX_BYTES, NoText, Text

MOST_SHOWN = 20
"""Files that are shown; who needs more is not told by more."""

MOST_FOUND = 6
"""Files that only search finds; their scores are at least half of the best one's."""

AROUND = 12
"""Lines that are shown before and after a place that matters, of a file that is too long."""

MOST_PLACES = 100
"""Places of one file that are looked at, those that matter most."""

_ELEMENT_TOKENS = 40
"""What a template puts around each text."""

_LEAST_TOKENS = 150
"""Less than that is not worth a file."""

_PLACE_WEIGHT = 100.0
"""A line that a test's output names, beside the rarity of words in other lines."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text a model is shown: a file, or some whole lines of it, then `lines` says which.

    `frozen`: it may be read, and not changed.
    """

    path: str
    text: str
    frozen: bool = False
    lines: str = ""


def choose(
    tree: Path,
    task: str,
    said: str,
    most: int,
    *,
    named: Sequence[str] = (),
    frozen: Sequence[str] = (),
) -> list[Shown]:
    """What is shown of a tree for a task, in at most so many tokens, the most important first.

    `said` is what the project's tests print, with paths relative to the tree; `named` are files
    that the task names.
    """
    return _Choice(tree, Listing.of(tree), tuple(frozen)).made(task, said, most, named)


@dataclass(slots=True)
class _Choice:
    tree: Path
    listing: Listing
    frozen: tuple[str, ...]
    texts: dict[str, Text | None] = field(default_factory=dict)

    def made(self, task: str, said: str, most: int, named: Sequence[str]) -> list[Shown]:
        wanted = words(task)
        by_task = self.listing.spoken_of(task)
        by_tests = self.listing.spoken_of(said)
        found, rare = ranked(self.listing.sizes, wanted, self._plain)
        best = found[0][1] if found else 0.0
        likely = [path for path, score in found if score >= best / 2][:MOST_FOUND]
        given = [path for path in (*named, *by_task) if path in self.listing.sizes]
        order = [*given, *self._from_tests(by_tests), *likely]
        places = {p: [*by_tests.get(p, ()), *by_task.get(p, ())] for p in order}
        return self._fitted(order, len(set(given)), places, rare, most)

    def _from_tests(self, said: Mapping[str, Sequence[int]]) -> list[str]:
        """Files that tests speak of and may change, what these and tests import, then the tests."""
        tests = [path for path in said if self._is_frozen(path)]
        free = [path for path in said if path not in tests]
        speaking = [*tests, *free][:MOST_SHOWN]
        imports = (self.listing.imported(p, self._plain(p) or "") for p in speaking)
        return [*free, *(p for some in imports for p in some if not self._is_frozen(p)), *tests]

    def _fitted(
        self,
        order: Sequence[str],
        given: int,
        places: Mapping[str, Sequence[int]],
        rare: Mapping[str, float],
        most: int,
    ) -> list[Shown]:
        """The files in order, whole where they fit into their share of what is left."""
        shown: list[Shown] = []
        for i, path in enumerate(list(dict.fromkeys(order))[:MOST_SHOWN]):
            if most < _LEAST_TOKENS:
                break
            if (text := self._text(path)) is None:
                continue
            # Whatever the task names has an equal share, the others take most of what is left.
            share = most // (given - i) if i < given else most * 2 // 3
            parts = _parts(text, share - _size(path), places[path], rare)
            frozen = self._is_frozen(path)
            shown += (Shown(path, part, frozen, lines) for part, lines in parts)
            most -= sum(_size(path) + tokens.at_most(part) for part, _ in parts)
        return shown

    def _is_frozen(self, path: str) -> bool:
        return matches_any(path, self.frozen)

    def _plain(self, path: str) -> str | None:
        text = self._text(path)
        return None if text is None else "\n".join(text.lines)

    def _text(self, path: str) -> Text | None:
        if path not in self.texts:
            self.texts[path] = self._read(path)
        return self.texts[path]

    def _read(self, path: str) -> Text | None:
        if self.listing.sizes[path] > MAX_BYTES:
            return None
        try:
            return Text.of((self.tree / path).read_bytes())
        except (OSError, NoText):
            return None


def _size(path: str) -> int:
    return _ELEMENT_TOKENS + tokens.at_most(path)


def _weights(text: Text, places: Sequence[int], rare: Mapping[str, float]) -> dict[int, float]:
    """How much lines matter, from 0: those that are named, and those with rare words."""
    found = {at - 1: _PLACE_WEIGHT for at in places if 0 < at <= len(text.lines)}
    for i, line in enumerate(text.lines):
        low = line.lower()
        if score := sum(rarity for word, rarity in rare.items() if word in low):
            found[i] = found.get(i, 0.0) + score
    return found


def _parts(
    text: Text, most: int, places: Sequence[int], rare: Mapping[str, float]
) -> list[tuple[str, str]]:
    """The text, or lines of it around what matters most, and which they are."""
    whole = "\n".join(text.lines)
    if tokens.at_most(whole) <= most:
        return [(whole, "")]
    taken: set[int] = set()
    weights = _weights(text, places, rare)
    for at in [*nlargest(MOST_PLACES, weights, key=lambda i: (weights[i], -i)), 0]:
        around = range(max(0, at - AROUND), min(len(text.lines), at + AROUND + 1))
        new = [i for i in around if i not in taken]
        cost = tokens.at_most("\n".join(text.lines[i] for i in new)) + _ELEMENT_TOKENS
        if new and cost <= most:
            taken.update(new)
            most -= cost
    return [_part(text, run) for run in _runs(sorted(taken))]


def _part(text: Text, run: range) -> tuple[str, str]:
    said = f"{run.start + 1}-{run.stop} of {len(text.lines)}"
    return "\n".join(text.lines[run.start : run.stop]), said


def _runs(numbers: Sequence[int]) -> list[range]:
    """Numbers in order as ranges without gaps."""
    found: list[range] = []
    for n in numbers:
        if found and found[-1].stop == n:
            found[-1] = range(found[-1].start, n + 1)
        else:
            found.append(range(n, n + 1))
    return found
