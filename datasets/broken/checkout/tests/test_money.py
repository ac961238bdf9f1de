import unittest
from decimal import Decimal

from checkout.money import cents, share, text


class Cents(unittest.TestCase):
    def test_half_a_cent_goes_up(self):
        for amount, expected in {"1.005": "1.01", "1.015": "1.02", "2.345": "2.35"}.items():
            with self.subTest(amount=amount):
                self.assertEqual(cents(Decimal(amount)), Decimal(expected))

    def test_less_and_more_than_half(self):
        self.assertEqual(cents(Decimal("1.0049")), Decimal("1.00"))
        self.assertEqual(cents(Decimal("1.0051")), Decimal("1.01"))

    def test_share(self):
        self.assertEqual(share(Decimal("200"), Decimal("7")), Decimal("14.00"))

    def test_text(self):
        self.assertEqual(text(Decimal("1234.5")), "1,234.50 EUR")


if __name__ == "__main__":
    unittest.main()
