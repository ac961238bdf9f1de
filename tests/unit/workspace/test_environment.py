"""A project's own environment comes along, and it is the code of the sandbox that runs."""

import os
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.projects import written
from fakes.repos import git, repository
from rungbook import process
from rungbook.process import Box, Exit, Isolation, Limits, run_blocking
from rungbook.rulebook.environment import PATHS
from rungbook.toolchains import python_homes
from rungbook.workspace import node_modules
from rungbook.workspace.editable import source_folders
from rungbook.workspace.environment import Prepared, prepare
from rungbook.workspace.trees import Trees

LEVELS: list[Isolation] = ["none"]
if process.isolated() == "bubblewrap":
    LEVELS.append("bubblewrap")
IGNORED = ".venv/\nnode_modules/\n"
SITE = f"lib/python3.{sys.version_info.minor}/site-packages"


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> Isolation:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    files = {"src/pkg/__init__.py": "answer = 1\n", "flat.py": "", ".gitignore": IGNORED}
    return repository(tmp_path / "repo", files)


Sandboxed = Callable[[Path], Trees]


def environment(folder: Path) -> Path:
    venv.create(folder, symlinks=True, with_pip=False)
    return folder


def start(trees: Trees, level: Isolation, *argv: str) -> tuple[Exit, Path]:
    """Run a program in a fresh attempt in which the package answers 2."""
    tree = trees.attempt(1)
    if (tree / "src").is_dir():
        (tree / "src" / "pkg" / "__init__.py").write_text("answer = 2\n")
    ready = prepare(trees.repo, tree, PATHS, level)
    box = Box(tree, trees.repo, ready.read_only, variables=ready.variables, isolation=level)
    return run_blocking(argv, box, Limits(30)), tree


def test_a_venv_with_an_editable_install(
    repo: Path, level: Isolation, sandboxed: Sandboxed
) -> None:
    site = environment(repo / ".venv") / SITE
    written(site, {"dep.py": "name = 'dep'\n", "__editable__.pkg-1.pth": f"{repo / 'src'}\n"})
    script = "import dep, pkg, sys; print(pkg.answer, dep.name, pkg.__file__); print(sys.prefix)"
    end, tree = start(sandboxed(repo), level, "python", "-c", script)
    root = tree if level == "none" else repo
    loaded = root / "src" / "pkg" / "__init__.py"
    assert end.output == f"2 dep {loaded}\n{root / '.venv'}\n"


def test_scripts_of_the_venv(repo: Path, level: Isolation, sandboxed: Sandboxed) -> None:
    """Their first line names the user's path, whatever the sandbox."""
    folder = environment(repo / ".venv")
    written(folder / SITE, {"pkg.pth": f"{repo / 'src'}\n"})
    tool = folder / "bin" / "tool"
    tool.write_text(f"#!{folder / 'bin' / 'python'}\nimport pkg; print(pkg.answer)\n")
    tool.chmod(0o755)
    end, _ = start(sandboxed(repo), level, "tool")
    assert end.output == "2\n"


def test_setuptools_finder(repo: Path, level: Isolation, sandboxed: Sandboxed) -> None:
    mapping = {"pkg": str(repo / "src" / "pkg")}
    finder = f"""
import sys
MAPPING: dict[str, str] = {mapping!r}
NAMESPACES = {{}}
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        import importlib.util, os
        if name in MAPPING:
            init = os.path.join(MAPPING[name], "__init__.py")
            return importlib.util.spec_from_file_location(name, init)
def install():
    sys.meta_path.append(Finder)
"""
    written(
        environment(repo / ".venv") / SITE,
        {
            "__editable___pkg_1_finder.py": finder,
            "__editable__.pkg.pth": "import __editable___pkg_1_finder as f; f.install()\n",
        },
    )
    end, _ = start(sandboxed(repo), level, "python", "-c", "import pkg; print(pkg.answer)")
    assert end.output == "2\n"


def test_nothing_is_harvested_and_the_users_venv_stays(
    repo: Path, level: Isolation, sandboxed: Sandboxed
) -> None:
    (repo / ".gitignore").unlink()
    written(environment(repo / ".venv") / SITE, {"dep.py": ""})
    trees = sandboxed(repo)
    end, _ = start(trees, level, "python", "-c", "import dep, pkg")
    assert end.status in (0, 1)
    assert [c.path for c in trees.harvest(1).changes] == ["src/pkg/__init__.py"]
    assert not (repo / ".venv" / SITE / "__pycache__").exists()
    trees.drop(trees.work / "attempt-1")
    assert (repo / ".venv" / SITE / "dep.py").exists()


def test_an_active_environment_elsewhere(
    repo: Path,
    tmp_path: Path,
    level: Isolation,
    sandboxed: Sandboxed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = environment(tmp_path / "envs" / "e")
    written(folder / SITE, {"pkg.pth": f"{repo / 'src'}\n"})
    monkeypatch.setenv("VIRTUAL_ENV", str(folder))
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
    script = "import pkg, sys, os; print(pkg.answer, sys.prefix, os.environ['VIRTUAL_ENV'])"
    end, _ = start(sandboxed(repo), level, "python", "-c", script)
    assert end.output == f"2 {folder} {folder}\n"


def test_an_editable_install_of_a_neighbour(
    repo: Path, tmp_path: Path, level: Isolation, sandboxed: Sandboxed
) -> None:
    written(tmp_path / "neighbour" / "src", {"other.py": "name = 'other'\n"})
    written(environment(repo / ".venv") / SITE, {"o.pth": f"{tmp_path / 'neighbour' / 'src'}\n"})
    end, _ = start(sandboxed(repo), level, "python", "-c", "import other; print(other.name)")
    assert end.output == "other\n"


def test_node_modules(repo: Path, level: Isolation, sandboxed: Sandboxed) -> None:
    written(
        repo,
        {
            "packages/a/index.js": "old",
            "node_modules/dep/index.js": "dep",
            "node_modules/@scope/dep/index.js": "scoped",
            "packages/a/node_modules/inner/index.js": "inner",
        },
    )
    (repo / "node_modules" / "a").symlink_to("../packages/a")
    (repo / "node_modules" / "@scope" / "a").symlink_to("../../packages/a")
    written(repo, {"node_modules/.bin/.keep": "", "packages/a/cli.sh": "#!/bin/sh\necho old\n"})
    (repo / "packages" / "a" / "cli.sh").chmod(0o755)
    (repo / "node_modules" / ".bin" / "a").symlink_to("../../packages/a/cli.sh")
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    (tree / "packages" / "a" / "index.js").write_text("new")
    ready = prepare(repo, tree, PATHS, level)
    box = Box(tree, repo, ready.read_only, variables=ready.variables, isolation=level)
    script = """cd node_modules
    cat dep/index.js @scope/dep/index.js a/index.js @scope/a/index.js
    cat ../packages/a/node_modules/inner/index.js; a"""
    assert run_blocking(["sh", "-c", script], box, Limits(10)).output == "depscopednewnewinnerold\n"
    assert [c.path for c in trees.harvest(1).changes] == ["packages/a/index.js"]


@pytest.mark.parametrize("writer", ["vite", "vitest"])
def test_what_vite_writes_stays_in_the_sandbox(
    repo: Path, level: Isolation, sandboxed: Sandboxed, writer: str
) -> None:
    """It writes into the nearest node_modules, and fails where it cannot."""
    cached = {f"node_modules/{name}/x": "user's" for name in (".vite", ".vite-temp", ".cache")}
    installed = {f"node_modules/{name}/index.js": name for name in (writer, "@scope/dep")}
    files = {"packages/a/index.js": "old", "packages/a/node_modules/b/index.js": "b"}
    written(repo, {**cached, **installed, **files, "node_modules/.bin/.keep": ""})
    (repo / "node_modules" / "a").symlink_to("../packages/a")
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    (tree / "packages" / "a" / "index.js").write_text("new")
    ready = prepare(repo, tree, PATHS, level)
    box = Box(tree, repo, ready.read_only, variables=ready.variables, isolation=level)
    script = f"""
    for folder in . packages/a; do
        cd $folder
        mkdir node_modules/.vite node_modules/.vite-temp && echo ours > node_modules/.vite-temp/x
        cat node_modules/.vite-temp/x
    done
    cd ../..
    cat node_modules/a/index.js node_modules/{writer}/index.js node_modules/@scope/dep/index.js
    cat packages/a/node_modules/b/index.js
    """
    said = run_blocking(["sh", "-c", script], box, Limits(10)).output
    assert said == f"ours\nours\nnew{writer}@scope/depb"
    assert all((repo / path).read_text() == "user's" for path in cached)
    assert not (repo / "packages/a/node_modules/.vite").exists()
    assert [c.path for c in trees.harvest(1).changes] == ["packages/a/index.js"]


def test_what_is_too_much_to_mount_one_by_one_is_mounted_whole(
    repo: Path, sandboxed: Sandboxed, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(repo, {"node_modules/vite/index.js": "", "node_modules/b/index.js": ""})
    modules, trees = repo / "node_modules", sandboxed(repo)
    each = prepare(repo, trees.attempt(1), PATHS, "bubblewrap").read_only
    assert set(each) == {(modules / name, modules / name) for name in ("vite", "b")}
    monkeypatch.setattr(node_modules, "MOST_MOUNTS", 1)
    whole = prepare(repo, trees.attempt(2), PATHS, "bubblewrap").read_only
    assert whole == ((modules, modules),)


def test_an_absolute_link_into_the_project_leads_into_the_tree(
    repo: Path, level: Isolation, sandboxed: Sandboxed
) -> None:
    """As `npm link` makes them."""
    written(repo, {"packages/a/index.js": "old", "node_modules/b/index.js": ""})
    (repo / "node_modules" / "a").symlink_to(repo / "packages" / "a")
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    (tree / "packages" / "a" / "index.js").write_text("new")
    ready = prepare(repo, tree, PATHS, level)
    box = Box(tree, repo, ready.read_only, variables=ready.variables, isolation=level)
    assert run_blocking(["cat", "node_modules/a/index.js"], box, Limits(10)).output == "new"


def test_files_of_the_base_are_never_hidden(repo: Path, sandboxed: Sandboxed) -> None:
    written(repo, {"venv/tracked.py": "1\n"})
    (repo / ".gitignore").unlink()
    git(repo, "add", "-f", "venv")
    git(repo, "commit", "-q", "-m", "second")
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    assert prepare(repo, tree, ["venv"], "none") == Prepared((), {})
    assert not (tree / "venv").is_symlink()


def test_named_files_are_copied_or_mounted(
    repo: Path, level: Isolation, sandboxed: Sandboxed
) -> None:
    written(repo, {".gitignore": ".env\n*.so\n", ".env": "A=1\n", "src/pkg/x.so": "elf"})
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    ready = prepare(repo, tree, [".env", "*.so"], level)
    box = Box(tree, repo, ready.read_only, variables=ready.variables, isolation=level)
    said = run_blocking(["sh", "-c", "cat .env src/pkg/x.so; echo >> .env"], box, Limits(5)).output
    assert said.startswith("A=1\nelf")
    assert (repo / ".env").read_text() == "A=1\n"


def test_without_any_environment(repo: Path, level: Isolation, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    assert prepare(repo, trees.attempt(1), PATHS, level) == Prepared((), {})


def test_strange_finders_are_read_not_run(tmp_path: Path) -> None:
    site = tmp_path / SITE
    texts = ["MAPPING = [", "MAPPING = open('x')", "MAPPING = {1: 2}", "(" * 5000, "\0", "x = 1"]
    written(site, {f"__editable___{i}_finder.py": text for i, text in enumerate(texts)})
    written(site, {"a.pth": "import os; os._exit(1)\n# c\n/nowhere\n\n\0\n"})
    for pipe in (site / "b.pth", tmp_path / "pyvenv.cfg"):
        os.mkfifo(pipe)
    assert python_homes(tmp_path) == []
    assert source_folders(tmp_path) == []


def test_a_module_under_another_name_cannot_be_remapped(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    mapping = {"pkg": str(tmp_path / "source"), "ns.x": str(tmp_path / "s" / "ns" / "x")}
    mapping["mod"] = str(tmp_path / "m" / "mod.py")
    written(tmp_path / "e" / SITE, {"__editable___p_finder.py": f"MAPPING = {mapping!r}\n"})
    assert source_folders(tmp_path / "e") == [tmp_path / "s", tmp_path / "m"]
