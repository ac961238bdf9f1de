import unittest

from paging.page import NoSuchPage, paginate


class Paginate(unittest.TestCase):
    def test_first_page(self):
        page = paginate(range(45), 1, 20)
        self.assertEqual(list(page.items), list(range(20)))
        self.assertEqual((page.previous, page.next, page.pages), (None, 2, 3))

    def test_short_last_page(self):
        page = paginate(range(45), 3, 20)
        self.assertEqual(list(page.items), [40, 41, 42, 43, 44])
        self.assertIsNone(page.next)

    def test_full_last_page(self):
        page = paginate(range(40), 2, 20)
        self.assertEqual(len(page.items), 20)
        self.assertIsNone(page.next)

    def test_every_page_has_items(self):
        for total in range(1, 30):
            last = paginate(range(total), 1, 10).pages
            with self.subTest(total=total):
                self.assertTrue(paginate(range(total), last, 10).items)

    def test_empty_list(self):
        page = paginate([], 1, 20)
        self.assertEqual((list(page.items), page.pages, page.next), ([], 1, None))

    def test_outside(self):
        for number in (0, 4, -1):
            with self.subTest(number=number), self.assertRaises(NoSuchPage):
                paginate(range(45), number, 20)


if __name__ == "__main__":
    unittest.main()
