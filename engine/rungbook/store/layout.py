"""The folders of a project's state, private to the user and never part of the repository."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rungbook.errors import StateFailed

_PRIVATE = 0o700


@contextmanager
def guarded(state: Path) -> Iterator[None]:
    """Turns the system's refusal to read or write the state into StateFailed."""
    try:
        yield
    except OSError as error:
        raise StateFailed(
            f"the state folder {state} cannot be used: {error.strerror or error}",
            "Free some space or make the folder writable, then try again.",
        ) from error


def folder(state: Path, *names: str) -> Path:
    """The folder `state/names…`, made for the user alone where it is missing (OSError)."""
    state.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    ignore = state / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    path = state
    for name in names:
        path = path / name
        path.mkdir(mode=_PRIVATE, exist_ok=True)
    return path


def segments(state: Path, stream: str) -> list[Path]:
    """A stream's journal segments, oldest first; none where nothing was written yet."""
    return sorted(
        path for path in (state / "journal" / stream).glob("*.ndjson") if path.name[0] != "_"
    )


@contextmanager
def reader(state: Path) -> Iterator[None]:
    """Keeps the compactor from deleting what is being read (OSError)."""
    path = folder(state, "lake") / ".readers"
    fd = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH)
        yield
    finally:
        os.close(fd)
