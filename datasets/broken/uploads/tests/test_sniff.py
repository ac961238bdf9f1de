import unittest

from uploads.sniff import JPEG, PDF, PNG, TEXT, ZIP, sniff


class Sniff(unittest.TestCase):
    def test_png(self):
        self.assertEqual(sniff(b"\x89PNG\r\n\x1a\n" + bytes(16)), PNG)

    def test_jpeg(self):
        self.assertEqual(sniff(b"\xff\xd8\xff\xe0\x00\x10JFIF"), JPEG)

    def test_pdf(self):
        self.assertEqual(sniff(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"), PDF)

    def test_empty_and_filled_zip(self):
        self.assertEqual(sniff(b"PK\x03\x04" + bytes(8)), ZIP)
        self.assertEqual(sniff(b"PK\x05\x06" + bytes(18)), ZIP)

    def test_text(self):
        self.assertEqual(sniff("Grüße\n".encode()), TEXT)

    def test_text_cut_inside_a_character(self):
        self.assertEqual(sniff(b"a" * 511 + "ü".encode()), TEXT)

    def test_unknown(self):
        self.assertIsNone(sniff(b"\x00\x01\x02\x03\x04"))


if __name__ == "__main__":
    unittest.main()
