"""Which files belong to a rulebook: every YAML file below a folder, or single files."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import attrgetter
from pathlib import Path
from struct import Struct, calcsize
from typing import NamedTuple

from rungbook.compiler.source import MAX_BYTES
from rungbook.findings import Finding, Span

SUFFIXES = (".yaml", ".yml")

_SECOND = 1_000_000_000
_FINE, _COARSE = _SECOND // 20, 2 * _SECOND
"""Nanoseconds in which a file may change twice under one time stamp: a few ticks of the kernel;
two seconds on file systems that count whole ones (FAT, https://apenwarr.ca/log/20181113)."""

STAMP = Struct("qQqqq")
"""Device, inode, size, and when content and inode were last changed, in nanoseconds.

Packed, because there is one for every file at every look, to be kept and compared whole.
"""

_FILE = calcsize("qQ")
"""Bytes of a stamp that say which file it is."""


class Found(NamedTuple):
    """A regular file, and how it stood when it was found (a STAMP)."""

    path: str
    stamp: bytes

    def is_settled(self, now: int) -> bool:
        """Whether its stamp is sure to change, should its content change after that time."""
        *_, written, changed = STAMP.unpack(self.stamp)
        last: int = max(written, changed)
        return now - last > (_FINE if last % _SECOND else _COARSE)


def discover(roots: Iterable[Path]) -> Iterator[Found | Finding]:
    """Every file, folders sorted by name, each real file once; nothing is read.

    Hidden files and folders and those of editors are passed over, links to folders are not
    followed.
    """
    seen: set[bytes] = set()
    for root in map(str, roots):
        nothing = _is_folder(root)
        for found in _below(root) if nothing else [_found(root, partial(os.stat, root))]:
            nothing = False
            if isinstance(found, Found):
                file = found.stamp[:_FILE]
                if file in seen:
                    continue
                seen.add(file)
            yield found
        if nothing:
            hint = "specs are *.yaml files, by custom in a folder for each kind"
            yield Finding("R004", "no specs in this folder", Span(shown(root)), hint)


def content(found: Found) -> bytes | Finding:
    """A file's bytes; they end one byte after the limit of what is read."""
    try:
        with open(found.path, "rb") as f:  # noqa: PTH123 - a Path for each of 1,000 files shows
            return f.read(MAX_BYTES + 1)
    except OSError as e:
        return _unreadable(found.path, e)


def _below(root: str) -> Iterator[Found | Finding]:
    """The YAML files in a folder and its folders, depth first, and what cannot be entered."""
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=attrgetter("name"))
        except OSError as e:
            yield _unreadable(folder, e)
            continue
        before = "" if folder == os.curdir else os.path.join(folder, "")  # noqa: PTH118
        inner = []
        for entry in entries:
            name = entry.name
            if name[0] in ".#~":
                continue
            if name.lower().endswith(SUFFIXES):
                yield _found(before + name, entry.stat)
            elif entry.is_dir(follow_symlinks=False):
                inner.append(before + name)
            elif entry.is_symlink() and _is_folder(before + name):
                hint = "name the folder it leads to on the command line, or copy it"
                yield Finding("R001", "a link to a folder", Span(shown(before + name)), hint)
        folders += reversed(inner)


def _found(path: str, ask: Callable[[], os.stat_result]) -> Found | Finding:
    """The file behind a path, or why there is none to be read."""
    try:
        s = ask()
    except (OSError, ValueError) as e:
        return _unreadable(path, e)
    if stat.S_ISREG(s.st_mode):
        stamp = STAMP.pack(s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns)
        return Found(path, stamp)
    what = "a folder" if stat.S_ISDIR(s.st_mode) else "not a regular file"
    return Finding("R001", what, Span(shown(path)), "a spec is a regular file")


def _unreadable(path: str, e: OSError | ValueError) -> Finding:
    message = (e.strerror if isinstance(e, OSError) else None) or str(e)
    hint = "does it exist, does the link lead anywhere, may you read it?"
    return Finding("R001", message, Span(shown(path)), hint)


def _is_folder(path: str) -> bool:
    """Whether it is a folder; a path that cannot be looked at is none."""
    try:
        return os.path.isdir(path)  # noqa: PTH112
    except (OSError, ValueError):
        return False


def shown(path: str) -> str:
    """The path as text that can be printed and stored, whatever bytes its name holds."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
