"""A ticket as the rest of the package sees it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Ticket:
    """One row of the export; `closed` is None while work goes on."""

    number: int
    subject: str
    status: str
    opened: date
    closed: date | None = None

    @property
    def days(self) -> int | None:
        """Whole days from opening to closing, None if not closed."""
        return None if self.closed is None else (self.closed - self.opened).days
