import unittest

from webhooks.backoff import Backoff


class Pauses(unittest.TestCase):
    def test_doubles(self):
        self.assertEqual([Backoff().pause(n) for n in (1, 2, 3, 4)], [1, 2, 4, 8])

    def test_ceiling(self):
        self.assertEqual(Backoff().pause(30), 300)

    def test_longer_wish_of_the_subscriber(self):
        self.assertEqual(Backoff().pause(1, retry_after=900), 900)

    def test_shorter_wish_of_the_subscriber(self):
        self.assertEqual(Backoff().pause(3, retry_after=1), 4)


if __name__ == "__main__":
    unittest.main()
