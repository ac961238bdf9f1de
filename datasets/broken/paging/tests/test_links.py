import unittest

from paging.links import links, with_page
from paging.page import paginate


class Links(unittest.TestCase):
    def test_middle(self):
        self.assertEqual(
            links(paginate(range(45), 2, 20), "/articles?sort=date"),
            '</articles?sort=date&page=1>; rel="first", '
            '</articles?sort=date&page=1>; rel="prev", '
            '</articles?sort=date&page=3>; rel="next", '
            '</articles?sort=date&page=3>; rel="last"',
        )

    def test_single_full_page_has_no_next(self):
        self.assertNotIn('rel="next"', links(paginate(range(20), 1, 20), "/articles"))

    def test_page_parameter_is_replaced(self):
        self.assertEqual(with_page("/a?page=9&q=x", 2), "/a?q=x&page=2")


if __name__ == "__main__":
    unittest.main()
