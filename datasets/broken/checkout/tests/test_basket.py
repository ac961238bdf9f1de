import unittest
from decimal import Decimal

from checkout.basket import Line, total


class Basket(unittest.TestCase):
    def test_two_rates(self):
        basket = [
            Line("book", Decimal("10.00"), vat=Decimal(7)),
            Line("pen", Decimal("2.50"), pieces=4),
        ]
        self.assertEqual(
            str(total(basket)),
            "net 20.00 EUR, VAT 7 % 0.70 EUR, VAT 19 % 1.90 EUR, total 22.60 EUR",
        )

    def test_tax_of_half_a_cent(self):
        summed = total([Line("stamp", Decimal("0.50"))])
        self.assertEqual(summed.vat, {Decimal(19): Decimal("0.10")})
        summed = total([Line("card", Decimal("1.50"), vat=Decimal(7))])
        self.assertEqual(summed.gross, Decimal("1.61"))

    def test_discount_of_half_a_cent(self):
        line = Line("sweets", Decimal("0.90"), discount=Decimal("5"))
        self.assertEqual(line.net, Decimal("0.85"))

    def test_empty(self):
        self.assertEqual(total([]).gross, Decimal(0))


if __name__ == "__main__":
    unittest.main()
