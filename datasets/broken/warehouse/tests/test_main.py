import io
import unittest
from contextlib import redirect_stderr, redirect_stdout

from warehouse.__main__ import main


class Main(unittest.TestCase):
    def test_prints_the_list(self):
        with redirect_stdout(io.StringIO()) as out:
            status = main(["BOLT-M6,4"])
        self.assertEqual((status, out.getvalue()), (0, "BOLT-M6          6\n"))

    def test_movements_that_do_not_add_up(self):
        with redirect_stderr(io.StringIO()) as err:
            status = main(["BOLT-M6,-1"])
        self.assertEqual(status, 1)
        self.assertIn("0 left", err.getvalue())


if __name__ == "__main__":
    unittest.main()
