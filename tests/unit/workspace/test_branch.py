"""A change is committed to a new branch, and nothing else of the repository is touched or run."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from fakes.crashes import killed_at
from fakes.projects import written
from fakes.repos import git, repository, snapshot, trapped
from rungbook.errors import Conflict, UsageError
from rungbook.workspace.branch import Branch
from rungbook.workspace.kept import Kept
from rungbook.workspace.trees import Trees

FILES = {"a.py": "x = 1\n", "pkg/b.py": "y = 2\n", "run": "#!/bin/sh\n", "sub/c.py": "z = 3\n"}
AT = datetime(2026, 7, 31, 12, 0)
Edit = Callable[[Path], object]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", FILES)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Path, Edit], Kept]:
    """What an edit changes in a project."""

    def make(folder: Path, edit: Edit) -> Kept:
        trees = Trees.create(folder, tmp_path / "state" / "work")
        edit(trees.attempt(1))
        changes = trees.changes(trees.harvest(1).commit)
        kept = Kept(changes, trees.blobs(b for c in changes for b in (c.blob, c.was_blob) if b))
        trees.close()
        return kept

    return make


def commit(folder: Path, kept: Kept, scratch: Path, name: str = "fix") -> tuple[str, bool]:
    scratch.mkdir(parents=True)
    return Branch.of(folder, name).commit(kept, "Sums\n\nProved.\n", AT, scratch)


def edit_all(tree: Path) -> object:
    (tree / "a.py").write_text("x = 2\n")
    (tree / "run").chmod(0o755)
    (tree / "pkg" / "b.py").unlink()
    (tree / "pkg").rmdir()
    (tree / "link").symlink_to("a.py")
    return written(tree, {"new/file.py": "n\n", "pkg": "a file now\n"})


def edit_a(tree: Path) -> object:
    return written(tree, {"a.py": "x = 2\n"})


def without_refs(repo: Path) -> dict[str, bytes | str]:
    """All but new objects, the branch and its log."""
    left = (".git/objects/", ".git/refs/heads/fix", ".git/logs/refs/heads/fix")
    return {k: v for k, v in snapshot(repo).items() if not k.startswith(left)}


@pytest.mark.parametrize("ids", ["sha1", "sha256"])
def test_the_branch_has_the_change_and_all_else_stays(tmp_path, changed, ids):
    repo = repository(tmp_path / "r", FILES, f"--object-format={ids}")
    written(repo, {"a note": "not committed\n", "sub/c.py": "mine\n"})
    kept, before, head = changed(repo, edit_all), without_refs(repo), git(repo, "rev-parse", "HEAD")
    made, new = commit(repo, kept, tmp_path / "s")
    assert new
    assert without_refs(repo) == before
    assert git(repo, "rev-parse", "fix", "fix~1", "HEAD").split() == [made, head, head]
    listed = git(repo, "ls-tree", "-r", "fix").splitlines()
    names = {line.split("\t")[1]: line.split(" ")[0] for line in listed}
    assert names == {
        "a.py": "100644", "run": "100755", "pkg": "100644", "link": "120000",
        "new/file.py": "100644", "sub/c.py": "100644",
    }  # fmt: skip
    assert git(repo, "show", "fix:sub/c.py") == "z = 3"
    assert (
        git(repo, "show", "-s", "--format=%B%at %ct", "fix")
        == ("Sums\n\nProved.\n" + 2 * f" {int(AT.replace(tzinfo=UTC).timestamp())}")
        .replace("\n ", "\n")
        .strip()
    )
    git(repo, "fsck", "--strict")


def test_nothing_of_a_hostile_repository_runs(tmp_path, repo, changed):
    mark = tmp_path / "mark"
    trapped(repo, mark)
    config = (repo / ".git" / "config").open("a")
    with config:
        config.write(
            "[core]\n\tsplitIndex = true\n\tsparseCheckout = true\n[index]\n\tsparse = true\n"
        )
    kept, before = changed(repo, edit_a), without_refs(repo)
    commit(repo, kept, tmp_path / "s")
    assert not mark.exists()
    assert without_refs(repo) == before
    (repo / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 0\n")
    assert git(repo, "show", "fix:a.py") == "x = 2"


def test_a_folder_of_a_repository(tmp_path, repo, changed):
    kept = changed(repo / "sub", lambda tree: written(tree, {"c.py": "z = 4\n", "d.py": ""}))
    commit(repo / "sub", kept, tmp_path / "s")
    assert git(repo, "diff", "--name-only", "HEAD", "fix").split() == ["sub/c.py", "sub/d.py"]


def test_a_worktree_branches_from_its_own_head(tmp_path, repo, changed):
    git(repo, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    git(tmp_path / "tree", "commit", "-q", "--allow-empty", "-m", "second")
    kept = changed(tmp_path / "tree", edit_a)
    commit(tmp_path / "tree", kept, tmp_path / "s")
    assert git(repo, "rev-parse", "fix~1") == git(tmp_path / "tree", "rev-parse", "HEAD")
    with pytest.raises(Conflict):
        Branch.of(repo, "other").must_be_new()


@pytest.mark.parametrize(
    "case",
    [
        ({"a.py": "mine\n"}, edit_a, "a.py"),
        ({"new.py": "mine\n"}, lambda t: written(t, {"new.py": "n\n", "a.py": "2\n"}), "new.py"),
        ({"a.py": None}, edit_a, "a.py"),
        ({"pkg/b.py": None}, lambda t: written(t, {"pkg": "a file\n"}), "pkg/b.py"),
        ({"run": None}, lambda t: written(t, {"run/x": "in it\n"}), "run"),
    ],
)
def test_a_file_the_proof_found_otherwise_is_named(tmp_path, repo, changed, case):
    """The base of the proof held what is not committed."""
    dirty, edit, named = case
    for path, text in dirty.items():
        written(repo, {path: text}) if text else (repo / path).unlink()
    if "pkg/b.py" in dirty:
        (repo / "pkg").rmdir()
    kept, before = changed(repo, edit), without_refs(repo)
    with pytest.raises(Conflict, match=f": {named}$"):
        commit(repo, kept, tmp_path / "s")
    assert without_refs(repo) == before
    assert git(repo, "branch", "--list", "fix") == ""


def test_a_branch_that_cannot_be_new(tmp_path, repo, changed):
    for name in ("main", "feature/x"):
        if name != "main":
            git(repo, "branch", name)
        with pytest.raises(Conflict, match="there is a branch"):
            Branch.of(repo, name).must_be_new()
    for name, other in (("feature", "feature/x"), ("main/y", "main")):
        with pytest.raises(Conflict, match=f"beside the branch {other}"):
            Branch.of(repo, name).must_be_new()
    kept = changed(repo, edit_a)
    with pytest.raises(Conflict, match="there is a branch main"):
        commit(repo, kept, tmp_path / "s", "main")
    assert git(repo, "show", "main:a.py") == "x = 1"
    Branch.of(repo, "feature/y").must_be_new()


BAD = ["", "-x", "HEAD", "@", "a..b", "a b", "x.lock", "@{-1}", "a~1", "/x", "x/", "\x07", "a:b"]


@pytest.mark.parametrize("name", BAD)
def test_names_that_git_does_not_take(repo, name):
    with pytest.raises(UsageError, match="no branch of that name"):
        Branch.of(repo, name)


def test_there_must_be_something_to_branch_from(tmp_path):
    with pytest.raises(UsageError, match="not in a git repository"):
        Branch.of(tmp_path, "fix")
    git(tmp_path, "init", "-q")
    with pytest.raises(UsageError, match="no commit"):
        Branch.of(tmp_path, "fix")


@pytest.mark.parametrize(
    "case",
    [
        ("", "", "rungbook <rungbook@localhost>"),
        ("[user]\nname = Ann Ü\nemail = a@x", "", "Ann Ü <a@x>"),
        ("[user]\nname = Ann\nemail = a@x", "[user]\nemail = work@x", "Ann <work@x>"),
        ("[user]\nname = ' <>;\nemail = a@x", "", "rungbook <a@x>"),
        ("[user\nbroken", "[user]\nname = Bo", "Bo <rungbook@localhost>"),
    ],
)
def test_whose_commit_it_is(tmp_path, repo, changed, case):
    home, own, who = case
    kept = changed(repo, edit_a)
    (Path(os.environ["HOME"]) / ".gitconfig").write_text(home)
    with (repo / ".git" / "config").open("a") as config:
        config.write(own)
    commit(repo, kept, tmp_path / "s")
    assert git(repo, "show", "-s", "--format=%an <%ae>", "fix") == who
    assert git(repo, "show", "-s", "--format=%cn <%ce>", "fix") == who


def test_a_name_for_the_folder_of_the_repository_alone(tmp_path, repo, changed):
    """As `includeIf` has it: another identity at work."""
    kept = changed(repo, edit_a)
    (tmp_path / "work.inc").write_text("[user]\nname = Ann at work\n")
    condition = f'[includeIf "gitdir:{repo}/"]\npath = {tmp_path}/work.inc\n'
    (Path(os.environ["HOME"]) / ".gitconfig").write_text(f"[user]\nname = Ann\n{condition}")
    commit(repo, kept, tmp_path / "s")
    assert git(repo, "show", "-s", "--format=%an", "fix") == "Ann at work"


def test_killed_at_any_step_the_next_one_completes_it(tmp_path, repo, changed):
    git(repo, "branch", "other")
    git(repo, "branch", "-q", "-D", "other")  # so git has a list of packed refs already
    kept, before, made = changed(repo, edit_all), without_refs(repo), set()
    scratch = (tmp_path / f"s{i}" for i in count())
    n = 0
    while killed_at(n, lambda: commit(repo, kept, next(scratch))):
        assert without_refs(repo) == before
        first, again = (commit(repo, kept, next(scratch) / "x") for _ in range(2))
        assert again == (first[0], False)
        made.add(first[0])
        git(repo, "branch", "-q", "-D", "fix")
        n += 1
    assert n > 5
    assert len(made) == 1


def test_a_big_change_takes_few_calls_of_git(tmp_path, changed, monkeypatch):
    many = {f"d{i % 9}/{i}.py": f"{i}\n" for i in range(80)}
    repo = repository(tmp_path / "many", many)
    kept = changed(repo, lambda tree: written(tree, {p: f"{t}#\n" for p, t in many.items()}))
    calls = []
    from rungbook import git as module

    real = module._start
    monkeypatch.setattr(module, "_start", lambda *args: (calls.append(args[0]), real(*args))[1])
    commit(repo, kept, tmp_path / "s")
    assert len(calls) < 30
    assert len(git(repo, "diff", "--name-only", "HEAD", "fix").split()) == 80
