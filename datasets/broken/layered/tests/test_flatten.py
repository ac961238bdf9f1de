import unittest

from layered.environment import environment
from layered.flatten import flatten, nest


class Flatten(unittest.TestCase):
    def test_nested(self):
        self.assertEqual(flatten({"a": {"b": {"c": 1}}, "d": 2}), {"a.b.c": 1, "d": 2})

    def test_round_trip(self):
        settings = {"server": {"port": 80, "tls": {"on": True}}, "name": "x"}
        self.assertEqual(nest(flatten(settings)), settings)


class Environment(unittest.TestCase):
    def test_prefix(self):
        found = environment("APP_", {"APP_SERVER__PORT": "80", "HOME": "/", "APP_": ""})
        self.assertEqual(found, {"server.port": "80"})


if __name__ == "__main__":
    unittest.main()
