"""A change brought to the user's tree, or taken back, by our own hand: all of it or nothing.

New content is staged in `.rungbook-apply` in the project, what it replaces is kept there until all
is done, and a journal there lets the next call take back what a crash left half done.
"""

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from rungbook.errors import Conflict, Refused, StateFailed
from rungbook.workspace import staging
from rungbook.workspace.changes import LINK, Change, is_inside, leaves, odd_name
from rungbook.workspace.handles import git_mode, look, open_folder, read
from rungbook.workspace.staging import NEXT


def apply(
    repo: Path, changes: Sequence[Change], blobs: Mapping[str, bytes], *, back: bool = False
) -> None:
    """Write changes to a project whose files still are as in the base; `blobs` is content by id.

    `back`: they take others back, so they may bring again whatever the project had. Raises Refused
    for paths that must not be written, Conflict where a file is no longer as in the base or another
    apply is at work, StateFailed where the disk fails; nothing is written then.
    """
    if not changes:
        return
    _refuse(changes, blobs, back)
    # What is deleted goes first, from the inside, to make room; an undo takes the way back.
    going = sorted((c for c in changes if not c.mode), key=lambda c: c.path, reverse=True)
    ordered = [*going, *sorted((c for c in changes if c.mode), key=lambda c: c.path)]
    repo = repo.resolve()
    try:
        with staging.opened(repo) as (root, stage):
            if moved := [c.path for c in ordered if not _is_base(root, c, going, blobs)]:
                raise Conflict(f"changed meanwhile: {', '.join(moved)}", NEXT)
            moves = [staging.put(root, stage, i, c, blobs) for i, c in enumerate(ordered)]
            staging.carry_out(root, stage, moves, [blobs.get(c.was_blob) for c in ordered])
    except OSError as e:
        raise StateFailed(f"{repo}: {e.filename or ''} {e.strerror}; nothing was written") from e


def stands(repo: Path, changes: Sequence[Change], blobs: Mapping[str, bytes]) -> bool:
    """Whether a project has all of the changes."""
    root = open_folder(repo)
    try:
        return all(_is_now(root, c.path, c.mode, blobs.get(c.blob)) for c in changes)
    except OSError:
        return False
    finally:
        os.close(root)


def recover(repo: Path) -> None:
    """Take back what a crash left half done in a project, unless another process is at work.

    Raises StateFailed.
    """
    try:
        if staging.left_in(repo):
            with suppress(Conflict), staging.opened(repo):
                pass
    except OSError as e:
        raise StateFailed(f"{repo}: {e.filename or ''} {e.strerror}; a change is half done") from e


def _refuse(changes: Sequence[Change], blobs: Mapping[str, bytes], back: bool) -> None:
    """Hold every path to the rules again, whoever made the list."""
    bad = []
    for change in changes:
        if not is_inside(change.path) or change.mode not in ("", LINK, "100644", "100755"):
            bad.append(f"{change.path} cannot be written")
        elif not back and (why := _bad_name(change) or _bad_link(change, blobs)):
            bad.append(f"{change.path} {why}")
    if bad:
        raise Refused("; ".join(bad), "Nothing was written.")


def _bad_name(change: Change) -> str:
    return odd_name(change.path) if change.status == "A" else ""


def _bad_link(change: Change, blobs: Mapping[str, bytes]) -> str:
    is_link = change.mode == LINK
    return leaves(change.path, os.fsdecode(blobs[change.blob]), ()) if is_link else ""


def _is_base(
    root: int, change: Change, going: Sequence[Change], blobs: Mapping[str, bytes]
) -> bool:
    """Whether the user's tree still has at a path what the base had."""
    try:
        now = look(root, change.path)
    except OSError:
        return False
    if change.was_mode:
        return _is_now(root, change.path, change.was_mode, blobs[change.was_blob])
    if now is None or any(change.path.startswith(f"{c.path}/") for c in going):
        return True
    inside = f"{change.path}/"
    return stat.S_ISDIR(now.st_mode) and any(c.path.startswith(inside) for c in going)


def _is_now(root: int, path: str, mode: str, content: bytes | None) -> bool:
    """Whether a path has that mode and content; no file at all, where the mode is empty."""
    now = look(root, path)
    if now is None or not mode:
        return not mode and (now is None or stat.S_ISDIR(now.st_mode))
    return git_mode(now) == mode and read(root, path) == content
