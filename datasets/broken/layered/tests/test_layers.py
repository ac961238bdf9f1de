import unittest

from layered.layers import Layers


class Lookup(unittest.TestCase):
    def setUp(self):
        self.settings = Layers(
            defaults={"server": {"port": 80, "host": "localhost"}},
            file={"server": {"port": 8080}},
            flags={"verbose": True},
        )

    def test_later_layers_win(self):
        self.assertEqual(self.settings.get("server.port"), 8080)
        self.assertEqual(self.settings.get("server.host"), "localhost")

    def test_default(self):
        self.assertEqual(self.settings.get("server.tls", "off"), "off")

    def test_origin(self):
        self.assertEqual(self.settings.origin("server.port"), "file")
        self.assertEqual(self.settings.origin("server.host"), "defaults")
        self.assertIsNone(self.settings.origin("server.tls"))

    def test_as_dict(self):
        expected = {"server": {"host": "localhost", "port": 8080}, "verbose": True}
        self.assertEqual(self.settings.as_dict(), expected)


if __name__ == "__main__":
    unittest.main()
