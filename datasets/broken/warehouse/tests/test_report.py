import unittest

from warehouse.report import Shortage, as_text, shortages
from warehouse.stock import Stock


class Shortages(unittest.TestCase):
    def setUp(self):
        self.stock = Stock()
        self.stock.book(["BOLT-M6,4", "NUT-M6,50", "WASHER,8"])

    def test_most_pressing_first(self):
        found = shortages(self.stock, {"nut m6": 60})
        self.assertEqual([item.article for item in found], ["NUT-M6", "BOLT-M6", "WASHER"])

    def test_article_never_booked(self):
        (first, *_) = shortages(self.stock, {"PIN-3": 100})
        self.assertEqual(first, Shortage("PIN-3", 0, 100))

    def test_text(self):
        self.assertEqual(as_text([Shortage("PIN-3", 0, 100)]), "PIN-3          100")
        self.assertEqual(as_text([]), "nothing to order")


if __name__ == "__main__":
    unittest.main()
