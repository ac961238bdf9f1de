import unittest
from datetime import date

from tickets.model import Ticket
from tickets.reader import read_tickets
from tickets.report import median_days, still_open, summary

EXPORT = """\
number,subject,status,opened,closed
1,Password reset,Resolved,2024-03-01,2024-03-02
2,Laptop does not boot,Open,2024-03-04,
3,New monitor,Withdrawn,2024-03-02,2024-03-05
4,Mail bounces,Waiting,2024-03-03,
""".splitlines()


class Report(unittest.TestCase):
    def test_only_unfinished_tickets_are_open(self):
        waiting = still_open(read_tickets(EXPORT))
        self.assertEqual([ticket.number for ticket in waiting], [4, 2])

    def test_summary(self):
        self.assertEqual(summary(read_tickets(EXPORT)), "2 open of 4, median 2 days")

    def test_median_without_closed_tickets(self):
        fresh = Ticket(9, "Keyboard", "open", date(2024, 3, 1))
        self.assertIsNone(median_days([fresh]))

    def test_oldest_first(self):
        new = Ticket(1, "a", "open", date(2024, 3, 9))
        old = Ticket(2, "b", "open", date(2024, 3, 1))
        self.assertEqual(still_open([new, old]), [old, new])


if __name__ == "__main__":
    unittest.main()
