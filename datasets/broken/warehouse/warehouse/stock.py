"""Stock levels as a sum of movements."""

from collections import Counter
from collections.abc import Iterable


class NotEnough(ValueError):
    """More was taken than there is."""


def normalise(sku: str) -> str:
    """`bolt m6` and `BOLT-M6` are one article."""
    return "-".join(sku.upper().replace("_", " ").replace("-", " ").split())


class Stock:
    """What lies on the shelves, by article."""

    def __init__(self) -> None:
        self._levels: Counter[str] = Counter()

    def move(self, sku: str, change: int) -> int:
        """Books one movement and returns the new level. Raises NotEnough."""
        article = normalise(sku)
        level = self._levels[article] + change
        if level < 0:
            raise NotEnough(f"{article}: {self._levels[article]} left, {-change} asked")
        self._levels[article] = level
        return level

    def book(self, lines: Iterable[str]) -> None:
        """Books every `sku,change` line; blank lines are passed over."""
        for line in filter(str.strip, lines):
            sku, change = line.rsplit(",", 1)
            self.move(sku, int(change))

    def levels(self) -> dict[str, int]:
        """A copy of the levels, sorted by article."""
        return dict(sorted(self._levels.items()))
