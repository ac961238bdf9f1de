"""Turns the export's rows into tickets."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date

from tickets.model import Ticket

COLUMNS = ("number", "subject", "status", "opened", "closed")


class BadExport(ValueError):
    """The file is not an export, or a row of it cannot be read."""


def read_tickets(lines: Iterable[str]) -> Iterator[Ticket]:
    """Yields the tickets in file order; status is lower case, dates are ISO dates."""
    rows = csv.DictReader(lines)
    missing = set(COLUMNS) - set(rows.fieldnames or ())
    if missing:
        raise BadExport(f"columns missing: {', '.join(sorted(missing))}")
    for row in rows:
        try:
            yield _ticket(row)
        except ValueError as error:
            raise BadExport(f"line {rows.line_num}: {error}") from error


def _ticket(row: dict[str, str]) -> Ticket:
    closed = row["closed"].strip()
    return Ticket(
        number=int(row["number"]),
        subject=row["subject"].strip(),
        status=row["status"].strip().lower(),
        opened=date.fromisoformat(row["opened"].strip()),
        closed=date.fromisoformat(closed) if closed else None,
    )
