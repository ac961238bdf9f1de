import unittest

from warehouse.stock import NotEnough, Stock, normalise


class Levels(unittest.TestCase):
    def test_movements_add_up(self):
        stock = Stock()
        stock.book(["BOLT-M6,+200\n", "\n", "bolt m6,-15\n"])
        self.assertEqual(stock.levels(), {"BOLT-M6": 185})

    def test_cannot_take_more_than_there_is(self):
        stock = Stock()
        stock.move("NUT-M6", 3)
        with self.assertRaisesRegex(NotEnough, "3 left, 4 asked"):
            stock.move("NUT-M6", -4)
        self.assertEqual(stock.levels(), {"NUT-M6": 3})

    def test_spellings_of_one_article(self):
        self.assertEqual(normalise(" bolt_m6 "), normalise("Bolt-M6"))


if __name__ == "__main__":
    unittest.main()
