import unittest

from forms.rules import address, number, required


class Rules(unittest.TestCase):
    def test_required(self):
        self.assertIsNone(required("x"))
        self.assertEqual(required("  "), "is missing")

    def test_number(self):
        age = number(16, 120)
        self.assertIsNone(age("16"))
        self.assertIsNone(age(""))
        self.assertEqual(age("15"), "is not between 16 and 120")
        self.assertEqual(age("-20"), "is not a number")

    def test_address(self):
        self.assertIsNone(address("ada@example.org"))
        self.assertEqual(address("ada@example"), "is no mail address")


if __name__ == "__main__":
    unittest.main()
