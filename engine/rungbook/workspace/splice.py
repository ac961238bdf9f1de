"""Old lines found in a text and replaced by new ones; everything else stays byte for byte.

Exact lines come first, then lines but for trailing spaces, then lines that are all indented by the
same more or less: each only where it is there exactly once.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

MAX_BYTES = 4_000_000
"""The largest file that is edited or shown; larger ones are data."""

MAX_QUOTE = 120
"""Characters of a line that a reason quotes."""

_BOM = b"\xef\xbb\xbf"
_MOST_PLACES = 20
"""Places of one text that are looked at, where it is there often."""

_MOST_COMPARED = 2000
"""Lines that a line without an equal is compared with."""


class NoText(ValueError):
    """Bytes that are no text; the message says why, after `is`."""


class Splice(NamedTuple):
    """Lines from `start` to before `stop` of a text become `new`."""

    start: int
    stop: int
    new: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A text as lines without their ends, and what each ends in."""

    bom: bytes
    lines: tuple[str, ...]
    ends: tuple[str, ...]

    @classmethod
    def of(cls, raw: bytes) -> "Text":
        """The text of a file; raises NoText."""
        bom = _BOM if raw.startswith(_BOM) else b""
        if b"\0" in raw:
            raise NoText("binary")
        try:
            parts = raw.removeprefix(bom).decode().split("\n")
        except UnicodeDecodeError:
            raise NoText("not UTF-8") from None
        last = parts.pop()
        lines = [part.removesuffix("\r") for part in parts]
        ends = ["\n" if len(a) == len(b) else "\r\n" for a, b in zip(lines, parts, strict=True)]
        return cls(bom, (*lines, *([last] if last else ())), (*ends, *([""] if last else ())))

    @property
    def newline(self) -> str:
        """How most lines end."""
        counted = Counter(filter(None, self.ends))
        return max(counted, key=lambda end: counted[end], default="\n")

    def find(self, old: Sequence[str], new: Sequence[str]) -> Splice | str:
        """Where the old lines are, with the new ones as they fit there; or why they are not."""
        for find in (self._exactly, self._but_for_spaces, self._but_for_indent):
            found = find(old, new)
            if len(found) == 1:
                return found[0]
            if found:
                at = ", ".join(str(splice.start + 1) for splice in found)
                return f"is there {len(found)} times (lines {at}): add lines around it"
        return f"is not in the file; {self._nearest(old)}"

    def spliced(self, splices: Sequence[Splice]) -> bytes:
        """The bytes with all splices made; they are in order and do not overlap."""
        lines: list[str] = []
        ends: list[str] = []
        at = 0
        for start, stop, new in splices:
            lines += [*self.lines[at:start], *new]
            ends += [*self.ends[at:start], *[self.newline] * len(new)]
            at = stop
        lines += self.lines[at:]
        ends += self.ends[at:]
        ends = [end or self.newline for end in ends]
        if ends and self.ends and not self.ends[-1]:
            ends[-1] = ""
        return self.bom + "".join(map(str.__add__, lines, ends)).encode()

    def _exactly(self, old: Sequence[str], new: Sequence[str]) -> list[Splice]:
        return [_kept(at, old, new) for at in _places(self._hay, old)]

    def _but_for_spaces(self, old: Sequence[str], new: Sequence[str]) -> list[Splice]:
        found = _places(self._right, [line.rstrip() for line in old])
        return [_kept(at, old, new) for at in found]

    def _but_for_indent(self, old: Sequence[str], new: Sequence[str]) -> list[Splice]:
        found = []
        for at in _places(self._bare, [line.strip() for line in old]):
            shift = _shift(self.lines[at : at + len(old)], old)
            shifted = shift and shift(new)
            if shift and shifted is not None:
                found.append(_kept(at, shift(old) or (), shifted))
        return found

    def _nearest(self, old: Sequence[str]) -> str:
        """What of the text is most like the old lines, and where they part."""
        votes: Counter[int] = Counter()
        for i, line in enumerate(old):
            if line.strip():
                votes.update(at - i for at in self._index.get(line.strip(), ())[:_MOST_PLACES])
        if not votes:
            return self._like(next(filter(str.strip, old)).strip())
        start = max(votes, key=lambda at: (votes[at], -at))
        for i, line in enumerate(old):
            here = self.lines[start + i] if 0 <= start + i < len(self.lines) else None
            if here is None:
                return f"the file ends before its line {i + 1}: {quoted(line)}"
            if here.rstrip() != line.rstrip():
                return f"its line {start + i + 1} is {quoted(here)}, not {quoted(line)}"
        return f"it is like line {start + 1}"  # pragma: no cover - equal lines are found before

    def _like(self, line: str) -> str:
        known = {here[:MAX_QUOTE]: at[0] for here, at in [*self._index.items()][:_MOST_COMPARED]}
        for near in get_close_matches(line[:MAX_QUOTE], known, 1):
            return f"the nearest to {quoted(line)} is line {known[near] + 1}: {quoted(near)}"
        return f"nothing is like {quoted(line)}"

    @cached_property
    def _hay(self) -> str:
        return _joined(self.lines)

    @cached_property
    def _right(self) -> str:
        return _joined([line.rstrip() for line in self.lines])

    @cached_property
    def _bare(self) -> str:
        return _joined([line.strip() for line in self.lines])

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        """Where each line is, but for the spaces around it."""
        found: dict[str, list[int]] = {}
        for i, line in enumerate(self.lines):
            found.setdefault(line.strip(), []).append(i)
        return found


def overlap(splices: Sequence[Splice]) -> int | None:
    """Which splice takes a place that the one before it takes too; they are in order."""
    pairs = enumerate(pairwise(splices), 1)
    return next((i for i, (a, b) in pairs if b.start < a.stop or b[:2] == a[:2]), None)


def quoted(line: str) -> str:
    """A line in a sentence, cut."""
    text = line if len(line) <= MAX_QUOTE else f"{line[:MAX_QUOTE]}…"
    return f"`{text}`"


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(("", *lines, ""))


def _places(hay: str, lines: Sequence[str]) -> list[int]:
    """The first line of each place, at most so many, where the lines stand in a row."""
    needle, found = _joined(lines), list[int]()
    at = hay.find(needle)
    line = before = 0
    while at >= 0 and len(found) < _MOST_PLACES:
        line += hay.count("\n", before, at)
        before = at
        found.append(line)
        at = hay.find(needle, at + 1)
    return found


def _kept(at: int, old: Sequence[str], new: Sequence[str]) -> Splice:
    """The splice at a place, without the lines at both ends that stay as they are."""
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
    return Splice(at + head, at + len(old) - tail, tuple(new[head : len(new) - tail]))


def _shift(
    there: Sequence[str], old: Sequence[str]
) -> Callable[[Sequence[str]], list[str] | None] | None:
    """What brings the old lines to where they are there, if it is one indentation for all."""
    pairs = [(a.rstrip(), b.rstrip()) for a, b in zip(there, old, strict=True) if b.strip()]
    first_there, first_old = pairs[0]
    more = first_there[: len(first_there) - len(first_old)]
    less = first_old[: len(first_old) - len(first_there)]
    if more and all(a == more + b for a, b in pairs):
        return lambda lines: [more + line if line.strip() else line for line in lines]
    if less and all(less + a == b for a, b in pairs):
        return lambda lines: (
            [line.removeprefix(less) for line in lines]
            if all(line.startswith(less) for line in lines if line.strip())
            else None
        )
    return None
