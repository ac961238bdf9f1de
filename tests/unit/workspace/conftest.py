from collections.abc import Callable
from pathlib import Path

import pytest

from rungbook.workspace.trees import Trees


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own: nobody's git settings or active environment count."""
    folder = tmp_path / "users-home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def sandboxed(tmp_path: Path) -> Callable[[Path], Trees]:
    """Trees of a project in a folder of the test's."""
    return lambda repo: Trees.create(repo, tmp_path / "state" / "work")
