"""What a program left behind that is not trusted: links, pipes and floods are not read."""

import os
import stat
from pathlib import Path


def read(path: Path, most: int) -> bytes | None:
    """The bytes of a plain file of at most that many; None for anything else."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        return file.read() if stat.S_ISREG(found.st_mode) and found.st_size <= most else None


def is_file(path: Path) -> bool:
    """Whether there is such a file; False for what cannot be a path."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
