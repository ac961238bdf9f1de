"""Hostile projects and workers: nothing of theirs runs, nothing of the user is touched."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.projects import written
from fakes.repos import CLEAN, git, repository, snapshot, trapped
from rungbook.workspace.trees import Trees

Sandboxed = Callable[[Path], Trees]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"a.py": "x = 1\n", "sub/b.py": "y = 2\n"})


@pytest.fixture
def trees(repo: Path, sandboxed: Sandboxed) -> Trees:
    return sandboxed(repo)


def test_a_hostile_project_runs_nothing(repo: Path, tmp_path: Path, sandboxed: Sandboxed) -> None:
    mark = tmp_path / "mark"
    trapped(repo, mark)
    trapped(repository(repo / "inner", {"c.py": ""}), mark)
    before = snapshot(repo / ".git")
    trees = sandboxed(repo)
    (trees.attempt(1) / "a.py").write_text("x = 2\n")
    commit = trees.harvest(1).commit
    trees.proof(1, commit)
    assert "+x = 2" in trees.diff(commit)
    assert trees.stat(commit) == (1, 2)
    assert not mark.exists()
    assert snapshot(repo / ".git") == before


def test_the_trap_springs_for_plain_git(repo: Path, tmp_path: Path) -> None:
    """So that the test above proves something."""
    trapped(repo, tmp_path / "mark")
    env = {**os.environ, **CLEAN}
    subprocess.run(["git", "-C", str(repo), "status"], env=env, capture_output=True)
    assert (tmp_path / "mark").exists()


def test_a_hostile_worker_runs_nothing_in_the_engine(trees: Trees, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    tree = trees.attempt(1)
    trapped(tree, mark)
    (tree / "a.py").write_text("x = 2\n")
    before = snapshot(trees.work / "git")
    harvest = trees.harvest(1)
    trees.proof(1, harvest.commit)
    trees.diff(harvest.commit)
    assert not mark.exists()
    assert [c.path for c in harvest.changes] == [".gitattributes", "a.py"]
    after = snapshot(trees.work / "git")
    assert {k: v for k, v in after.items() if not k.startswith("objects")} == {
        k: v for k, v in before.items() if not k.startswith("objects")
    }


@pytest.mark.parametrize("kind", ["file", "link", "gone", "folder"])
def test_whatever_becomes_of_its_git_folder(trees: Trees, tmp_path: Path, kind: str) -> None:
    tree = trees.attempt(1)
    (tree / ".git").rename(tmp_path / "moved")
    if kind == "file":
        (tree / ".git").write_text(f"gitdir: {tmp_path / 'moved'}\n")
    elif kind == "link":
        (tree / ".git").symlink_to(tmp_path / "moved")
    elif kind == "folder":
        (tree / ".git" / "deep").mkdir(parents=True)
    (tree / "a.py").write_text("x = 2\n")
    assert [c.path for c in trees.harvest(1).changes] == ["a.py"]
    assert (tmp_path / "moved" / "HEAD").exists()


def test_the_workers_git_cannot_reach_the_users(trees: Trees, repo: Path) -> None:
    before = snapshot(repo / ".git")
    tree = trees.attempt(1)
    git(tree, "config", "alias.st", "!evil")
    git(tree, "commit", "-q", "--allow-empty", "-m", "mine")
    git(tree, "update-ref", "refs/heads/other", "HEAD")
    git(tree, "gc", "-q", "--prune=now")
    assert snapshot(repo / ".git") == before


LINKS = {
    "absolute": ("x", "/etc/passwd", "absolute"),
    "upwards": ("sub/x", "../../outside", "leaves"),
    "git": ("x", ".git/config", "git folder"),
    "through": ("y", "z/../../outside", "leaves"),
}


@pytest.mark.parametrize("case", LINKS)
def test_links_that_leave_are_refused(trees: Trees, case: str) -> None:
    path, target, why = LINKS[case]
    (trees.attempt(1) / path).symlink_to(target)
    harvest = trees.harvest(1)
    assert harvest.changes == ()
    assert harvest.refused[0][0] == path
    assert why in harvest.refused[0][1]


def test_links_through_links_are_refused(trees: Trees) -> None:
    tree = trees.attempt(1)
    (tree / "z").symlink_to(".")
    (tree / "a-link").symlink_to("z/../outside")
    (tree / "good").symlink_to("sub/b.py")
    harvest = trees.harvest(1)
    assert [c.path for c in harvest.changes] == ["good", "z"]
    assert harvest.refused == (("a-link", "is a link through another link"),)


def test_a_link_in_place_of_a_folder_takes_nothing_with_it(trees: Trees, tmp_path: Path) -> None:
    written(tmp_path / "outside", {"b.py": "canary\n"})
    tree = trees.attempt(1)
    (tree / "sub" / "b.py").unlink()
    (tree / "sub").rmdir()
    (tree / "sub").symlink_to(tmp_path / "outside")
    harvest = trees.harvest(1)
    assert harvest.changes == ()
    assert harvest.refused == (("sub", "is a link to an absolute path"),)


def test_a_link_inside_may_replace_a_folder(trees: Trees) -> None:
    tree = trees.attempt(1)
    (tree / "sub").rename(tree / "moved")
    (tree / "sub").symlink_to("moved")
    harvest = trees.harvest(1)
    found = {(c.path, c.status) for c in harvest.changes}
    assert found == {("moved/b.py", "A"), ("sub", "A"), ("sub/b.py", "D")}


NAMES = ["a\\b.py", "x:y", "aux.py", "NUL", "dot.", "space ", "tab\t", "A.py", "Sub/c.py", "bell\a",
         ".GIT", "git~1", "\u202e.py", "a|b", ".Rungbook-Apply/a"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_refused(trees: Trees, name: str) -> None:
    written(trees.attempt(1), {name: "1\n", "good.py": "1\n"})
    harvest = trees.harvest(1)
    assert [c.path for c in harvest.changes] == ["good.py"]
    assert [path for path, _ in harvest.refused] == [name]


def test_names_that_are_no_text_are_refused(trees: Trees) -> None:
    with open(os.fsencode(trees.attempt(1)) + b"/\xff\xfe.py", "wb") as file:  # noqa: PTH123
        file.write(b"1")
    assert len(trees.harvest(1).refused) == 1


def test_a_repository_inside_is_refused(trees: Trees) -> None:
    tree = trees.attempt(1)
    repository(tree / "inner", {"c.py": ""})
    (tree / "empty").mkdir()
    git(tree / "empty", "init", "-q")
    (tree / "a.py").write_text("x = 2\n")
    harvest = trees.harvest(1)
    assert [c.path for c in harvest.changes] == ["a.py"]
    assert "inner/" in dict(harvest.refused)


def test_a_repository_in_place_of_a_file_is_only_its_absence(trees: Trees) -> None:
    tree = trees.attempt(1)
    (tree / "a.py").unlink()
    repository(tree / "a.py", {"c.py": ""})
    harvest = trees.harvest(1)
    assert [(c.path, c.status) for c in harvest.changes] == [("a.py", "D")]


def test_what_is_no_file_is_refused(trees: Trees) -> None:
    tree = trees.attempt(1)
    (tree / "a.py").unlink()
    os.mkfifo(tree / "a.py")
    harvest = trees.harvest(1)
    assert harvest.changes == ()
    assert harvest.refused == (("a.py", "is neither a file nor a link"),)


SENSITIVE = [".envrc", ".vscode/tasks.json", ".github/workflows/ci.yml", "pkg/conftest.py",
             ".claude/settings.json", ".cursor/x", ".rungbook/specs/a.yaml", ".gitattributes",
             "package.json", "web/package.json", "x.pth", ".git-hooks/run"]  # fmt: skip


@pytest.mark.parametrize("path", SENSITIVE)
def test_paths_that_run_later_are_marked(trees: Trees, path: str) -> None:
    written(trees.attempt(1), {path: "1\n", "plain.py": "1\n"})
    marked = {c.path: c.sensitive for c in trees.harvest(1).changes}
    assert marked == {path: True, "plain.py": False}


def test_a_very_deep_folder(trees: Trees) -> None:
    tree = trees.attempt(1)
    written(tree, {"/".join(["d"] * 300) + "/x.py": "1\n"})
    assert len(trees.harvest(1).changes) == 1
    trees.drop(tree)
    assert not tree.exists()
