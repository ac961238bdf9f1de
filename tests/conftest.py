"""Every test has folders of its own for all that a user's machine would hold."""

import os
import tempfile
from pathlib import Path

import pytest

from fakes.machine import FOLDERS, own_folders

_SHARED = {"UV_CACHE_DIR": Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"), "uv").expanduser()}
"""What tests may share with the machine: downloads that are told apart by their hashes."""

_ELSEWHERE = (
    "RUNGBOOK_", "GIT_", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHON", "XDG_", "NO_COLOR",
    "OLLAMA_", "ANTHROPIC_", "GEMINI_", "OPENAI_",
)  # fmt: skip
"""Beginnings of names that would let the user's own settings into a test."""

_NOBODY = {
    "RUNGBOOK_HOSTS__LMSTUDIO__URL": "http://127.0.0.1:9/v1",
    "RUNGBOOK_HOSTS__OLLAMA__URL": "http://127.0.0.1:9",
}
"""Model servers of a test's machine: no test asks one that runs on the developer's."""


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where processes that tests start keep compiled modules, so that only the first compiles."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture(autouse=True)
def own_machine(
    tmp_path_factory: pytest.TempPathFactory, bytecode: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder that holds HOME, the XDG folders and TMPDIR, for this process and all it starts.

    It stands beside `tmp_path`, so that a test may fill that as it likes.
    """
    machine = own_folders(tmp_path_factory.mktemp("machine"))
    for name in os.environ:
        if name.startswith(_ELSEWHERE):
            monkeypatch.delenv(name)
    for name, folder in FOLDERS.items():
        monkeypatch.setenv(name, str(machine / folder))
    for name, url in _NOBODY.items():
        monkeypatch.setenv(name, url)
    for name, path in _SHARED.items():
        monkeypatch.setenv(name, os.environ.get(name, str(path)))
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
    monkeypatch.setattr(tempfile, "tempdir", str(machine / FOLDERS["TMPDIR"]))
    return machine


@pytest.fixture
def no_settings(own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of somebody who has set nothing: model servers stand where they do by default."""
    for name in _NOBODY:
        monkeypatch.delenv(name)
