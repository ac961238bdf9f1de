"""What to say, and to say now."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from reminders.agenda import Meeting


def due(meetings: Iterable[Meeting], now: datetime) -> list[Meeting]:
    """Meetings to remind of: the lead time has begun, the meeting has not."""
    return [meeting for meeting in meetings if meeting.remind_at <= now < meeting.start]


def message(meeting: Meeting, now: datetime) -> str:
    """What the reminder says."""
    return f"{meeting.title} begins in {in_words(meeting.start - now)}"


def in_words(span: timedelta) -> str:
    """`1 h 5 min`, rounded down to the minute."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours)
    return " ".join(parts)
