"""Recognising a repository's own tests, and what a given command runs."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from fakes.projects import written
from rungbook.checks.suites import guess, recognise

UNIT = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"
PLAIN = "def test_a():\n    assert True\n"
DISCOVER = ("{python}", "-m", "unittest", "discover")


@pytest.mark.parametrize(
    ("files", "runner", "because"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "pytest", "pyproject.toml configures"),
        ({"setup.cfg": "[tool:pytest]\n", "t/test_a.py": UNIT}, "pytest", "setup.cfg configures"),
        ({"tests/conftest.py": ""}, "pytest", "there is tests/conftest.py"),
        ({"test_a.py": "import pytest\n"}, "pytest", "test_a.py is written for pytest"),
        ({"tests/test_a.py": PLAIN}, "pytest", "tests/test_a.py is written for pytest"),
        ({"tests/test_a.py": UNIT, "pyproject.toml": ""}, "unittest", "tests/test_a.py"),
        ({"package.json": '{"scripts": {"test": "jest"}}'}, "npm", "package.json"),
        ({"Cargo.toml": ""}, "cargo", "there is Cargo.toml"),
        ({"go.mod": ""}, "go", "there is go.mod"),
        ({"Makefile": "all:\n\ntest: all\n\tls\n"}, "make", "Makefile has a test target"),
    ],
)
def test_guess(tmp_path: Path, files: Mapping[str, str], runner: str, because: str) -> None:
    suite = guess(written(tmp_path, files))
    assert suite is not None
    assert suite.runner.name == runner
    assert because in suite.because


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.py": "x = 1\n"},
        {"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'},
        {"package.json": "[" * 100_000},
        {"package.json": '{"scripts": []}'},
        {"Makefile": "test := 1\n"},
        {"node_modules/x/test_a.py": PLAIN, ".venv/lib/test_b.py": PLAIN},
        {"test_a.py": "x = 1\n", "test_b.py": "\n" * 200_000},
    ],
)
def test_nothing_to_guess(tmp_path: Path, files: Mapping[str, str]) -> None:
    assert guess(written(tmp_path, files)) is None


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"test_a.py": UNIT}, ()),
        ({"tests/test_a.py": UNIT}, ("-s", "tests", "-t", "tests")),
        ({"tests/test_a.py": UNIT, "tests/__init__.py": ""}, ("-s", "tests", "-t", ".")),
        (
            {"p/__init__.py": "", "p/tests/__init__.py": "", "p/tests/test_a.py": UNIT},
            ("-s", "p/tests", "-t", "."),
        ),
        ({"a/test_a.py": UNIT, "b/test_b.py": UNIT}, ()),
        ({"a_test.py": UNIT}, ("-p", "*_test.py")),
    ],
)
def test_where_unittest_looks(
    tmp_path: Path, files: Mapping[str, str], where: tuple[str, ...]
) -> None:
    suite = guess(written(tmp_path, files))
    assert suite is not None
    assert suite.argv == DISCOVER + where


@pytest.mark.parametrize(
    ("argv", "runner"),
    [
        (["pytest", "-q"], "pytest"),
        (["/x/bin/py.test"], "pytest"),
        (["python3", "-m", "pytest", "tests"], "pytest"),
        (["uv", "run", "pytest"], "pytest"),
        (["coverage", "run", "-m", "pytest"], "pytest"),
        (["python", "-m", "unittest"], "unittest"),
        (["tox"], "command"),
        (["sh", "-c", "pytest"], "command"),
        (["grep", "run", "pytest"], "command"),
        (["npm", "run", "test"], "npm"),
    ],
)
def test_recognise(argv: list[str], runner: str) -> None:
    assert recognise(argv).runner.name == runner


def test_the_report_is_asked_for_before_the_end_of_options() -> None:
    assert recognise(["pytest", "--", "t"]).argv == ("pytest", "--junitxml={report}", "--", "t")
