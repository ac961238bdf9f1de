"""The agenda: one `time | lead minutes | title` line a meeting."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone


class BadLine(ValueError):
    """A line of the agenda cannot be read."""


@dataclass(frozen=True)
class Meeting:
    """A meeting; `start` is in UTC."""

    title: str
    start: datetime
    lead: timedelta

    @property
    def remind_at(self) -> datetime:
        """When to remind, in UTC."""
        return self.start - self.lead


def to_utc(text: str) -> datetime:
    """An ISO time in UTC; without an offset it is UTC already."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=timezone.utc)


def parse_agenda(text: str) -> list[Meeting]:
    """All meetings, the earliest first. Raises BadLine."""
    meetings = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            start, minutes, title = (field.strip() for field in line.split("|", 2))
            meetings.append(Meeting(title, to_utc(start), timedelta(minutes=int(minutes))))
        except ValueError as error:
            raise BadLine(f"line {number}: {error}") from error
    return sorted(meetings, key=lambda meeting: meeting.start)
