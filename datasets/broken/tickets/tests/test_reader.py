import unittest

from tickets.reader import BadExport, read_tickets

HEADER = "number,subject,status,opened,closed"


class ReadTickets(unittest.TestCase):
    def test_row(self):
        (ticket,) = read_tickets([HEADER, '7,"Printer, again",Open,2024-03-01,'])
        self.assertEqual(ticket.subject, "Printer, again")
        self.assertEqual(ticket.status, "open")
        self.assertIsNone(ticket.closed)

    def test_days_to_close(self):
        (ticket,) = read_tickets([HEADER, "7,VPN,resolved,2024-03-01,2024-03-05"])
        self.assertEqual(ticket.days, 4)

    def test_missing_column(self):
        with self.assertRaisesRegex(BadExport, "closed"):
            list(read_tickets(["number,subject,status,opened"]))

    def test_bad_date_names_its_line(self):
        with self.assertRaisesRegex(BadExport, "line 2"):
            list(read_tickets([HEADER, "7,VPN,open,yesterday,"]))


if __name__ == "__main__":
    unittest.main()
