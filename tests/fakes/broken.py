"""Projects with one fault each, in the ways that projects stand on users' machines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fakes.environments import console_script, editable_by_finder, editable_by_path, environment
from fakes.projects import written
from fakes.repos import git, repository

Files = Mapping[str, str | None]


@dataclass(frozen=True)
class Project:
    """A broken project in a folder, and what repairs it and what does not."""

    repo: Path
    right: Files
    wrong: Files
    around: Path
    """The folder of which nothing but the fix may change."""


Builder = Callable[[Path], Project]
PROJECTS: dict[str, Builder] = {}


def project(builder: Builder) -> Builder:
    PROJECTS[builder.__name__] = builder
    return builder


ADD = "def add(a, b):\n    return a - b\n"
ADDED = "def add(a, b):\n    return a + b\n"
WORSE = "def add(a, b):\n    return a * b\n"
TEST = """\
import unittest
from {module} import add
{more}
class T(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add(2, 3), 5)
"""


def unittests(module: str, more: str = "") -> dict[str, str]:
    return {"tests/__init__.py": "", "tests/test_sums.py": TEST.format(module=module, more=more)}


def sums(repo: Path, path: str, around: Path) -> Project:
    """A project whose one fault is in a function at that path."""
    return Project(repo, {path: ADDED}, {path: WORSE}, around)


@project
def ignored_venv(root: Path) -> Project:
    """pytest and a package that are nowhere but in a git-ignored `.venv`."""
    files = {
        ".gitignore": ".venv/\n",
        "conftest.py": "",
        "sums/__init__.py": ADD,
        "tests/test_sums.py": "import pytest, only_here\nfrom sums import add\n\n"
        "def test_add():\n    assert '.venv' in pytest.__file__\n"
        "    assert add(2, 3) == only_here.five\n",
    }
    repo = repository(root / "shop", files)
    environment(repo / ".venv", {"only_here/__init__.py": "five = 5\n"}, with_pytest=True)
    return sums(repo, "sums/__init__.py", root)


def _installed(root: Path, install: Callable[[Path, Path], None]) -> Project:
    """A src layout, installed in its own `.venv`; a console script is tested as well."""
    script = """
import shutil, subprocess
class Program(unittest.TestCase):
    def test_program(self):
        said = subprocess.run(["sums-add"], capture_output=True, text=True)
        self.assertEqual((said.stdout, said.stderr), ("5\\n", ""))
"""
    main = "def main():\n    from sums.add import add\n    print(add(2, 3))\n"
    files = {
        ".gitignore": ".venv/\n*.egg-info/\n",
        "pyproject.toml": "[project]\nname = 'sums'\nversion = '0.1'\n",
        "src/sums/__init__.py": "",
        "src/sums/main.py": main,
        "src/sums/add.py": ADD,
        **unittests("sums.add", script),
    }
    repo = repository(root / "shop", files)
    folder = environment(repo / ".venv", {})
    console_script(folder, "sums-add", "sums.main", "main")
    install(folder, repo / "src" / "sums")
    return sums(repo, "src/sums/add.py", root)


@project
def editable_pth(root: Path) -> Project:
    return _installed(root, lambda venv, package: editable_by_path(venv, "sums", package.parent))


@project
def editable_finder(root: Path) -> Project:
    return _installed(root, lambda venv, package: editable_by_finder(venv, "sums", package))


@project
def node_modules(root: Path) -> Project:
    """A dependency that is only installed, and a workspace of the project linked beside it."""
    test = (
        "const test = require('node:test'); const assert = require('node:assert');\n"
        "const { add } = require('@shop/sums'); const five = require('only-here');\n"
        "test('adds', () => assert.strictEqual(add(2, 3), five));\n"
    )
    package = '{"name": "shop", "workspaces": ["packages/*"], "scripts": {"test": "node --test"}}\n'
    add = "exports.add = (a, b) => a %s b;\n"
    files = {
        ".gitignore": "node_modules/\n",
        "package.json": package,
        "packages/sums/package.json": '{"name": "@shop/sums", "main": "index.js"}\n',
        "packages/sums/index.js": add % "-",
        "test/sums.test.js": test,
    }
    repo = repository(root / "shop", files)
    written(repo / "node_modules", {"only-here/index.js": "module.exports = 5;\n"})
    (repo / "node_modules" / "@shop").mkdir()
    (repo / "node_modules" / "@shop" / "sums").symlink_to("../../packages/sums")
    index = "packages/sums/index.js"
    return Project(repo, {index: add % "+"}, {index: add % "*"}, root)


@project
def without_git(root: Path) -> Project:
    repo = written(root / "shop", {"sums.py": ADD, **unittests("sums")})
    return sums(repo, "sums.py", root)


@project
def dirty_tree(root: Path) -> Project:
    """Tests that need what is not committed, and a module that is no longer there."""
    files = {
        "sums.py": "def add(a, b):\n    raise NotImplementedError\n",
        "old.py": "raise SystemExit('it was deleted')\n",
        "tests/__init__.py": "",
        "staged.py": "old = True\n",
    }
    repo = repository(root / "shop", files)
    more = """
import importlib.util, staged, untracked
class Dirty(unittest.TestCase):
    def test_as_it_stands(self):
        self.assertIsNone(importlib.util.find_spec("old"))
        self.assertFalse(staged.old)
"""
    (repo / "old.py").unlink()
    written(repo, {"staged.py": "old = False\n"})
    git(repo, "add", "staged.py")
    written(repo, {"sums.py": ADD, "untracked.py": "", **unittests("sums", more)})
    return sums(repo, "sums.py", root)


@project
def part_of_a_repository(root: Path) -> Project:
    """One of several projects in a repository; its neighbour has the same names."""
    ours = {"sums.py": ADD, **unittests("sums")}
    theirs = {f"services/b/{path}": text for path, text in ours.items()}
    mine = {f"services/a/{path}": text for path, text in ours.items()}
    top = repository(root / "mono", {"README.md": "both\n", **mine, **theirs})
    return sums(top / "services" / "a", "sums.py", root)


@project
def worktree(root: Path) -> Project:
    """A second work tree of a repository whose first one has another branch."""
    first = repository(root / "first", {"sums.py": WORSE})
    git(first, "worktree", "add", "-q", "-b", "topic", str(root / "second"))
    written(root / "second", {"sums.py": ADD, **unittests("sums")})
    git(root / "second", "add", "-A")
    git(root / "second", "commit", "-q", "-m", "second")
    return sums(root / "second", "sums.py", root)


@project
def odd_files(root: Path) -> Project:
    """CRLF, spaces and letters of all kinds in names, links inside, an executable."""
    crlf = ADD.replace("\n", "\r\n")
    files = {
        "Größe & 数/my module.txt": "plain\r\n",
        "übung.py": "",
        "sums.py": "",
        ".gitattributes": "*.py text eol=lf\n",
        **unittests("sums"),
    }
    repo = repository(root / "Ein Projekt, 项目", files)
    for name in ("übung.py", "sums.py"):
        (repo / name).write_bytes(crlf.encode())
    (repo / "übung.py").chmod(0o755)
    (repo / "link to 数").symlink_to("Größe & 数/my module.txt")
    (repo / "folder link").symlink_to("Größe & 数")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "odd")
    right = {"sums.py": crlf.replace("-", "+"), "Größe & 数/neu é.txt": "neu\r\n"}
    return Project(repo, right, {"sums.py": crlf.replace("-", "*")}, root)
