import os
import tempfile
import unittest
from pathlib import Path

from downloads.headers import headers


class Headers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_text(self):
        file = self.folder / "a.txt"
        file.write_text("hello")
        os.utime(file, (0, 0))
        self.assertEqual(
            headers(file),
            {
                "Content-Type": "text/plain",
                "Content-Length": "5",
                "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT",
            },
        )

    def test_archive_is_saved(self):
        file = self.folder / "a.zip"
        file.touch()
        self.assertEqual(headers(file)["Content-Disposition"], 'attachment; filename="a.zip"')


if __name__ == "__main__":
    unittest.main()
