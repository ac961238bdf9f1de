"""Cuts a sequence into pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


class NoSuchPage(LookupError):
    """The page number is below 1 or behind the last page."""


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page; pages are numbered from 1."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one, empty page."""
        return self.total // self.size + 1

    @property
    def next(self) -> int | None:
        """The number of the page after this one, None on the last."""
        return self.number + 1 if self.number < self.pages else None

    @property
    def previous(self) -> int | None:
        """The number of the page before this one, None on the first."""
        return self.number - 1 if self.number > 1 else None


def paginate(items: Sequence[Item], number: int = 1, size: int = 20) -> Page[Item]:
    """The page `number` of `items`. Raises NoSuchPage."""
    if size < 1:
        raise ValueError("a page holds at least one item")
    start = (number - 1) * size
    page = Page(items[max(start, 0) : start + size], number, size, len(items))
    if not 1 <= number <= page.pages:
        raise NoSuchPage(f"page {number} of {page.pages}")
    return page
