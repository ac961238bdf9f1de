import unittest

from releases.feed import best, parse_feed

FEED = """
# version  channel  url
1.9.0       stable   https://updates.example/1.9.0
1.10.1      stable   https://updates.example/1.10.1
1.9.2       stable   https://updates.example/1.9.2
1.11.0-rc.2 beta     https://updates.example/1.11.0-rc.2
"""


class Feed(unittest.TestCase):
    def test_newest_first(self):
        self.assertEqual(
            [release.version for release in parse_feed(FEED)],
            ["1.11.0-rc.2", "1.10.1", "1.9.2", "1.9.0"],
        )

    def test_update_across_a_two_digit_minor(self):
        found = best(parse_feed(FEED), installed="1.9.0")
        self.assertEqual(found.version, "1.10.1")

    def test_beta_sees_candidates(self):
        found = best(parse_feed(FEED), installed="1.10.1", channel="beta")
        self.assertEqual(found.version, "1.11.0-rc.2")

    def test_up_to_date(self):
        self.assertIsNone(best(parse_feed(FEED), installed="1.10.1"))

    def test_comments_only(self):
        self.assertEqual(parse_feed("# nothing released yet\n"), [])


if __name__ == "__main__":
    unittest.main()
