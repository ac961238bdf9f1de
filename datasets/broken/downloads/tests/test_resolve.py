import tempfile
import unittest
from pathlib import Path

from downloads.resolve import NotFound, resolve


class Resolve(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = Path(folder.name).resolve()
        self.root = self.top / "public"
        for name in ("public/a b.txt", "public/docs/index.html", "public-drafts/x.txt", "top.txt"):
            file = self.top / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(name)

    def assertNotFound(self, requested):
        with self.assertRaises(NotFound):
            resolve(self.root, requested)

    def test_file(self):
        self.assertEqual(resolve(self.root, "/a%20b.txt"), self.root / "a b.txt")

    def test_folder_shows_its_index(self):
        self.assertEqual(resolve(self.root, "/docs/"), self.root / "docs/index.html")

    def test_missing(self):
        self.assertNotFound("/b.txt")
        self.assertNotFound("/")

    def test_parent_folder(self):
        self.assertNotFound("/../top.txt")
        self.assertNotFound("/docs/%2e%2e/%2e%2e/top.txt")

    def test_sibling_folder_with_the_same_beginning(self):
        self.assertNotFound("/../public-drafts/x.txt")

    def test_link_to_a_sibling_folder(self):
        (self.root / "drafts").symlink_to(self.top / "public-drafts")
        self.assertNotFound("/drafts/x.txt")


if __name__ == "__main__":
    unittest.main()
