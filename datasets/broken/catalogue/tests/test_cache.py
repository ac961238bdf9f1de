import unittest

from catalogue.cache import Cache


class Expiry(unittest.TestCase):
    def setUp(self):
        self.now = 0.0
        self.cache = Cache(10, clock=lambda: self.now)

    def test_kept_until_too_old(self):
        made = iter(range(5))
        for now, expected in [(0, 0), (9.9, 0), (10, 1), (19.9, 1), (20, 2)]:
            self.now = now
            self.assertEqual(self.cache.get("key", lambda: next(made)), expected)

    def test_none_is_a_value(self):
        self.assertIsNone(self.cache.get("key", lambda: None))
        self.assertIsNone(self.cache.get("key", lambda: self.fail("made twice")))

    def test_drop(self):
        self.cache.get("key", lambda: 1)
        self.cache.drop("key")
        self.cache.drop("never there")
        self.assertEqual(self.cache.get("key", lambda: 2), 2)


if __name__ == "__main__":
    unittest.main()
