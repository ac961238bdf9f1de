"""Which type of task a text is most like: log-odds of its words, and of the terms that speak of it.

Learning is counting, so it takes a moment and gives the same on every machine; each weight that
speaks for a type can be named.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rungbook.rulebook.examples import Example

CHARS = 10_000
"""Characters of a text whose words are looked at: what a task is about stands at its beginning."""

STEM = 5
"""Letters that words of one stem have in common, more or less."""

WORDS = 0.8
"""What the words weigh beside the terms: the best in cross-validation, and for tasks not yet seen.

Terms gather many words under one name, so they speak more clearly where they speak at all.
"""

SMOOTHING = 0.5
"""Added to each count: what was never seen with a type does not rule it out (Lidstone)."""

_WORD = re.compile(r"[^\W\d_]+|\d+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_STEPS = 25
"""Newton steps of the calibration; it stands still after ten."""
_FAR = 30.0
"""Where a logistic curve is flat; steps of the calibration end there, so that none runs away."""


@dataclass(frozen=True, slots=True)
class Like:
    """The type a text is most like, how sure that is, and what spoke for it, strongest first.

    `because` has terms by their names and words in quotes; what is below 0 spoke against it.
    """

    type: str
    confidence: float
    because: Mapping[str, float]


@dataclass(slots=True)
class _Odds:
    """How often each feature went with each type; an example counts alike however much it says."""

    types: int
    counts: dict[str, list[float]] = field(default_factory=dict)
    totals: list[float] = field(default_factory=list)

    def add(self, features: Sequence[str], kind: int, sign: int = 1) -> None:
        """Count an example of that type, or (-1) take it back."""
        self.totals = self.totals or [0.0] * self.types
        amount = sign / math.sqrt(len(features) or 1)
        for feature in features:
            self.counts.setdefault(feature, [0.0] * self.types)[kind] += amount
            self.totals[kind] += amount

    def weigh(self, features: Sequence[str]) -> dict[str, list[float]]:
        """What each known feature says for each type, against all others together."""
        every, more = sum(self.totals), SMOOTHING * len(self.counts)
        share = 1 / math.sqrt(len(features) or 1)
        weighed = {}
        for feature in features:
            if counts := self.counts.get(feature):
                seen = sum(counts) + SMOOTHING
                weighed[feature] = [
                    share
                    * math.log(
                        (n + SMOOTHING) * (every - total + more) / ((seen - n) * (total + more))
                    )
                    for n, total in zip(counts, self.totals, strict=True)
                ]
        return weighed


Terms = Callable[[str], Iterable[str]]
"""The names of the terms that speak of a text."""


class Likeness:
    """What the examples that are not held out have taught."""

    def __init__(self, types: Sequence[str], examples: Iterable[Example], terms: Terms) -> None:
        self._types, self._terms = tuple(types), terms
        self._odds = _Odds(len(types)), _Odds(len(types))
        learned = [e for e in examples if e.split == "train"]
        seen = [(self._features(e.text), self._types.index(e.type)) for e in learned]
        for features, kind in seen:
            self._count(features, kind, 1)
        self._line = _calibrated([self._unseen(features, kind) for features, kind in seen])

    def of(self, text: str) -> Like:
        """The type that the text is most like."""
        weighed = self._weighed(self._features(text))
        best, margin = _best(weighed, len(self._types))
        spoke = {name: weights[best] for name, weights in weighed.items()}
        order = sorted(spoke, key=lambda name: (-abs(spoke[name]), name))
        because = {name: x for name in order if (x := round(spoke[name], 2))}
        return Like(self._types[best], _sure(self._line, margin), because)

    def _features(self, text: str) -> tuple[list[str], list[str]]:
        """(terms, words)."""
        return sorted(self._terms(text)), [f'"{word}"' for word in words(text)]

    def _count(self, features: tuple[list[str], list[str]], kind: int, sign: int) -> None:
        for odds, own in zip(self._odds, features, strict=True):
            odds.add(own, kind, sign)

    def _weighed(self, features: tuple[list[str], list[str]]) -> dict[str, list[float]]:
        terms, spoken = (o.weigh(f) for o, f in zip(self._odds, features, strict=True))
        return terms | {word: [WORDS * x for x in weights] for word, weights in spoken.items()}

    def _unseen(self, features: tuple[list[str], list[str]], kind: int) -> tuple[float, bool]:
        """(margin, whether the type is right) of an example, as if it had not been learned from."""
        self._count(features, kind, -1)
        best, margin = _best(self._weighed(features), len(self._types))
        self._count(features, kind, 1)
        return margin, best == kind


def words(text: str) -> list[str]:
    """The words of a text in lower case, and their stems; each once.

    Numbers are alike; of a script without spaces, each two neighbouring characters are a word.
    """
    found: dict[str, None] = {}
    for word in _WORD.findall(text[:CHARS].lower()):
        if word[0].isdigit():
            found["0"] = None
        elif _CJK.search(word):
            found.update(dict.fromkeys(word[i : i + 2] for i in range(max(1, len(word) - 1))))
        else:
            found[word] = None
            if len(word) > STEM:
                found[f"{word[:STEM]}…"] = None
    return list(found)


def _best(weighed: Mapping[str, Sequence[float]], types: int) -> tuple[int, float]:
    """(the type that is spoken for most, how far ahead of the second it is)."""
    sums = [math.fsum(weights[i] for weights in weighed.values()) for i in range(types)]
    order = sorted(range(types), key=lambda i: -sums[i])
    return order[0], sums[order[0]] - sums[order[1]] if types > 1 else 0.0


def _sure(line: tuple[float, float], margin: float) -> float:
    return 1 / (1 + math.exp(-max(-_FAR, min(_FAR, line[0] + line[1] * margin))))


def _calibrated(seen: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """The logistic curve through (margin, right), by Newton; it never falls with the margin.

    Platt 1999; his prior keeps it finite where all are right, or none.
    """
    right = sum(ok for _, ok in seen)
    high, low = (right + 1) / (right + 2), 1 / (len(seen) - right + 2)
    a, b = 0.0, 1.0
    for _ in range(_STEPS):
        ga = gb = 0.0
        haa = hbb = 1e-3
        hab = 0.0
        for margin, ok in seen:
            p = _sure((a, b), margin)
            miss, curve = (high if ok else low) - p, p * (1 - p)
            ga, gb = ga + miss, gb + miss * margin
            haa, hab, hbb = haa + curve, hab + curve * margin, hbb + curve * margin * margin
        det = haa * hbb - hab * hab
        a = max(-_FAR, min(_FAR, a + (hbb * ga - hab * gb) / det))
        b = max(0.0, min(_FAR, b + (haa * gb - hab * ga) / det))
    return a, b
