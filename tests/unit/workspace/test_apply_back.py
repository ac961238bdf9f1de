"""A change is taken back to the byte, and a crash leaves nothing half done."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.crashes import killed_at
from fakes.projects import written
from fakes.repos import repository, snapshot
from rungbook.errors import Conflict
from rungbook.workspace.apply import apply, recover, stands
from rungbook.workspace.kept import Kept
from rungbook.workspace.trees import Trees

FILES = {"a.py": "x = 1\n", "pkg/b.py": "y = 2\n", "pkg/deep/c.py": "z = 3\n", "run": "#!/bin/sh\n"}
LEFT = ".rungbook-apply"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about power cuts."""
    monkeypatch.setattr(os, "fsync", lambda fd: None)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", FILES)


@pytest.fixture
def trees(repo: Path, sandboxed: Callable[[Path], Trees]) -> Trees:
    (repo / "odd:name").write_text("the user may have it\n")
    (repo / "out").symlink_to("/nowhere")
    return sandboxed(repo)


def everything(tree: Path) -> None:
    (tree / "a.py").write_text("x = 2\n")
    (tree / "run").chmod(0o755)
    for gone in ("pkg/b.py", "pkg/deep/c.py", "odd:name", "out"):
        (tree / gone).unlink()
    (tree / "link").symlink_to("a.py")
    written(tree, {"new/file.py": "n\n", "new/deep/file.py": "m\n"})


def places(tree: Path) -> None:
    """Files take the places of folders, and folders those of files."""
    for gone in ("a.py", "pkg/b.py", "pkg/deep/c.py"):
        (tree / gone).unlink()
    (tree / "pkg" / "deep").rmdir()
    (tree / "pkg").rmdir()
    written(tree, {"a.py/inside": "1\n", "pkg": "a file now\n"})


EDITS = [everything, places]


def change(trees: Trees, edit: Callable[[Path], None]) -> Kept:
    edit(trees.attempt(1))
    changes = trees.changes(trees.harvest(1).commit)
    return Kept(changes, trees.blobs(b for c in changes for b in (c.blob, c.was_blob) if b))


def bring(repo: Path, kept: Kept) -> None:
    apply(repo, kept.changes, kept.blobs)


def take_back(repo: Path, kept: Kept) -> None:
    back = kept.reversed()
    apply(repo, back.changes, back.blobs, back=True)


def is_there(repo: Path, kept: Kept) -> bool:
    return stands(repo, kept.changes, kept.blobs)


@pytest.mark.parametrize("edit", EDITS)
def test_there_and_back(trees: Trees, repo: Path, edit: Callable[[Path], None]) -> None:
    kept, before = change(trees, edit), snapshot(repo)
    assert is_there(repo, kept.reversed())
    for _ in range(2):
        assert not is_there(repo, kept)
        bring(repo, kept)
        assert is_there(repo, kept)
        take_back(repo, kept)
        assert snapshot(repo) == before


def test_what_was_edited_since_is_not_taken_back(trees: Trees, repo: Path) -> None:
    kept = change(trees, everything)
    bring(repo, kept)
    written(repo, {"a.py": "mine\n", "new/file.py": "mine\n"})
    before = snapshot(repo)
    with pytest.raises(Conflict, match=r"new/file.py, a.py|a.py, new/file.py"):
        take_back(repo, kept)
    assert snapshot(repo) == before


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("act", [bring, take_back])
def test_killed_at_any_step_it_is_taken_back_or_complete(
    trees: Trees,
    repo: Path,
    edit: Callable[[Path], None],
    act: Callable[[Path, Kept], None],
) -> None:
    kept, old = change(trees, edit), snapshot(repo)
    bring(repo, kept)
    new = snapshot(repo)
    take_back(repo, kept)
    if act is take_back:
        bring(repo, kept)
    start = snapshot(repo)
    n = 0
    while killed_at(n, lambda: act(repo, kept)):
        killed_at(n % 7, lambda: recover(repo))  # it may be killed as well
        recover(repo)
        found = {k: v for k, v in snapshot(repo).items() if not k.startswith(LEFT)}
        assert found in (old, new), f"step {n}"
        if found != start:
            other = take_back if act is bring else bring
            other(repo, kept)
            assert snapshot(repo) == start
        n += 1
    assert n > 20
    assert snapshot(repo) == (new if act is bring else old)


def test_edits_after_a_crash_are_the_users(trees: Trees, repo: Path) -> None:
    """What is half done is taken back around them."""
    kept, n = change(trees, everything), 0
    while not (repo / "new/deep/file.py").exists() or (repo / "a.py").read_text() != "x = 2\n":
        recover(repo)
        assert killed_at(n, lambda: bring(repo, kept))
        n += 1
    written(repo, {"a.py": "mine\n", "new/deep/file.py": "mine too\n", "pkg/b.py": "again\n"})
    assert (repo / LEFT / "journal.json").exists()
    recover(repo)
    found = {k: v for k, v in snapshot(repo).items() if not k.startswith(".git/")}
    assert found["a.py"] == b"mine\n"
    assert found["new/deep/file.py"] == b"mine too\n"
    assert found["pkg/b.py"] == b"again\n"
    assert found["pkg/deep/c.py"] == FILES["pkg/deep/c.py"].encode()
    assert "link" not in found
    assert not (repo / LEFT).exists()


def test_nothing_is_recovered_where_nothing_is_left(repo: Path) -> None:
    before = snapshot(repo)
    recover(repo)
    assert snapshot(repo) == before
