"""Files that are durable and whole, or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rungbook.host import full_sync
from rungbook.store.ulid import ulid


def write_whole(path: Path, data: bytes) -> None:
    """Writes or replaces a private file, and makes its folder; a crash leaves the old or the new.

    Raises OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with beside(path) as new:
        new.write_bytes(data)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A name beside a path, whose file becomes the path, durably, when all went well (OSError)."""
    new = path.with_name(f".{path.name}.{ulid()}.new")
    try:
        yield new
        new.chmod(0o600)
        fd = os.open(new, os.O_RDWR | os.O_CLOEXEC)
        try:
            full_sync(fd)
        finally:
            os.close(fd)
        new.replace(path)
        sync_folder(path.parent)
    finally:
        new.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable (OSError)."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
