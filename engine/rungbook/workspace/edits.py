"""A model's answer carried out in a tree: all of its edits, or none and the reasons.

Every block is held to the file as it stands in the tree, so their order means nothing.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rungbook.globs import matches_any
from rungbook.workspace import apply
from rungbook.workspace.blocks import Block, parse
from rungbook.workspace.changes import Change, is_inside, odd_name
from rungbook.workspace.handles import git_mode, look, open_folder, read
from rungbook.workspace.splice import MAX_BYTES, NoText, Splice, Text, overlap, quoted

MAX_REASONS = 10
"""Reasons that are given; whoever put that many things wrong begins anew."""


def edit(tree: Path, answer: str, frozen: Sequence[str] = ()) -> tuple[str, ...]:
    """Carry out an answer; why it cannot be, a line each, and nothing is changed then.

    Raises Conflict if the tree changes meanwhile, StateFailed where the disk fails.
    """
    blocks, wrong = parse(answer)
    if wrong:
        return _few(wrong)
    by_path: dict[str, list[Block]] = {}
    for block in blocks:
        by_path.setdefault(block.path, []).append(block)
    plan = _Plan(open_folder(tree), tuple(frozen), frozenset(by_path))
    try:
        for path, own in by_path.items():
            plan.add(path, own)
    finally:
        os.close(plan.root)
    if plan.wrong:
        return _few(plan.wrong)
    if not plan.changes:
        return ("the edits change nothing",)
    apply.apply(tree, plan.changes, plan.contents)
    return ()


def _few(wrong: Sequence[str]) -> tuple[str, ...]:
    more = len(wrong) - MAX_REASONS
    return (*wrong[:MAX_REASONS], *([f"and {more} more"] if more > 0 else []))


class _Wrong(Exception):
    """Why a file's blocks cannot be carried out; the message follows its path."""


@dataclass(slots=True)
class _Plan:
    """The changes that all blocks come to; `contents` is what they change, before and after."""

    root: int
    frozen: tuple[str, ...]
    paths: frozenset[str]
    changes: list[Change] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, path: str, blocks: Sequence[Block]) -> None:
        """Plan the blocks of one file; what is wrong with them is kept."""
        if len(self.wrong) >= MAX_REASONS:
            return
        try:
            if why := self._refused(path):
                raise _Wrong(why)
            now = look(self.root, path)
            before = self._read(path, now)
            after = _after(blocks, before)
        except _Wrong as e:
            self.wrong += (f"{path}: {line}" for line in e.args)
        except OSError as e:
            self.wrong.append(f"{path}: cannot be read: {e.strerror}")
        else:
            if before != after:
                self._change(path, now, before, after)

    def _refused(self, path: str) -> str:
        """Why the path is none that a model may change."""
        if path.startswith("/"):
            return "the path is absolute; write it as it is in the project"
        names = path.split("/")
        if not path.isprintable() or any(name in ("", ".", "..") for name in names):
            return "this is no path inside the project"
        if not is_inside(path):
            return "it is inside a git folder"
        if matches_any(path, self.frozen):
            return "the file is frozen and may not change"
        if look(self.root, path):
            return ""
        if any(map(str.isspace, path)):
            return "there is no such file; only its path stands in the line above a block"
        if odd := odd_name(path):
            return f"the path {odd}"
        return self._blocked(path)

    def _blocked(self, path: str) -> str:
        """What stands where a new file's folder would have to be."""
        names = path.split("/")[:-1]
        for above in ("/".join(names[:i]) for i in range(1, len(names) + 1)):
            there = look(self.root, above)
            if above in self.paths or (there and not stat.S_ISDIR(there.st_mode)):
                return f"{above} is no folder"
        return ""

    def _read(self, path: str, now: os.stat_result | None) -> bytes | None:
        if now is None:
            return None
        if stat.S_ISLNK(now.st_mode):
            raise _Wrong("it is a link; change the file it leads to")
        if not stat.S_ISREG(now.st_mode):
            raise _Wrong("it is a folder" if stat.S_ISDIR(now.st_mode) else "it is no plain file")
        if now.st_size > MAX_BYTES:
            raise _Wrong(f"it has more than {MAX_BYTES:,} bytes")
        return read(self.root, path)

    def _change(
        self, path: str, now: os.stat_result | None, before: bytes | None, after: bytes | None
    ) -> None:
        """Note a change as if it came from git; the names of its contents are our own."""
        was, new = f"{path} before", f"{path} after"
        mode = git_mode(now) if now else ""
        if before is None:
            change = Change(path, "A", "100644", new, "", "", False)
        elif after is None:
            change = Change(path, "D", "", "", mode, was, False)
        else:
            change = Change(path, "M", mode, new, mode, was, False)
        self.changes.append(change)
        self.contents |= {was: before or b"", new: after or b""}


def _after(blocks: Sequence[Block], before: bytes | None) -> bytes | None:
    """What a file is after its blocks, None if it is gone; raises _Wrong."""
    if any("\0" in line for block in blocks for line in block.new):
        raise _Wrong("the new text has characters that are none")
    try:
        whole = [b for b in blocks if b.form != "SEARCH" or not any(map(str.strip, b.old))]
        if not whole:
            return _spliced(blocks, before)
        if len(blocks) > 1:
            raise _Wrong(f"block {whole[0].number} is about the whole file, and not the only one")
        return _whole(whole[0], before)
    except NoText as e:
        raise _Wrong(f"the file is {e}") from None
    except UnicodeEncodeError:
        raise _Wrong("the new text has characters that are none") from None


def _whole(block: Block, before: bytes | None) -> bytes | None:
    if block.form == "DELETE":
        if before is None:
            raise _Wrong("there is no such file")
        return None
    if block.form == "SEARCH" and before and before.strip():
        raise _Wrong(f"block {block.number}: SEARCH is empty, and the file exists")
    text = Text.of(before or b"")
    return text.spliced([Splice(0, len(text.lines), block.new)])


def _spliced(blocks: Sequence[Block], before: bytes | None) -> bytes:
    if before is None:
        raise _Wrong("there is no such file; leave SEARCH empty to make it")
    text = Text.of(before)
    found: list[_Found] = []
    wrong: list[str] = []
    for block in blocks:
        splice = text.find(block.old, block.new)
        if isinstance(splice, Splice):
            found.append(_Found(splice, block.number))
        elif len(wrong) < MAX_REASONS:
            first = next(filter(str.strip, block.old))
            wrong.append(f"block {block.number}: SEARCH {quoted(first)} {splice}")
    found = sorted(one for one in found if one.splice.new or one.splice.stop > one.splice.start)
    if second := overlap([one.splice for one in found]):
        pair = sorted(one.number for one in found[second - 1 : second + 1])
        wrong.append(f"blocks {pair[0]} and {pair[1]} change the same lines; make one of them")
    if wrong:
        raise _Wrong(*wrong)
    return text.spliced([one.splice for one in found])


class _Found(NamedTuple):
    """Where a block belongs."""

    splice: Splice
    number: int
