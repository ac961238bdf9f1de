import unittest

from releases.version import parse_version


class Versions(unittest.TestCase):
    def test_order(self):
        names = ["1.9.2", "1.10.0", "2.0.0-rc.1", "2.0.0-rc.2", "2.0.0"]
        versions = [parse_version(name) for name in names]
        self.assertEqual(versions, sorted(versions))

    def test_text(self):
        self.assertEqual(str(parse_version("v2.0.0-rc.1")), "2.0.0-rc.1")

    def test_not_a_version(self):
        with self.assertRaises(ValueError):
            parse_version("1.2")


if __name__ == "__main__":
    unittest.main()
