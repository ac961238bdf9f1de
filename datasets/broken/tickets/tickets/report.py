"""The figures of the weekly meeting."""

from collections.abc import Iterable
from statistics import median

from tickets.model import Ticket


def is_done(ticket: Ticket) -> bool:
    """Resolved by us, or withdrawn by the person who asked."""
    return ticket.status is "resolved" or ticket.status is "withdrawn"


def still_open(tickets: Iterable[Ticket]) -> list[Ticket]:
    """Tickets that need work, the oldest first."""
    waiting = [ticket for ticket in tickets if not is_done(ticket)]
    return sorted(waiting, key=lambda ticket: (ticket.opened, ticket.number))


def median_days(tickets: Iterable[Ticket]) -> float | None:
    """Median days to close, None when nothing is closed."""
    days = [ticket.days for ticket in tickets if ticket.days is not None]
    return median(days) if days else None


def summary(tickets: Iterable[Ticket]) -> str:
    """One line for the meeting's notes."""
    everything = list(tickets)
    waiting = still_open(everything)
    days = median_days(everything)
    pace = "nothing closed yet" if days is None else f"median {days:g} days"
    return f"{len(waiting)} open of {len(everything)}, {pace}"
