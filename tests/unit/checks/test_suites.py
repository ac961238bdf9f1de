"""Recognising a repository's own tests, and what a given command runs."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fakes.projects import written
from rungbook.checks.suites import guess, recognise

NODE = "import test from 'node:test';\n"
VITEST = "import { test } from 'vitest';\n"
UNIT = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"
PLAIN = "def test_a():\n    assert True\n"
VITEST_RUN = ["node_modules/.bin/vitest", "run"]
JEST = ["node_modules/.bin/jest"]
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
        ({"package.json": '{"scripts": {"test": "mocha"}}'}, "npm", "package.json"),
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
        (["pnpm", "exec", "vitest", "run"], "vitest"),
        (["yarn", "jest"], "jest"),
        (["yarn", "test"], "command"),
        (["npx"], "command"),
        (["/usr/bin/node", "--import", "./a.mjs", "--test"], "node"),
        (["node", "run.js", "--test"], "command"),
        (["deno", "--test"], "command"),
    ],
)
def test_recognise(argv: list[str], runner: str) -> None:
    assert recognise(argv).runner.name == runner


def scripts(**scripts: str) -> dict[str, str]:
    """A package.json with those scripts."""
    return {"package.json": json.dumps({"scripts": scripts})}


@pytest.mark.parametrize(
    ("files", "runner", "begins"),
    [
        (scripts(test="node --test"), "node", ["node", "--test"]),
        (scripts(test="node --test --test-reporter dot 'a/*.js'"), "node", ["node", "--test"]),
        (scripts(test="vitest"), "vitest", ["node_modules/.bin/vitest", "run"]),
        (scripts(test="vitest run --coverage"), "vitest", [*VITEST_RUN, "--coverage"]),
        (scripts(test="vitest watch --dir src"), "vitest", [*VITEST_RUN, "--dir", "src"]),
        (scripts(test='jest -t "a b" --watch'), "jest", ["node_modules/.bin/jest", "-t", "a b"]),
        (scripts(test="vitest bench"), "npm", ["npm", "test"]),
        (scripts(test="tsc && vitest run"), "npm", ["npm", "test"]),
        (scripts(test="node --test test/*.js"), "npm", ["npm", "test"]),
        (scripts(test="NODE_ENV=test jest"), "npm", ["npm", "test"]),
        (scripts(test='vitest "$DIR"'), "npm", ["npm", "test"]),
        (scripts(test="vitest run", pretest="make"), "npm", ["npm", "test"]),
        (scripts(test="node test.js --test"), "npm", ["npm", "test"]),
        ({"package.json": '{"devDependencies": {"vitest": "5"}}'}, "vitest", VITEST_RUN),
        ({"package.json": '{"devDependencies": {"jest": "30"}}'}, "jest", JEST),
        ({"vite.config.ts": "import x from 'vitest/config'"}, "vitest", VITEST_RUN),
        ({"src/a.spec.ts": VITEST}, "vitest", VITEST_RUN),
        ({"src/a.test.mjs": NODE}, "node", ["node", "--test"]),
        ({"test/a.js": "const t = require('node:test')"}, "node", ["node", "--test"]),
        ({"package.json": '{"type": "module"}', "a.test.js": NODE}, "node", ["node", "--test"]),
    ],
)
def test_what_is_run_of_javascript(
    tmp_path: Path, files: Mapping[str, str], runner: str, begins: list[str]
) -> None:
    suite = guess(written(tmp_path, files))
    assert suite is not None
    assert suite.runner.name == runner
    assert list(suite.argv[: len(begins)]) == begins
    assert recognise(suite.argv).runner.name == runner


@pytest.mark.parametrize(
    "files",
    [
        {"src/a.spec.js": NODE},
        {"src/a.test.ts": NODE},
        {"src/sums.js": VITEST + NODE},
        {"node_modules/x/a.test.js": NODE},
        {"vite.config.ts": "export default {}"},
    ],
)
def test_what_is_not_run_of_javascript(tmp_path: Path, files: Mapping[str, str]) -> None:
    """Files that node would not run by itself, and ones that are no tests."""
    assert guess(written(tmp_path, files)) is None


@pytest.mark.parametrize(
    "argv",
    [
        ["pytest", "-q"],
        ["node", "--test", "--", "a.js"],
        ["npx", "vitest", "run"],
        ["jest", "--", "a"],
    ],
)
def test_a_report_is_asked_for_once(argv: list[str]) -> None:
    """A plan keeps the command with what was asked, and it is recognised again."""
    asked = recognise(argv).argv
    assert recognise(asked).argv == asked
    assert sum("{report}" in word for word in asked) == 1


def test_nodes_reporters_stand_where_it_looks_for_them() -> None:
    argv = ["node", "--import", "tsx", "--test", "--test-reporter=dot", "--test-only", "a.js"]
    asked = recognise([*argv, "--test-reporter-destination", "a.txt"]).argv
    assert asked[:4] == ("node", "--import", "tsx", "--test")
    assert asked[-2:] == ("--test-only", "a.js")
    reporters = [word for word in asked if word.startswith("--test-reporter=")]
    assert reporters == ["--test-reporter=spec", "--test-reporter=junit"]


def test_the_report_is_asked_for_before_the_end_of_options() -> None:
    assert recognise(["pytest", "--", "t"]).argv == ("pytest", "--junitxml={report}", "--", "t")
