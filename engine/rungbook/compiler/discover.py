"""Which files belong to a rulebook: every YAML file below a folder, or single files."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from rungbook.compiler.source import MAX_BYTES
from rungbook.findings import Finding, Span

SUFFIXES = frozenset((".yaml", ".yml"))


def discover(roots: Iterable[Path]) -> Iterator[tuple[str, bytes] | Finding]:
    """(path, content) of every file, folders sorted by name, each real file once.

    Hidden files and folders and those of editors are passed over, links to folders are not
    followed. Content ends one byte after the limit of what is read.
    """
    seen: set[tuple[int, int]] = set()
    for root in roots:
        if not _is_folder(root):
            yield from _content(root, seen)
            continue
        nothing = True
        for found in _below(root):
            nothing = False
            yield from [found] if isinstance(found, Finding) else _content(found, seen)
        if nothing:
            hint = "specs are *.yaml files, by custom in a folder for each kind"
            yield Finding("R004", "no specs in this folder", Span(_shown(root)), hint)


def _below(root: Path) -> Iterator[Path | Finding]:
    """The YAML files in a folder and its folders, depth first, and what cannot be entered."""
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError as e:
            yield _unreadable(folder, e)
            continue
        inner = []
        for entry in entries:
            path = folder / entry.name
            if entry.name.startswith((".", "#", "~")):
                continue
            if path.suffix.lower() in SUFFIXES:
                yield path
            elif entry.is_dir(follow_symlinks=False):
                inner.append(path)
            elif entry.is_symlink() and _is_folder(path):
                hint = "name the folder it leads to on the command line, or copy it"
                yield Finding("R001", "a link to a folder", Span(_shown(path)), hint)
        folders += reversed(inner)


def _content(path: Path, seen: set[tuple[int, int]]) -> Iterator[tuple[str, bytes] | Finding]:
    """The file's content, unless it was read before under another name."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            yield Finding("R001", what, Span(_shown(path)), "a spec is a regular file")
            return
        file = (status.st_dev, status.st_ino)
        if file in seen:
            return
        seen.add(file)
        with path.open("rb") as f:
            yield _shown(path), f.read(MAX_BYTES + 1)
    except (OSError, ValueError) as e:
        yield _unreadable(path, e)


def _unreadable(path: Path, e: OSError | ValueError) -> Finding:
    message = (e.strerror if isinstance(e, OSError) else None) or str(e)
    hint = "does it exist, does the link lead anywhere, may you read it?"
    return Finding("R001", message, Span(_shown(path)), hint)


def _is_folder(path: Path) -> bool:
    """Whether it is a folder; a path that cannot be looked at is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _shown(path: Path) -> str:
    """The path as text that can be printed and stored, whatever bytes its name holds."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
