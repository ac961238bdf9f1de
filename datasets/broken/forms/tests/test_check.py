import unittest

from forms.check import SIGN_UP, Problem, as_text, check

GOOD = {"name": "Ada", "mail": "ada@example.org", "age": "36"}


class Check(unittest.TestCase):
    def test_second_visitor_sees_only_their_own_problems(self):
        check(SIGN_UP, {"name": "", "mail": "ada@example", "age": "7"})
        self.assertEqual(check(SIGN_UP, GOOD), [])

    def test_same_form_twice(self):
        first = list(check(SIGN_UP, GOOD | {"age": "x"}))
        second = list(check(SIGN_UP, GOOD | {"age": "x"}))
        self.assertEqual(first, second)

    def test_problems_found_elsewhere_come_first(self):
        taken = [Problem("name", "is taken")]
        found = check(SIGN_UP, GOOD | {"mail": ""}, taken)
        self.assertEqual(as_text(found), "name is taken\nmail is missing")

    def test_text_without_problems(self):
        self.assertEqual(as_text([]), "all fine")


if __name__ == "__main__":
    unittest.main()
