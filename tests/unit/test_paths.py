"""Where a project's state is."""

from pathlib import Path

import pytest

from rungbook import paths


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return tmp_path / "home"


def test_it_is_the_projects_own_after_init(tmp_path: Path) -> None:
    (tmp_path / ".rungbook").mkdir()
    assert paths.state(tmp_path) == tmp_path.resolve() / ".rungbook" / "state"


def test_else_it_is_the_users_and_nothing_is_made(tmp_path: Path, home: Path) -> None:
    project = tmp_path / "p"
    project.mkdir()
    state = paths.state(project)
    assert state.parent == home / ".local" / "state" / "rungbook"
    assert not home.exists()
    assert list(project.iterdir()) == []
    assert state != paths.state(tmp_path)


def test_one_project_has_one_state_however_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "p")
    assert paths.state(tmp_path / "link") == paths.state(tmp_path / "p" / ".." / "p")


def test_a_relative_xdg_folder_counts_as_unset(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert home in paths.state(tmp_path).parents
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert (tmp_path / "xdg") in paths.state(tmp_path).parents
