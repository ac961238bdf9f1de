"""What a base holds, and what becomes of an attempt."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.projects import written
from fakes.repos import git, repository
from rungbook.errors import StateFailed
from rungbook.workspace.trees import Trees

FILES = {"a.py": "x = 1\n", "pkg/b.py": "y = 2\n", "tests/test_a.py": "assert True\n"}

Sandboxed = Callable[[Path], Trees]


def files(tree: Path) -> set[str]:
    """All files of a tree, but those of its git folder."""
    return {
        path.relative_to(tree).as_posix()
        for path in tree.rglob("*")
        if ".git" not in path.relative_to(tree).parts and (path.is_file() or path.is_symlink())
    }


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", FILES)


def test_the_base_is_what_stands_there(repo: Path, sandboxed: Sandboxed) -> None:
    written(repo, {"a.py": "dirty\n", "new.py": "new\n", ".gitignore": "*.log\n", "x.log": "no\n"})
    (repo / "pkg" / "b.py").unlink()
    (repo / "link").symlink_to("a.py")
    (repo / "new.py").chmod(0o755)
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    assert files(tree) == {"a.py", "new.py", ".gitignore", "link", "tests/test_a.py"}
    assert (tree / "a.py").read_text() == "dirty\n"
    assert (tree / "new.py").stat().st_mode & 0o111
    assert (tree / "link").readlink() == Path("a.py")
    assert trees.dirty
    assert trees.head == git(repo, "rev-parse", "HEAD")
    assert set(trees.files()) == files(tree)


def test_a_clean_project_is_not_dirty(repo: Path, sandboxed: Sandboxed) -> None:
    assert not sandboxed(repo).dirty


def test_no_content_is_converted(repo: Path, sandboxed: Sandboxed) -> None:
    raw = b"one\r\ntwo\n$Id$\n\xff\xfe"
    (repo / "raw.txt").write_bytes(raw)
    (repo / ".gitattributes").write_text(
        "* text=auto eol=crlf ident working-tree-encoding=UTF-16\n"
    )
    git(repo, "config", "core.autocrlf", "true")
    trees = sandboxed(repo)
    assert (trees.attempt(1) / "raw.txt").read_bytes() == raw
    assert trees.harvest(1).changes == ()


def test_without_git(tmp_path: Path, sandboxed: Sandboxed) -> None:
    written(tmp_path / "plain", {**FILES, ".venv/lib/x.py": "", "a/node_modules/y.js": ""})
    trees = sandboxed(tmp_path / "plain")
    assert files(trees.attempt(1)) == set(FILES)
    assert (trees.head, trees.dirty) == (None, False)


def test_empty_folder_and_unborn_head(tmp_path: Path, sandboxed: Sandboxed) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    trees = sandboxed(tmp_path / "empty")
    tree = trees.attempt(1)
    assert files(tree) == set()
    (tree / "a.py").write_text("x\n")
    assert [(c.path, c.status) for c in trees.harvest(1).changes] == [("a.py", "A")]


def test_tracked_files_count_though_ignored(repo: Path, sandboxed: Sandboxed) -> None:
    written(repo, {".gitignore": "gen/\n.venv\n", "gen/kept.py": "1\n", "gen/lost.py": "1\n"})
    git(repo, "add", "-f", "gen/kept.py")
    git(repo, "commit", "-q", "-m", "second")
    tree = sandboxed(repo).attempt(1)
    assert {"gen/kept.py"} == {path for path in files(tree) if path.startswith("gen")}


def test_a_folder_of_a_repository(repo: Path, sandboxed: Sandboxed) -> None:
    written(repo, {".gitignore": "*.log\n/pkg/gen\n/other\n", "pkg/x.log": "", "pkg/gen/y": ""})
    written(repo, {"pkg/other": "kept\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "second")
    trees = sandboxed(repo / "pkg")
    assert files(trees.attempt(1)) == {"b.py", "other"}
    assert (trees.repo, trees.dirty) == (repo / "pkg", False)


def test_a_worktree_and_borrowed_objects(repo: Path, tmp_path: Path, sandboxed: Sandboxed) -> None:
    git(tmp_path, "clone", "-q", "--shared", str(repo), "second")
    git(tmp_path / "second", "worktree", "add", "-q", "-b", "b", str(tmp_path / "tree"))
    trees = sandboxed(tmp_path / "tree")
    assert files(trees.attempt(1)) == set(FILES)
    assert not trees.dirty
    assert len(trees.objects) == 3


def test_a_sha256_repository(tmp_path: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repository(tmp_path / "repo", FILES, "--object-format=sha256"))
    tree = trees.attempt(1)
    (tree / "a.py").write_text("x = 2\n")
    assert len(trees.harvest(1).commit) == 64
    assert git(tree, "init", "-q") == ""


def test_repositories_inside_are_copied_as_files(
    repo: Path, tmp_path: Path, sandboxed: Sandboxed
) -> None:
    inner = repository(tmp_path / "inner", {"c.py": "z\n"})
    git(repo, "submodule", "--quiet", "add", str(inner), "vendor/inner")
    git(repo, "commit", "-q", "-m", "second")
    repository(repo / "nested", {"d.py": "", "deep/e.py": ""})
    git(repo / "nested" / "deep", "init", "-q")
    trees = sandboxed(repo)
    inside = {"vendor/inner/c.py", "nested/d.py", "nested/deep/e.py", ".gitmodules"}
    assert files(trees.attempt(1)) == set(FILES) | inside
    assert len(trees.notes) == 3


def test_ignore_files_of_user_and_repository(repo: Path, home: Path, sandboxed: Sandboxed) -> None:
    written(home, {".config/git/ignore": "*.mine\n"})
    written(repo, {".git/info/exclude": "*.local\n!kept.mine\n"})
    written(repo, {"a.mine": "", "b.local": "", "kept.mine": ""})
    assert files(sandboxed(repo).attempt(1)) == set(FILES) | {"kept.mine"}


def test_odd_names_of_the_users_are_kept(repo: Path, sandboxed: Sandboxed) -> None:
    odd = {"a\\b.py": "", "con.txt": "", "x: y": "", "ümlaut ": "", "new\nline": ""}
    written(repo, odd)
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    assert files(tree) == set(FILES) | set(odd)
    (tree / "a\\b.py").write_text("changed\n")
    assert trees.harvest(1).refused == ()


def test_state_inside_the_project_is_no_part_of_it(repo: Path) -> None:
    trees = Trees.create(repo, repo / "state" / "run")
    assert files(trees.attempt(1)) == set(FILES)


def test_a_harvest(repo: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    written(tree, {"a.py": "x = 2\n", "new/c.py": "z\n", "pkg/__pycache__/b.pyc": "no\n"})
    (tree / "pkg" / "b.py").unlink()
    (tree / "tests" / "test_a.py").chmod(0o755)
    harvest = trees.harvest(1)
    found = [(c.path, c.status, c.mode, c.was_mode) for c in harvest.changes]
    assert found == [
        ("a.py", "M", "100644", "100644"),
        ("new/c.py", "A", "100644", ""),
        ("pkg/b.py", "D", "", "100644"),
        ("tests/test_a.py", "M", "100755", "100644"),
    ]
    first = harvest.changes[0]
    assert trees.blobs([first.blob, first.was_blob]) == {
        first.blob: b"x = 2\n",
        first.was_blob: b"x = 1\n",
    }
    assert trees.stat(harvest.commit) == (4, 4)
    assert "-x = 1\n+x = 2\n" in trees.diff(harvest.commit)


def test_an_attempt_that_changes_nothing_is_the_base(repo: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    trees.attempt(1)
    harvest = trees.harvest(1)
    assert (harvest.commit, harvest.changes) == (trees.base, ())


def test_a_file_and_a_folder_change_places(repo: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    (tree / "a.py").unlink()
    written(tree, {"a.py/inside.py": "1\n"})
    (tree / "pkg" / "b.py").unlink()
    (tree / "pkg").rmdir()
    (tree / "pkg").write_text("a file\n")
    found = {(c.path, c.status) for c in trees.harvest(1).changes}
    assert found == {("a.py", "D"), ("a.py/inside.py", "A"), ("pkg", "A"), ("pkg/b.py", "D")}


def test_a_worker_can_use_git(repo: Path, sandboxed: Sandboxed) -> None:
    tree = sandboxed(repo).attempt(1)
    assert git(tree, "status", "--porcelain") == ""
    (tree / "a.py").write_text("x = 2\n")
    assert "+x = 2" in git(tree, "diff")
    git(tree, "commit", "-qam", "work")
    assert git(tree, "log", "--format=%s") == "work\nbase"
    assert git(repo, "log", "--format=%s") == "first"


def test_what_is_frozen_can_be_left_out(repo: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    written(tree, {"a.py": "x = 2\n", "tests/test_a.py": "", "tests/conftest.py": "evil\n"})
    commit = trees.harvest(1).commit
    kept = trees.without(commit, ["tests/**"])
    proof = trees.proof(1, kept)
    assert (proof / "a.py").read_text() == "x = 2\n"
    assert (proof / "tests" / "test_a.py").read_text() == "assert True\n"
    assert not (proof / "tests" / "conftest.py").exists()
    assert "tests" not in trees.diff(kept)
    assert trees.without(commit, ["docs/**"]) == commit
    assert trees.without(commit, ["**"]) == trees.base


def test_a_frozen_folder_is_put_back(repo: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    tree = trees.attempt(1)
    (tree / "tests" / "test_a.py").unlink()
    (tree / "tests").rmdir()
    (tree / "tests").write_text("gone\n")
    proof = trees.proof(1, trees.without(trees.harvest(1).commit, ["tests"]))
    assert (proof / "tests" / "test_a.py").read_text() == "assert True\n"


def test_a_proof_is_not_the_workers_tree(repo: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    written(trees.attempt(1), {".gitignore": "*\n!.git*\n", "left-behind.pth": "import evil\n"})
    commit = trees.harvest(1).commit
    assert files(trees.proof(1, commit)) == {*FILES, ".gitignore"}


def test_trees_are_found_again(repo: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    (trees.attempt(1) / "a.py").write_text("x = 2\n")
    commit = trees.harvest(1).commit
    again = Trees.open(trees.work)
    assert again == trees
    assert (again.proof(1, commit) / "a.py").read_text() == "x = 2\n"
    with pytest.raises(StateFailed):
        Trees.create(repo, trees.work)


def test_trees_are_removed(repo: Path, sandboxed: Sandboxed) -> None:
    trees = sandboxed(repo)
    tree = trees.base_tree("before")
    (tree / "pkg").chmod(0o500)
    trees.drop(tree)
    assert not tree.exists()
    trees.drop(tree)
    trees.close()
    assert not trees.work.exists()
    with pytest.raises(StateFailed):
        Trees.open(trees.work)
