"""JavaScript and TypeScript for real: node's own runner, and vitest where npm can install it.

Each goes through the command line, with and without isolation: the right fix is proved, and nothing
is that only looks right.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from fakes.broken import Files, Project
from fakes.machine import fingerprint
from fakes.projects import written
from fakes.repos import repository
from fakes.solving import solve
from rungbook.process import isolated

LEVELS = ["none"]
if isolated() == "bubblewrap":
    LEVELS.append("bubblewrap")


@cache
def node() -> tuple[int, int]:
    """Its version; (0, 0) where there is none."""
    if not shutil.which("node"):
        return 0, 0
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=30).stdout
    major, minor = re.findall(r"\d+", said)[:2]
    return int(major), int(minor)


pytestmark = pytest.mark.skipif(node() < (20, 8), reason="there is no node of 20.8 or later")

SUMS = "export const add = (a, b) => a - b;\n"
ADDED = "export const add = (a, b) => a + b;\n"
NODE_TESTS = """\
import assert from 'node:assert';
import { test } from 'node:test';
import { add } from '../src/sums.ENDING';
test('adds', () => assert.strictEqual(add(2, 3), 5));
test('adds nothing', () => assert.strictEqual(add(0, 0), 0));
"""
VITEST_TESTS = """\
import { expect, test } from 'vitest';
import { add } from '../src/sums.ENDING';
test('adds', () => expect(add(2, 3)).toBe(5));
test('adds nothing', () => expect(add(0, 0)).toBe(0));
"""


def only_looks_right(source: str, test: str, text: str) -> dict[str, Files]:
    """What a worker may come upon to make the tests of those files silent."""
    return {
        "another fault": {source: SUMS.replace("-", "*")},
        "an end at import": {source: f"process.exit(0);\n{ADDED}"},
        "an end in a test": {source: "export const add = () => process.exit(0);\n"},
        "a source that does not parse": {source: "export const add = (a, b) => {\n"},
        "tests that are skipped": {test: text.replace("test('adds'", "test.skip('adds'")},
        "a file of tests that is deleted": {test: None},
        "a file of tests without one": {test: "export {};\n"},
        "a file of tests that does not parse": {test: f"{text}test('x', () => {{\n"},
        "an end in the tests": {test: f"{text}process.exit(0);\n"},
    }


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def holds(tmp_path: Path, repo: Path, wrong: dict[str, Files], right: Files, level: str) -> None:
    """That none of the wrong ones is proved, the right one is, and the project stays as it is."""
    before = fingerprint(repo)
    tried = Project(repo, right, {}, repo)
    said = solve(tmp_path, tried, [*wrong.values(), right], level)
    checked = [e for e in said.events if e["event"] == "checked"]
    verdicts = dict(zip([*wrong, "right"], [e["verdict"] for e in checked], strict=False))
    assert verdicts == dict.fromkeys(wrong, "fail") | {"right": "pass"}, said
    assert checked[-1]["baseline"] == "fail"
    assert checked[-1]["excerpt"].startswith("2 tests passed")
    assert said.status == 0
    assert fingerprint(repo) == before


def test_nodes_runner(tmp_path: Path, level: str) -> None:
    text = NODE_TESTS.replace("ENDING", "js")
    package = '{"type": "module", "scripts": {"test": "node --test"}}\n'
    files = {"package.json": package, "src/sums.js": SUMS, "test/sums.test.js": text}
    repo = repository(tmp_path / "shop", files)
    wrong = only_looks_right("src/sums.js", "test/sums.test.js", text)
    holds(tmp_path, repo, wrong, {"src/sums.js": ADDED}, level)


def test_a_package_that_loads_the_users_own_code(tmp_path: Path) -> None:
    """Without isolation an installed package stands in the user's folder, and finds its sources."""
    loads = "module.exports = require(__dirname + '/../../src/sums.js');\n"
    files = {
        ".gitignore": "node_modules/\n",
        "src/sums.js": "exports.add = (a, b) => a - b;\n",
        "sums.test.js": "const { test } = require('node:test');\n"
        "const { add } = require('loads');\n"
        "test('adds', () => require('node:assert').strictEqual(add(2, 3), 5));\n",
    }
    repo = repository(tmp_path / "shop", files)
    written(repo, {"node_modules/loads/index.js": loads})
    right = {"src/sums.js": "exports.add = (a, b) => a + b;\n"}
    tried = Project(repo, right, {}, repo)
    said = solve(tmp_path, tried, [right], "none")
    assert said.status == 2, said
    [check] = said.checks("error")
    assert f"src/sums.js was loaded from {repo}/src/sums.js" in check["excerpt"]
    if "bubblewrap" in LEVELS:
        assert solve(tmp_path, tried, [right], "bubblewrap").status == 0


VITEST_CONFIG = """\
import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { include: ['test/**/*.test.ts'] } });
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The node_modules with a version of vitest; skips where npm or its registry is not there."""
    folder = tmp_path_factory.mktemp("npm")

    @cache
    def install(version: str) -> Path:
        place = written(folder / version, {"package.json": "{}\n"})
        command = ["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=0"]
        own = {
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "npm_config_cache": str(folder / "cache"),
        }
        if shutil.which("npm") is None:
            pytest.skip("there is no npm")
        done = subprocess.run(
            [*command, f"vitest@{version}"],
            cwd=place,
            env=os.environ | own,
            capture_output=True,
            text=True,
            timeout=100,
        )
        if done.returncode:
            pytest.skip(f"npm installs no vitest: {done.stderr[-300:]}")
        return place / "node_modules"

    return install


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1", "2", "3", "4", "5"])
def test_vitest(tmp_path: Path, level: str, version: str, installed: Callable[[str], Path]) -> None:
    """With a configuration in TypeScript, which Vite writes out beside the packages to load it."""
    if version == "5" and node() < (22, 12):
        pytest.skip("vitest 5 needs node 22.12 or later")
    text = VITEST_TESTS.replace("ENDING", "ts")
    files = {
        ".gitignore": "node_modules/\n",
        "package.json": '{"type": "module", "scripts": {"test": "vitest"}}\n',
        "vitest.config.ts": VITEST_CONFIG,
        "src/sums.ts": SUMS,
        "test/sums.test.ts": text,
    }
    repo = repository(tmp_path / "shop", files)
    shutil.copytree(installed(version), repo / "node_modules", symlinks=True)
    wrong = only_looks_right("src/sums.ts", "test/sums.test.ts", text)
    holds(tmp_path, repo, wrong, {"src/sums.ts": ADDED}, level)
