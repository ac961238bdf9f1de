"""The reorder list."""

from dataclasses import dataclass

from warehouse.legacy import normalise_sku
from warehouse.stock import Stock, normalise

DEFAULT_MINIMUM = 10


@dataclass(frozen=True)
class Shortage:
    """An article below its minimum."""

    article: str
    level: int
    minimum: int

    @property
    def missing(self) -> int:
        """Pieces to order."""
        return self.minimum - self.level


def shortages(stock: Stock, minimums: dict[str, int]) -> list[Shortage]:
    """Articles below their minimum, the most pressing first."""
    wanted = {normalise(sku): minimum for sku, minimum in minimums.items()}
    levels = {article: 0 for article in wanted} | stock.levels()
    found = [
        Shortage(article, level, wanted.get(article, DEFAULT_MINIMUM))
        for article, level in levels.items()
    ]
    low = (item for item in found if item.missing > 0)
    return sorted(low, key=lambda item: (-item.missing, item.article))


def as_text(items: list[Shortage]) -> str:
    """The list as the purchasing desk reads it."""
    if not items:
        return "nothing to order"
    return "\n".join(f"{item.article:<12} {item.missing:>5}" for item in items)
