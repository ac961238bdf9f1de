"""What a worker changed is seen, however fast it was and however git names its objects."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.repos import repository
from rungbook.workspace.record import Recorder
from rungbook.workspace.trees import Trees


def _wait_for_the_next_second() -> None:
    time.sleep(1.001 - time.time() % 1)


def test_an_edit_in_the_second_of_the_checkout(
    tmp_path: Path, sandboxed: Callable[[Path], Trees], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same size, beside a deletion, harvested in the next second."""
    trees = sandboxed(repository(tmp_path / "repo", {"a.py": "x = 1\n", "b.py": ""}))
    real = Recorder.put

    def later(self: Recorder, *args: object) -> None:
        _wait_for_the_next_second()
        real(self, *args)  # type: ignore[arg-type]  # whatever it is called with

    for n in range(3):
        _wait_for_the_next_second()
        tree = trees.attempt(n)
        checked_out = (tree / "a.py").stat().st_mtime
        (tree / "a.py").write_text("x = 2\n")
        (tree / "b.py").unlink()
        if int((tree / "a.py").stat().st_mtime) == int(checked_out):
            break
    monkeypatch.setattr(Recorder, "put", later)
    assert [c.path for c in trees.harvest(n).changes] == ["a.py", "b.py"]


def test_a_deletion_where_ids_are_long(tmp_path: Path, sandboxed: Callable[[Path], Trees]) -> None:
    repo = repository(tmp_path / "repo", {"a.py": "", "b.py": ""}, "--object-format=sha256")
    trees = sandboxed(repo)
    (trees.attempt(1) / "b.py").unlink()
    commit = trees.harvest(1).commit
    assert [c.path for c in trees.changes(commit)] == ["b.py"]
    assert trees.without(commit, ["b.py"]) == trees.base
