"""The user's tree gets all of a change or nothing."""

import fcntl
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.projects import written
from fakes.repos import repository, snapshot
from rungbook.errors import Conflict, Refused, StateFailed, UserError
from rungbook.workspace import staging
from rungbook.workspace.apply import apply, recover
from rungbook.workspace.changes import Change
from rungbook.workspace.trees import Trees

FILES = {"a.py": "x = 1\n", "pkg/b.py": "y = 2\n", "pkg/deep/c.py": "z = 3\n", "run": "#!/bin/sh\n"}
Edit = Callable[[Path], object]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about power cuts, and a real sync takes up to 50 ms."""
    monkeypatch.setattr(os, "fsync", lambda fd: None)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", FILES)


@pytest.fixture
def trees(repo: Path, sandboxed: Callable[[Path], Trees]) -> Trees:
    return sandboxed(repo)


def changed(trees: Trees, edit: Edit) -> tuple[tuple[Change, ...], dict[str, bytes]]:
    """The changes an edit of a fresh tree makes, and their blobs."""
    edit(trees.attempt(1))
    changes = trees.changes(trees.harvest(1).commit)
    return changes, trees.blobs(b for c in changes for b in (c.blob, c.was_blob) if b)


def everything(tree: Path) -> object:
    (tree / "a.py").write_text("x = 2\n")
    (tree / "run").chmod(0o755)
    (tree / "pkg" / "b.py").unlink()
    (tree / "pkg" / "deep" / "c.py").unlink()
    (tree / "link").symlink_to("a.py")
    return written(tree, {"new/file.py": "n\n", "new/deep/file.py": "m\n"})


def places(tree: Path) -> object:
    (tree / "a.py").unlink()
    for path in ("pkg/b.py", "pkg/deep/c.py"):
        (tree / path).unlink()
    (tree / "pkg" / "deep").rmdir()
    (tree / "pkg").rmdir()
    (tree / "run").unlink()
    (tree / "run").symlink_to("pkg")
    return written(tree, {"a.py/inside": "1\n", "pkg": "a file now\n"})


@pytest.mark.parametrize("edit", [everything, places])
def test_the_project_becomes_the_attempt(trees: Trees, repo: Path, edit: Edit) -> None:
    changes, blobs = changed(trees, edit)
    apply(repo, changes, blobs)
    wanted, found = trees.work / "attempt-1", repo
    assert {k: v for k, v in snapshot(found).items() if not k.startswith(".git/")} == snapshot(
        wanted
    )
    for path in ("run", "a.py"):
        if (wanted / path).is_file():
            assert os.access(found / path, os.X_OK) == os.access(wanted / path, os.X_OK)
    assert not (repo / ".rungbook-apply").exists()


def test_permissions_of_the_user_are_kept(trees: Trees, repo: Path) -> None:
    (repo / "a.py").chmod(0o640)
    changes, blobs = changed(trees, everything)
    apply(repo, changes, blobs)
    assert (repo / "a.py").stat().st_mode & 0o777 == 0o640


MOVED: dict[str, tuple[Edit, str]] = {
    "edited": (lambda repo: (repo / "a.py").write_text("mine\n"), "a.py"),
    "gone": (lambda repo: (repo / "a.py").unlink(), "a.py"),
    "mode": (lambda repo: (repo / "a.py").chmod(0o755), "a.py"),
    "deleted one edited": (lambda repo: (repo / "pkg" / "b.py").write_text("mine\n"), "pkg/b.py"),
    "new one there": (lambda repo: written(repo, {"new/file.py": "mine\n"}), "new/file.py"),
    "folder there": (lambda repo: (repo / "link").mkdir(), "link"),
}


@pytest.mark.parametrize("case", MOVED)
def test_a_file_that_changed_stops_all(trees: Trees, repo: Path, case: str) -> None:
    move, path = MOVED[case]
    changes, blobs = changed(trees, everything)
    move(repo)
    before = snapshot(repo)
    with pytest.raises(Conflict, match=path):
        apply(repo, changes, blobs)
    assert snapshot(repo) == before


def test_a_folder_that_became_a_link_is_not_followed(
    trees: Trees, repo: Path, tmp_path: Path
) -> None:
    changes, blobs = changed(trees, lambda tree: (tree / "pkg" / "b.py").write_text("y = 3\n"))
    (repo / "pkg").rename(tmp_path / "outside")
    (repo / "pkg").symlink_to(tmp_path / "outside")
    with pytest.raises(Conflict):
        apply(repo, changes, blobs)
    assert (tmp_path / "outside" / "b.py").read_text() == "y = 2\n"


def test_a_file_that_became_a_link_is_not_followed(
    trees: Trees, repo: Path, tmp_path: Path
) -> None:
    changes, blobs = changed(trees, everything)
    (repo / "a.py").rename(tmp_path / "outside")
    (repo / "a.py").symlink_to(tmp_path / "outside")
    with pytest.raises(Conflict):
        apply(repo, changes, blobs)


BAD = [".git/hooks/pre-commit", "a/.GIT/config", "../outside", "/etc/x", "a//b", "./a", "a\\b", ""]


@pytest.mark.parametrize("path", BAD)
def test_paths_that_are_never_written(repo: Path, path: str) -> None:
    before = snapshot(repo.parent)
    bad = Change(path, "A", "100644", "1", "", "", False)
    good = Change("good.py", "A", "100644", "1", "", "", False)
    with pytest.raises(Refused):
        apply(repo, [good, bad], {"1": b"evil"})
    assert snapshot(repo.parent) == before


@pytest.mark.parametrize("target", [b"/etc/passwd", b"../outside", b".git/config"])
def test_links_that_are_never_written(repo: Path, target: bytes) -> None:
    with pytest.raises(Refused):
        apply(repo, [Change("x", "A", "120000", "1", "", "", False)], {"1": target})


def test_submodules_are_never_written(repo: Path) -> None:
    with pytest.raises(Refused):
        apply(repo, [Change("x", "A", "160000", "1", "", "", False)], {"1": b""})


@pytest.mark.parametrize("edit", [everything, places])
@pytest.mark.parametrize("n", range(6))
def test_a_failure_takes_all_back(
    trees: Trees, repo: Path, edit: Edit, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, blobs = changed(trees, edit)
    before = snapshot(repo)
    real = staging._carry_out

    def failing(root: int, stage: int, i: int, move: staging.Move) -> None:
        if i == n:
            raise OSError(28, "No space left on device")
        real(root, stage, i, move)

    monkeypatch.setattr(staging, "_carry_out", failing)
    if n < len(changes):
        with pytest.raises(StateFailed, match="No space"):
            apply(repo, changes, blobs)
        assert snapshot(repo) == before


def test_a_file_edited_at_the_last_moment_is_put_back(
    trees: Trees, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, blobs = changed(trees, everything)
    real = staging._write_journal

    def then_edited(stage: int, moves: list[staging.Move]) -> None:
        real(stage, moves)
        (repo / "run").write_text("mine\n")
        written(repo, {"new/deep/file.py": "mine too\n"})

    monkeypatch.setattr(staging, "_write_journal", then_edited)
    with pytest.raises(Conflict):
        apply(repo, changes, blobs)
    kept = {"run": b"mine\n", "new/deep/file.py": b"mine too\n"}
    texts = {path: text.encode() for path, text in FILES.items()}
    found = {k: v for k, v in snapshot(repo).items() if not k.startswith(".git/")}
    assert found == texts | kept


def _killed_at(repo: Path, changes: tuple[Change, ...], blobs: dict[str, bytes], n: int) -> None:
    real = staging._carry_out

    def dying(root: int, stage: int, i: int, move: staging.Move) -> None:
        if i == n:
            os._exit(9)
        real(root, stage, i, move)

    staging._carry_out = dying
    apply(repo, changes, blobs)


@pytest.mark.parametrize("n", [0, 3, 5])
def test_the_next_apply_takes_back_what_a_crash_left(trees: Trees, repo: Path, n: int) -> None:
    changes, blobs = changed(trees, everything)
    before = snapshot(repo)
    child = multiprocessing.get_context("fork").Process(
        target=_killed_at, args=(repo, changes, blobs, n)
    )
    child.start()
    child.join()
    assert child.exitcode == 9
    with pytest.raises(UserError):
        apply(repo, [Change("nothing", "M", "100644", "1", "100644", "1", False)], {"1": b""})
    assert snapshot(repo) == before


def test_two_at_once_do_not_mix(trees: Trees, repo: Path) -> None:
    changes, blobs = changed(trees, everything)
    (repo / ".rungbook-apply").mkdir()
    held = os.open(repo / ".rungbook-apply", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(Conflict, match="another"):
        apply(repo, changes, blobs)
    os.close(held)
    apply(repo, changes, blobs)


def test_a_staging_folder_that_is_a_link_is_refused(
    trees: Trees, repo: Path, tmp_path: Path
) -> None:
    written(tmp_path / "outside", {"precious": "1"})
    (repo / ".rungbook-apply").symlink_to(tmp_path / "outside")
    changes, blobs = changed(trees, everything)
    with pytest.raises(StateFailed):
        apply(repo, changes, blobs)
    assert (tmp_path / "outside" / "precious").exists()


@pytest.mark.parametrize(
    "journal",
    [
        '[["../outside", false, 0, ""]]',
        '[[".git/hooks/post-checkout", false, 0, ""]]',
        '[["sub/.GIT/config", false, 0, ""]]',
        '[["/outside", false, 0, ""]]',
        '[["a\\u0000b", false, 0, ""]]',
        "[1]",
        '[["x"]]',
        '{"a": 1}',
        "[" * 100_000,
        "",
    ],
)
def test_a_journal_that_a_project_brings_along_moves_nothing(repo: Path, journal: str) -> None:
    written(repo / ".rungbook-apply", {"journal.json": journal, "0.old": "#!/bin/sh\n"})
    before = snapshot(repo.parent)
    with pytest.raises(StateFailed, match="none of ours"):
        recover(repo)
    assert snapshot(repo.parent) == before


def test_nothing_to_apply(repo: Path) -> None:
    before = snapshot(repo)
    apply(repo, [], {})
    assert snapshot(repo) == before
