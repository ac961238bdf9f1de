import unittest
from datetime import datetime, timedelta, timezone

from reminders.agenda import BadLine, parse_agenda, to_utc


class ToUtc(unittest.TestCase):
    def test_offset_is_taken_into_account(self):
        self.assertEqual(
            to_utc("2024-06-03T09:30:00+02:00"),
            datetime(2024, 6, 3, 7, 30, tzinfo=timezone.utc),
        )

    def test_without_offset(self):
        self.assertEqual(
            to_utc("2024-06-03T09:30:00"), datetime(2024, 6, 3, 9, 30, tzinfo=timezone.utc)
        )


class Agenda(unittest.TestCase):
    def test_meetings_of_two_offices_in_order(self):
        meetings = parse_agenda(
            "2024-06-03T09:00:00-04:00 | 10 | Boston review\n"
            "2024-06-03T11:00:00+02:00 | 10 | Berlin review\n"
        )
        self.assertEqual([item.title for item in meetings], ["Berlin review", "Boston review"])
        self.assertEqual(meetings[1].start - meetings[0].start, timedelta(hours=4))

    def test_title_may_hold_a_bar(self):
        (meeting,) = parse_agenda("2024-06-03T09:00:00 | 5 | A | B test results")
        self.assertEqual(meeting.title, "A | B test results")

    def test_bad_line(self):
        with self.assertRaisesRegex(BadLine, "line 2"):
            parse_agenda("\n2024-06-03 09:00 | soon | Lunch")


if __name__ == "__main__":
    unittest.main()
