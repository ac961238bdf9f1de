"""The worker whose edits are data."""

from pathlib import Path

import anyio
import pytest

from fakes.projects import box, written
from rungbook.models.scripted import ScriptedWorker
from rungbook.ports import Job, Worked


def test_turns_in_order_and_the_last_again(tmp_path: Path) -> None:
    written(tmp_path, {"old": "x"})
    job = Job("t", box(tmp_path), 1)
    lost = Worked("unreachable")
    worker = ScriptedWorker(({"new/a": "1", "old": None}, lost, {"new/a": "2"}))
    assert anyio.run(worker.work, job) == Worked("ok")
    assert not (tmp_path / "old").exists()
    assert anyio.run(worker.work, job) is lost
    assert (tmp_path / "new/a").read_text() == "1"
    for _ in range(2):
        anyio.run(worker.work, job)
        assert (tmp_path / "new/a").read_text() == "2"
    assert worker.jobs == [job] * 4


@pytest.mark.parametrize("path", ["../a", "/tmp/a", "link/a"])
def test_a_path_that_leaves_the_tree_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/link").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="leaves the tree"):
        anyio.run(ScriptedWorker(({path: ""},)).work, Job("t", box(tmp_path / "tree"), 1))
