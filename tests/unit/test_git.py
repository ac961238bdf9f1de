from pathlib import Path

import pytest

from fakes.repos import git as theirs
from fakes.repos import repository, snapshot, trapped
from rungbook import git
from rungbook.errors import GitFailed, ToolMissing
from rungbook.git import Git


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"a.py": "x = 1\n", "sub/b.py": "y = 2\n"})


def test_finds_a_repository_from_inside(repo: Path) -> None:
    found = git.find(repo / "sub")
    assert found == git.Repository(repo, repo / ".git", repo / ".git")
    assert git.head(repo / "sub") == theirs(repo, "rev-parse", "HEAD")


def test_finds_the_folders_of_a_worktree(repo: Path, tmp_path: Path) -> None:
    theirs(repo, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    theirs(tmp_path / "tree", "commit", "-q", "--allow-empty", "-m", "second")
    found = git.find(tmp_path / "tree")
    assert found is not None
    assert (found.common, found.folder.parent) == (repo / ".git", repo / ".git" / "worktrees")
    assert git.head(tmp_path / "tree") == theirs(tmp_path / "tree", "rev-parse", "HEAD")
    assert git.head(repo) != git.head(tmp_path / "tree")


def test_finds_a_submodule(repo: Path, tmp_path: Path) -> None:
    outer = repository(tmp_path / "outer", {"c.py": ""})
    theirs(outer, "submodule", "--quiet", "add", str(repo), "inner")
    found = git.find(outer / "inner")
    assert found is not None
    assert found.common == outer / ".git" / "modules" / "inner"


def test_no_repository_no_commit(tmp_path: Path) -> None:
    assert git.head(tmp_path) is None
    theirs(tmp_path, "init", "-q")
    assert git.find(tmp_path) is not None
    assert git.head(tmp_path) is None


@pytest.mark.parametrize("text", ["", "gitdir: ", "gitdir: /nowhere", "\0", "x" * 10_000])
def test_a_strange_git_file_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").write_text(text)
    assert git.find(tmp_path) is None


def test_objects_are_followed_through_all_alternates(repo: Path, tmp_path: Path) -> None:
    theirs(tmp_path, "clone", "-q", "--shared", str(repo), "second")
    theirs(tmp_path, "clone", "-q", "--shared", "second", "third")
    alternates = tmp_path / "second" / ".git" / "objects" / "info" / "alternates"
    alternates.write_text("../../../repo/.git/objects\n# a comment\n/nowhere\n")
    folders = [tmp_path / name / ".git" / "objects" for name in ("third", "second", "repo")]
    assert git.object_folders(tmp_path / "third" / ".git") == tuple(folders)


def test_nothing_of_a_hostile_repository_runs(repo: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    trapped(repo, mark)
    before = snapshot(repo)
    found = git.find(repo)
    assert found is not None
    commit = git.head(repo)
    assert commit is not None
    assert Git(found.folder)("cat-file", "blob", f"{commit}:a.py") == b"x = 1\n"
    assert Git(found.folder).line("for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert not mark.exists()
    assert snapshot(repo) == before


def test_variables_of_the_caller_do_not_matter(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = git.head(repo)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert git.head(repo) == commit


def test_replaced_objects_are_not_read(repo: Path) -> None:
    first = theirs(repo, "rev-parse", "HEAD")
    theirs(repo, "commit", "-q", "--allow-empty", "-m", "second")
    theirs(repo, "replace", "HEAD", first)
    assert b"second" in Git(repo / ".git")("cat-file", "commit", "HEAD")


def test_what_git_refuses_is_said(repo: Path) -> None:
    with pytest.raises(GitFailed, match="rev-parse: fatal"):
        Git(repo / ".git")("rev-parse", "--verify", "nothing")


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing):
        git.init(tmp_path / "new")


def test_the_users_own_ignore_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert git.ignored_by_user() is None
    usual = tmp_path / ".config" / "git" / "ignore"
    usual.parent.mkdir(parents=True)
    usual.write_text("*.log\n")
    assert git.ignored_by_user() == usual
    (tmp_path / "names").write_text("*.bak\n")
    (tmp_path / ".gitconfig").write_text("[core]\n\texcludesFile = ~/names\n")
    assert git.ignored_by_user() == tmp_path / "names"
