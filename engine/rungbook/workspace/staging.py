"""The folder in a project where a change waits, and where what it replaces is kept until the end.

Its journal names every move before the first is made, so that a crash can be taken back.
"""

import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rungbook import host
from rungbook.errors import Conflict, StateFailed
from rungbook.workspace.changes import LINK, STAGE, Change, is_inside
from rungbook.workspace.handles import look, open_folder, parent, read, remove_empty

NEXT = (
    "Nothing was written. Set your own edits of these files aside (git stash, say) and try again."
)
_JOURNAL = "journal.json"


class Move(NamedTuple):
    """One path to change; inode and hash are of its staged content, 0 and empty where it goes."""

    path: str
    added: bool
    inode: int
    digest: str


@contextmanager
def opened(repo: Path) -> Iterator[tuple[int, int]]:
    """Handles of the project and of its staging folder, locked.

    What a crash left half done is taken back first. Raises Conflict if another process holds it,
    StateFailed where something else lies there.
    """
    root = open_folder(repo)
    try:
        with suppress(FileExistsError):
            os.mkdir(STAGE, 0o700, dir_fd=root)
        stage = open_folder(repo / STAGE)
        try:
            _lock(stage)
            _recover(root, stage)
            try:
                yield root, stage
            finally:
                if look(stage, _JOURNAL) is None:
                    _clear(stage)
                    with suppress(OSError):
                        os.rmdir(STAGE, dir_fd=root)
        finally:
            os.close(stage)
    finally:
        os.close(root)


def left_in(repo: Path) -> bool:
    """Whether a change is half done in a project: its journal is there."""
    return (repo / STAGE / _JOURNAL).exists()


def put(root: int, stage: int, i: int, change: Change, blobs: Mapping[str, bytes]) -> Move:
    """Write the new content of a change, number `i`, to the staging folder."""
    if not change.mode:
        return Move(change.path, False, 0, "")
    name, content = f"{i}.new", blobs[change.blob]
    if change.mode == LINK:
        os.symlink(os.fsdecode(content), name, dir_fd=stage)
    else:
        runs = change.mode == "100755"
        how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(name, how, 0o777 if runs else 0o666, dir_fd=stage)
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            before = look(root, change.path)
            if before and stat.S_ISREG(before.st_mode):
                os.fchmod(fd, _permissions(before.st_mode, runs))
            host.full_sync(fd)
    inode = os.stat(name, dir_fd=stage, follow_symlinks=False).st_ino
    return Move(change.path, not change.was_mode, inode, _digest(content))


def _permissions(before: int, runs: bool) -> int:
    """The permissions a file had, with or without those to run it."""
    kept = stat.S_IMODE(before) & 0o666
    return kept | ((kept & 0o444) >> 2 if runs else 0)


def carry_out(
    root: int, stage: int, moves: Sequence[Move], befores: Sequence[bytes | None]
) -> None:
    """Make all moves or, at any failure, none; `befores` is the content each is to replace.

    Raises Conflict where something else stood there after all.
    """
    _write_journal(stage, moves)
    try:
        for i, (move, before) in enumerate(zip(moves, befores, strict=True)):
            _carry_out(root, stage, i, move)
            # Looked at once it is out of everybody's reach, so nothing can slip in between.
            if not move.added and read(stage, f"{i}.old") != before:
                raise Conflict(f"changed meanwhile: {move.path}", NEXT)
    except BaseException:
        _undo(root, stage, moves)
        raise
    os.unlink(_JOURNAL, dir_fd=stage)
    os.fsync(stage)


def _carry_out(root: int, stage: int, i: int, move: Move) -> None:
    old, new = f"{i}.old", f"{i}.new"
    with parent(root, move.path, make=move.added) as (folder, name):
        if move.added:
            try:
                os.link(new, name, src_dir_fd=stage, dst_dir_fd=folder, follow_symlinks=False)
            except FileExistsError:
                raise Conflict(f"something else is at {move.path} now", NEXT) from None
        elif not move.inode:
            os.rename(name, old, src_dir_fd=folder, dst_dir_fd=stage)
        else:
            os.link(name, old, src_dir_fd=folder, dst_dir_fd=stage, follow_symlinks=False)
            os.rename(new, name, src_dir_fd=stage, dst_dir_fd=folder)
        os.fsync(folder)
    if not move.inode:
        remove_empty(root, move.path)


def _undo(root: int, stage: int, moves: Sequence[Move]) -> None:
    """Take back every move that was made, the last one first; what was edited since then stays."""
    for i, move in reversed(list(enumerate(moves))):
        now, old = look(root, move.path), look(stage, f"{i}.old")
        if move.added:
            if now and _as_put(root, move, now):
                with parent(root, move.path) as (folder, name):
                    os.unlink(name, dir_fd=folder)
            remove_empty(root, move.path)
        elif old and (now is None or now.st_ino == old.st_ino or _as_put(root, move, now)):
            with parent(root, move.path, make=True) as (folder, name):
                os.rename(f"{i}.old", name, src_dir_fd=stage, dst_dir_fd=folder)
                os.fsync(folder)
    os.unlink(_JOURNAL, dir_fd=stage)


def _as_put(root: int, move: Move, now: os.stat_result) -> bool:
    """Whether what stands at a path is what the move brought there."""
    return now.st_ino == move.inode and _digest(read(root, move.path)) == move.digest


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _lock(stage: int) -> None:
    try:
        fcntl.flock(stage, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        step = "Nothing was written. Try again when it is done."
        raise Conflict("another change is being applied to this project", step) from None


def _recover(root: int, stage: int) -> None:
    if look(stage, _JOURNAL):
        _undo(root, stage, _moves(read(stage, _JOURNAL)))
    _clear(stage)


def _moves(journal: bytes) -> Sequence[Move]:
    """What a journal says; a project can bring one along, so it is held to the rules of paths.

    Raises StateFailed for one that no crash of ours left.
    """
    with suppress(AttributeError, RecursionError, TypeError, ValueError):
        moves = [Move(*move) for move in json.loads(journal)]
        if all(is_inside(move.path) for move in moves):
            return moves
    step = f"Look at the folder {STAGE} in the project, and remove it."
    raise StateFailed(f"{STAGE}/{_JOURNAL} is none of ours", step)


def _clear(stage: int) -> None:
    for name in os.listdir(stage):
        os.unlink(name, dir_fd=stage)


def _write_journal(stage: int, moves: Sequence[Move]) -> None:
    fd = os.open("journal.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=stage)
    with os.fdopen(fd, "wb") as file:
        file.write(json.dumps(moves).encode())
        file.flush()
        host.full_sync(fd)
    os.rename("journal.new", _JOURNAL, src_dir_fd=stage, dst_dir_fd=stage)
    os.fsync(stage)
