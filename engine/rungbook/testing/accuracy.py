"""How many types of a dataset a taxonomy tells rightly, where it errs, and how badly."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rungbook.findings import shown
from rungbook.interpret.classify import classify
from rungbook.rulebook.conditions import COMPARE
from rungbook.rulebook.examples import Example
from rungbook.rulebook.taxonomy import TaskTaxonomy

WORST = 5
"""Mistakes that are told, the surest first."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """An example, the type it was taken for, and how sure that was."""

    example: Example
    type: str
    confidence: float

    def __str__(self) -> str:
        """As a report tells it."""
        told = f"{self.example.type} taken for {self.type}, confidence {self.confidence:g}"
        return f"{told}: {shown(self.example.text)}"


@dataclass(frozen=True, slots=True)
class Measured:
    """`confusion` counts by (the type it has, the type that was told)."""

    confusion: Mapping[tuple[str, str], int]
    mistakes: tuple[Mistake, ...]

    @property
    def total(self) -> int:
        """How many examples were looked at."""
        return sum(self.confusion.values())

    @property
    def accuracy(self) -> float:
        """The share told rightly, 0 to 1."""
        return 1 - len(self.mistakes) / (self.total or 1)

    def report(self) -> tuple[str, ...]:
        """The confusion, a line for each type, and the surest mistakes."""
        return (*self._rows(), *(str(m) for m in self.mistakes[:WORST]))

    def _rows(self) -> Iterator[str]:
        for kind in dict.fromkeys(has for has, _ in self.confusion):
            told = {t: n for (has, t), n in self.confusion.items() if has == kind}
            rest = ", ".join(f"{n} {t}" for t, n in told.items() if t != kind)
            right = f"{kind}: {told.get(kind, 0)} of {sum(told.values())}"
            yield f"{right} ({rest})" if rest else right


def measure(taxonomy: TaskTaxonomy, examples: Iterable[Example]) -> Measured:
    """What becomes of the examples that the taxonomy has not learned from."""
    learned = {e.text for e in taxonomy.examples if e.split == "train"}
    confusion: Counter[tuple[str, str]] = Counter()
    mistakes = []
    for example in examples:
        if example.text in learned:
            continue
        seen = classify(taxonomy, {"task.text": example.text})
        confusion[example.type, seen.type] += 1
        if seen.type != example.type:
            mistakes.append(Mistake(example, seen.type, seen.confidence))
    mistakes.sort(key=lambda m: (-m.confidence, m.example.text))
    return Measured(confusion, tuple(mistakes))


def falls_short(measured: Measured, asked: Mapping[str, float]) -> str:
    """Why the accuracy is not what is asked for; empty if it is."""
    if not measured.total:
        return "no example is left to measure with: all were learned from"
    failed = [f"{op} {x:g}" for op, x in asked.items() if not COMPARE[op](measured.accuracy, x)]
    of = f"{measured.total - len(measured.mistakes)} of {measured.total}"
    return f"accuracy is {measured.accuracy:.3f} ({of}), not {' and '.join(failed)}" * bool(failed)
