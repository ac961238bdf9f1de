import unittest
from datetime import datetime, timedelta, timezone

from reminders.agenda import parse_agenda
from reminders.due import due, in_words, message

NOW = datetime(2024, 6, 3, 7, 20, tzinfo=timezone.utc)


class Due(unittest.TestCase):
    def test_berlin_morning(self):
        meetings = parse_agenda("2024-06-03T09:30:00+02:00 | 15 | Stand-up")
        self.assertEqual(due(meetings, NOW), meetings)
        self.assertEqual(message(meetings[0], NOW), "Stand-up begins in 10 min")

    def test_too_early_and_too_late(self):
        meetings = parse_agenda(
            "2024-06-03T07:20:00 | 15 | has begun\n2024-06-03T09:00:00 | 15 | later"
        )
        self.assertEqual(due(meetings, NOW), [])

    def test_words(self):
        self.assertEqual(in_words(timedelta(minutes=65)), "1 h 5 min")
        self.assertEqual(in_words(timedelta(hours=2)), "2 h")
        self.assertEqual(in_words(timedelta(seconds=20)), "0 min")


if __name__ == "__main__":
    unittest.main()
