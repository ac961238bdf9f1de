import unittest

from uploads.store import Rejected, clean, destination


class Destination(unittest.TestCase):
    def test_content_wins_over_the_name(self):
        self.assertEqual(
            destination("holiday.txt", b"\x89PNG\r\n\x1a\n\x00\x00"), "image/holiday.png"
        )

    def test_text(self):
        self.assertEqual(destination("notes.md", b"# Notes\n"), "text/notes.txt")

    def test_program_is_rejected(self):
        with self.assertRaises(Rejected):
            destination("holiday.png", b"\x7fELF\x02\x01\x01\x00")


class Clean(unittest.TestCase):
    def test_folders_and_odd_characters(self):
        self.assertEqual(clean("C:\\Users\\me\\my photo (1).png"), "my-photo-1")

    def test_nothing_left(self):
        self.assertEqual(clean("???.png"), "unnamed")


if __name__ == "__main__":
    unittest.main()
