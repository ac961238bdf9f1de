"""Files below a folder, reached step by step without following a link."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rungbook.workspace.changes import LINK

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def parent(root: int, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """A handle of the folder a path is in, and its last name; raises OSError at a link."""
    *folders, name = path.split("/")
    here = os.dup(root)
    try:
        for folder in folders:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(folder, dir_fd=here)
            deeper = os.open(folder, _FOLDER, dir_fd=here)
            os.close(here)
            here = deeper
        yield here, name
    finally:
        os.close(here)


def look(root: int, path: str) -> os.stat_result | None:
    """What stands at a path itself; None if nothing does, or a folder on the way is none."""
    try:
        with parent(root, path) as (folder, name):
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None


def read(root: int, path: str) -> bytes:
    """A file's content, or where a symlink points to."""
    with parent(root, path) as (folder, name):
        if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return os.fsencode(os.readlink(name, dir_fd=folder))
        fd = os.open(name, _FILE, dir_fd=folder)
        with os.fdopen(fd, "rb") as file:
            return file.read()


def git_mode(now: os.stat_result) -> str:
    """Git's mode of a file or symlink; empty for anything else."""
    if stat.S_ISLNK(now.st_mode):
        return LINK
    if not stat.S_ISREG(now.st_mode):
        return ""
    return "100755" if now.st_mode & stat.S_IXUSR else "100644"


def remove_empty(root: int, path: str) -> None:
    """Remove the folders a path was in, from the inside, as long as they are empty."""
    above = path.rpartition("/")[0]
    while above:
        try:
            with parent(root, above) as (folder, name):
                os.rmdir(name, dir_fd=folder)
        except OSError:
            return
        above = above.rpartition("/")[0]


def open_folder(path: Path) -> int:
    """A handle of a folder."""
    return os.open(path, _FOLDER)
