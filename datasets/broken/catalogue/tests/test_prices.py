import unittest

from catalogue.cache import Cache
from catalogue.prices import Catalogue, PriceList, UnknownProduct


class Prices(unittest.TestCase):
    def setUp(self):
        self.prices = PriceList({"USD": 1.25})
        self.shop = Catalogue(self.prices, Cache(300, clock=lambda: 0.0))
        self.shop.set_price("tea", 400)

    def test_read_once(self):
        self.assertEqual([self.shop.price("tea") for _ in range(3)], [400, 400, 400])
        self.assertEqual(self.prices.reads, 1)

    def test_currencies_are_kept_apart(self):
        self.assertEqual(self.shop.price("tea", "USD"), 500)
        self.assertEqual(self.shop.price("tea"), 400)

    def test_new_price_shows_at_once(self):
        self.assertEqual(self.shop.price("tea"), 400)
        self.shop.set_price("tea", 440)
        self.assertEqual(self.shop.price("tea"), 440)

    def test_new_price_shows_in_every_currency(self):
        self.shop.price("tea")
        self.shop.price("tea", "USD")
        self.shop.set_price("tea", 440)
        self.assertEqual(self.shop.price("tea", "USD"), 550)

    def test_other_products_stay_cached(self):
        self.shop.set_price("cup", 900)
        self.shop.price("cup")
        self.shop.price("tea")
        reads = self.prices.reads
        self.shop.set_price("tea", 440)
        self.shop.price("cup")
        self.assertEqual(self.prices.reads, reads)

    def test_new_rate_shows_at_once(self):
        self.shop.price("tea", "USD")
        self.shop.set_rate("USD", 1.5)
        self.assertEqual(self.shop.price("tea", "USD"), 600)

    def test_unknown_product(self):
        with self.assertRaises(UnknownProduct):
            self.shop.price("coffee")


if __name__ == "__main__":
    unittest.main()
