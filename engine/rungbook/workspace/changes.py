"""What an attempt changed, and which of it can never be taken over."""

import os
import posixpath
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from rungbook.globs import matches_any

Status = Literal["A", "M", "D", "T"]

SENSITIVE = (
    ".git*",
    ".envrc",
    ".vscode",
    ".idea",
    ".devcontainer",
    ".husky",
    ".pre-commit-config.yaml",
    ".claude",
    ".cursor",
    ".mcp.json",
    ".rungbook",
    ".npmrc",
    ".yarnrc*",
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "*.pth",
    "package.json",
)
"""Paths whose content runs later without being asked: a change to them needs a person's yes."""

LINK = "120000"
"""Git's mode of a symlink."""

STAGE = ".rungbook-apply"
"""The folder in a project where a change waits while it is brought there; nobody else's."""

_WINDOWS = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))}


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs from the base: Added, Modified, Deleted or of another Type.

    `mode` and `blob` (the id of its content) are of the new state, `was_mode` and `was_blob` of the
    base; both are empty where there is no file. `sensitive` paths run code later.
    """

    path: str
    status: Status
    mode: str
    blob: str
    was_mode: str
    was_blob: str
    sensitive: bool

    def reversed(self) -> "Change":
        """What takes it back."""
        status = {"A": "D", "D": "A"}.get(self.status, self.status)
        before, after = (self.was_mode, self.was_blob), (self.mode, self.blob)
        return Change(self.path, cast(Status, status), *before, *after, self.sensitive)


@dataclass(frozen=True, slots=True)
class Harvest:
    """What an attempt left: its commit over the base, its changes, and what was refused and why."""

    commit: str
    changes: tuple[Change, ...]
    refused: tuple[tuple[str, str], ...]


def parse_raw(raw: bytes) -> tuple[Change, ...]:
    """The changes in the output of `git diff-tree --raw -z`."""
    fields = iter(os.fsdecode(raw).split("\0"))
    found = []
    for head in fields:
        if head:
            was_mode, mode, was_blob, blob, status = head.removeprefix(":").split(" ")
            path = next(fields)
            before = (was_mode, was_blob) if status != "A" else ("", "")
            after = (mode, blob) if status != "D" else ("", "")
            sensitive = matches_any(path, SENSITIVE)
            found.append(Change(path, cast(Status, status), *after, *before, sensitive))
    return tuple(found)


def is_inside(path: str) -> bool:
    """Whether a path stays in the project and out of git folders, whoever named it."""
    names = path.split("/")
    outside = any(name in ("", ".", "..") or _folded(name) == ".git" for name in names)
    return not outside and "\0" not in path


def odd_name(path: str) -> str:
    """Why a new path cannot be taken on every machine; empty if it can."""
    if not path or path.startswith("/"):
        return "is not relative"
    for name in path.split("/"):
        if name in ("", ".", ".."):
            return "is not a plain path"
        if any(c in '\\:*?"<>|' or not c.isprintable() for c in name):
            return "has a character that some systems do not take"
        if name != name.rstrip(". "):
            return "has a name that ends in a dot or a space"
        if name.split(".")[0].rstrip().casefold() in _WINDOWS:
            return "has a name that Windows keeps for devices"
        if _folded(name) == ".git" or _folded(name).startswith("git~"):
            return "is inside a git folder"
    return "is where changes wait" if _folded(path.partition("/")[0]) == STAGE else ""


def leaves(path: str, target: str, links: Iterable[str]) -> str:
    """Why a symlink at `path` cannot be taken; `links` are all symlinks of the tree."""
    if target.startswith("/") or not target:
        return "is a link to an absolute path"
    goal = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if goal == ".." or goal.startswith("../"):
        return "is a link that leaves the project"
    if any(_folded(name) == ".git" for name in goal.split("/")):
        return "is a link into a git folder"
    # Lexical `..` is only the truth where no folder on the way is a link itself.
    steps = posixpath.join(posixpath.dirname(path), target).split("/")
    seen = {posixpath.normpath("/".join(steps[:i])) for i in range(1, len(steps) + 1)}
    if any(link in seen for link in links if link != path):
        return "is a link through another link"
    return ""


class Judge:
    """Says of each path of a worker's tree why it cannot be taken over."""

    def __init__(self, tree: Path, base: Mapping[str, str], touched: Iterable[str]) -> None:
        """A tree, the modes of the base by path, and the paths that may differ from it."""
        self._tree, self._base = tree, base
        self._links = {path for path, mode in base.items() if mode == LINK}
        self._links |= {path for path in touched if (tree / path).is_symlink()}
        self._folds: dict[str, str] | None = None

    def refuses(self, path: str) -> str:
        """The reason, or nothing; a path that is gone is never refused."""
        if path.endswith("/"):
            return "is a git repository of its own"
        full = self._tree / path
        try:
            mode = full.lstat().st_mode
        except OSError:
            return ""
        if stat.S_ISDIR(mode):
            return ""
        new = path not in self._base
        if new and (reason := odd_name(path) or self._twin(path)):
            return reason
        if stat.S_ISLNK(mode):
            return leaves(path, str(full.readlink()), self._links)
        if not stat.S_ISREG(mode):
            return "is neither a file nor a link"
        return "" if os.access(full, os.R_OK) else "cannot be read"

    def _twin(self, path: str) -> str:
        """Whether a path or a folder on its way is another's but for case, or takes its place."""
        if self._folds is None:
            self._folds = {}
            for known in self._base:
                self._learn(known)
        for part in _ways(path):
            if self._folds.get(_folded(part), part) != part:
                return f"differs from {self._folds[_folded(part)]} only in case"
        self._learn(path)
        return ""

    def _learn(self, path: str) -> None:
        assert self._folds is not None  # noqa: S101 - set by the only caller
        for part in _ways(path):
            self._folds.setdefault(_folded(part), part)


def _ways(path: str) -> list[str]:
    """A path and the folders it is in."""
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(1, len(parts) + 1)]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
