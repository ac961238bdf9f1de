"""Which code ran: the tree's, the user's own, or an installed copy."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from fakes.projects import box, written
from rungbook.checks import witness
from rungbook.process import Box

PACKAGE = {"src/pkg/__init__.py": "", "src/pkg/mod.py": "x = 1\n"}


def heard(where: Box, folder: Path, path: Sequence[Path], code: str) -> witness.Witness:
    """What a run of the code, with this module path, leaves word of."""
    folder.mkdir()
    own = ":".join(map(str, path))
    env = witness.call(folder, {"PYTHONPATH": own})
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=where.tree, check=False, capture_output=True
    )
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
    return witness.hear(folder, where, ["src/pkg/mod.py"])


def test_the_tree_itself(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", PACKAGE)
    said = heard(box(tree), tmp_path / "w", [tree / "src"], "import pkg.mod")
    assert {"src/pkg/__init__.py", "src/pkg/mod.py"} == said.from_tree
    assert not said.elsewhere


def test_an_editable_install_of_the_users_tree(tmp_path: Path) -> None:
    tree, user = (written(tmp_path / name, PACKAGE) for name in ("tree", "user"))
    said = heard(box(tree, user), tmp_path / "w", [user / "src"], "import pkg.mod")
    assert said.lines == (f"src/pkg/mod.py was loaded from {user}/src/pkg/mod.py",)


def test_a_namespace_package_of_the_users_tree(tmp_path: Path) -> None:
    files = {"src/pkg/mod.py": ""}
    tree, user = (written(tmp_path / name, files) for name in ("tree", "user"))
    said = heard(box(tree, user), tmp_path / "w", [user / "src"], "import pkg.mod")
    assert set(said.elsewhere) == {"src/pkg/mod.py"}


def test_an_installed_copy(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", PACKAGE)
    copy = written(tmp_path / "site-packages", {"pkg/__init__.py": "", "pkg/mod.py": ""})
    said = heard(box(tree), tmp_path / "w", [copy], "import pkg.mod")
    assert said.elsewhere == {"src/pkg/mod.py": str(copy / "pkg/mod.py")}


def test_a_copy_in_a_process_beside_does_not_hide_the_tree(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", PACKAGE)
    copy = written(tmp_path / "site-packages", {"pkg/__init__.py": "", "pkg/mod.py": ""})
    said = heard(box(tree), tmp_path / "w", [tree / "src", copy], "import pkg.mod")
    assert not said.elsewhere


@pytest.mark.parametrize("path", ["tools/json.py", "examples/pytest.py", "src/pkg/gone.py"])
def test_a_namesake_is_not_a_copy(tmp_path: Path, path: str) -> None:
    tree = written(tmp_path / "tree", {"tools/json.py": "", "examples/pytest.py": ""})
    folder = tmp_path / "w"
    heard(box(tree), folder, [], "import json, pytest")
    assert not witness.hear(folder, box(tree), [path]).elsewhere


def test_the_next_sitecustomize_is_still_loaded(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", PACKAGE)
    other = written(tmp_path / "other", {"sitecustomize.py": "import sys\nsys.seen = __file__\n"})
    code = "import sys, sitecustomize; assert sitecustomize.__file__ == sys.seen"
    said = heard(box(tree), tmp_path / "w", [other, tree / "src"], code + "; import pkg.mod")
    assert "src/pkg/mod.py" in said.from_tree


def test_a_folder_that_is_gone_breaks_nothing(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", PACKAGE)
    code = f"import shutil; shutil.rmtree({str(tmp_path / 'w')!r})"
    assert not heard(box(tree), tmp_path / "w", [], code).from_tree


def test_garbage_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "1.loaded").write_bytes(b"\xff\0/\xff\n\0\0a\nname\na\0" + b"/x" * 9000)
    (tmp_path / "2.loaded").write_bytes(b"a\0" + bytes(tmp_path / ("x" * 9000)))
    (tmp_path / "3.loaded").symlink_to("/dev/zero")
    assert not witness.hear(tmp_path, box(tmp_path), ["a.py"]).elsewhere


@pytest.fixture(scope="module")
def node() -> tuple[int, int]:
    """Its version; skips where there is none."""
    if shutil.which("node") is None:
        pytest.skip("there is no node")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=30).stdout
    major, minor = re.findall(r"\d+", said)[:2]
    return int(major), int(minor)


def heard_of_node(where: Box, folder: Path, name: str, code: str) -> witness.Witness:
    """What a run of a file of the tree leaves word of, if `src/mod` of that ending was changed."""
    folder.mkdir()
    entry = written(where.tree, {name: code}) / name
    env = witness.call(folder, {"PATH": os.environ["PATH"], "NODE_OPTIONS": "--no-warnings"})
    done = subprocess.run(
        ["node", str(entry)], env=env, cwd=where.tree, check=False, capture_output=True, timeout=30
    )
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
    return witness.hear(folder, where, [f"src/mod{entry.suffix}"])


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("folder", ["w", "a 'folder' \"of\" \\ the user's"])
def test_what_node_requires(tmp_path: Path, folder: str) -> None:
    files = {"src/mod.cjs": "", "node_modules/dep/index.cjs": ""}
    tree, user = (written(tmp_path / name, files) for name in ("tree", "user"))
    code = "require('./src/mod.cjs');\nrequire('./node_modules/dep/index.cjs');\n"
    said = heard_of_node(box(tree, user), tmp_path / folder, "run.cjs", code)
    assert said.from_tree == {"run.cjs", "src/mod.cjs"}
    assert not said.elsewhere


@pytest.mark.usefixtures("node")
def test_what_node_requires_of_the_users_tree(tmp_path: Path) -> None:
    tree, user = (written(tmp_path / name, {"src/mod.cjs": ""}) for name in ("tree", "user"))
    code = f"require({str(user / 'src/mod.cjs')!r});\n"
    said = heard_of_node(box(tree, user), tmp_path / "w", "run.cjs", code)
    assert said.lines == (f"src/mod.cjs was loaded from {user}/src/mod.cjs",)


def test_what_node_imports_of_the_users_tree(tmp_path: Path, node: tuple[int, int]) -> None:
    if node < (22, 15):
        pytest.skip("node 22.15 is the first that can be asked")
    tree, user = (written(tmp_path / name, {"src/mod.mjs": ""}) for name in ("tree", "user"))
    code = f"import {str(user / 'src/mod.mjs')!r};\n"
    said = heard_of_node(box(tree, user), tmp_path / "w", "run.mjs", code)
    assert said.lines == (f"src/mod.mjs was loaded from {user}/src/mod.mjs",)
    inside = heard_of_node(box(tree, user), tmp_path / "v", "run.mjs", "import './src/mod.mjs';\n")
    assert inside.from_tree == {"run.mjs", "src/mod.mjs"}


@pytest.mark.usefixtures("node")
def test_a_worker_of_node_is_heard_too(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", {"src/mod.cjs": ""})
    code = "new (require('node:worker_threads').Worker)('./src/mod.cjs');\n"
    said = heard_of_node(box(tree), tmp_path / "w", "run.cjs", code)
    assert said.from_tree == {"run.cjs", "src/mod.cjs"}
