"""A change committed onto a new branch of the user's repository: objects and a ref, nothing else.

Made by git's plumbing on an index of ours, so no hook, filter or signature of theirs runs, and
their files, their index and what they have checked out stay as they are.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from rungbook import git
from rungbook.errors import Conflict, GitFailed, UsageError
from rungbook.git import Git, Repository
from rungbook.workspace.changes import parse_raw
from rungbook.workspace.kept import Kept

_CRUD = "".join(map(chr, range(33))) + ".,:;<>\"\\'"
"""What git strips from both ends of a name (its ident.c); a name that is all of it is none."""

_NEUTRAL = {"name": "rungbook", "email": "rungbook@localhost"}
_ELSEWHERE = "Take another name, or none: then the project's files are written."
_NO_GIT = "git init and a commit make it one; --apply and `rungbook apply RUN` need none."


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that is to be made at a folder's HEAD; `inside` is the folder within its repository,
    with a slash at its end, or empty. Methods raise GitFailed."""

    repository: Repository
    name: str
    head: str
    inside: str

    @classmethod
    def of(cls, folder: Path, name: str) -> Self:
        """Raises UsageError for a name that git does not take, or where there is nothing to branch
        from."""
        found, head = git.find(folder), git.head(folder)
        if found is None:
            raise UsageError(f"{folder} is not in a git repository", _NO_GIT)
        if head is None:
            raise UsageError(f"{found.top} has no commit to branch from", "git commit comes first")
        try:
            Git(found.folder)("check-ref-format", f"refs/heads/{name}")
        except (GitFailed, ValueError):
            name = ""
        if not name or name.startswith("-") or name in ("@", "HEAD"):
            raise UsageError("git takes no branch of that name", "--branch fix-sums, say")
        inside = "".join(f"{part}/" for part in folder.relative_to(found.top).parts)
        return cls(found, name, head, inside)

    def must_be_new(self) -> None:
        """Raises Conflict if there is such a branch, or one whose name leaves no room for it."""
        if self._at() is not None:
            raise Conflict(f"there is a branch {self.name}", _ELSEWHERE)
        listed = os.fsdecode(self._git("for-each-ref", "--format=%(refname:strip=2)", "refs/heads"))
        for other in listed.splitlines():
            if other.startswith(f"{self.name}/") or self.name.startswith(f"{other}/"):
                raise Conflict(f"{self.name} cannot be, beside the branch {other}", _ELSEWHERE)

    def commit(self, kept: Kept, message: str, at: datetime, scratch: Path) -> tuple[str, bool]:
        """Commit a change to the branch as of some time; its id, and whether the branch is new.

        The same change at the same HEAD is the same commit, so to do it again changes nothing;
        `scratch` is an empty folder.
        Raises Conflict where the repository does not have what the change was made from.
        """
        self._same_as_base(kept)
        tree = self._tree(kept, scratch)
        parent, said = ("-p", self.head), message.encode("utf-8", "replace")
        commit = self._git.line("commit-tree", tree, *parent, stdin=said, env=self._who(at))
        if self._at() == commit:
            return commit, False
        self.must_be_new()
        ref, none = f"refs/heads/{self.name}", "0" * len(commit)
        self._git("update-ref", "-m", "rungbook", ref, commit, none, env=self._who(at))
        return commit, True

    @property
    def _git(self) -> Git:
        return Git(self.repository.folder)

    @property
    def _ids(self) -> str:
        return "sha256" if len(self.head) == 64 else "sha1"

    def _at(self) -> str | None:
        """The commit the branch stands at, if there is one."""
        ref = f"refs/heads/{self.name}"
        listed = self._git.line("for-each-ref", "--format=%(objectname) %(refname)", ref)
        found = (line.split(" ", 1) for line in listed.splitlines())
        return next((commit for commit, name in found if name == ref), None)

    def _same_as_base(self, kept: Kept) -> None:
        """Hold what the change was made from to what HEAD has."""
        there = self._entries(self.inside + path for path in kept.files)
        moved = []
        for change in kept.changes:
            was = None
            if change.was_mode:
                was = (change.was_mode, git.blob_id(kept.blobs[change.was_blob], self._ids))
            if there.get(self.inside + change.path) != was:
                moved.append(change.path)
        if moved:
            raise Conflict(
                f"not in HEAD as the task found it: {', '.join(moved)}",
                "A branch begins at HEAD. Commit these files first, or apply without --branch.",
            )

    def _entries(self, paths: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """(mode, id) of the paths that HEAD has."""
        wanted = set(paths)
        listed = os.fsdecode(self._git("ls-tree", "-r", "-z", "--full-tree", self.head))
        lines = (line.split("\t", 1) for line in listed.split("\0") if line)
        found = ((path, head.split(" ")) for head, path in lines if path in wanted)
        return {path: (mode, name) for path, (mode, _, name) in found}

    def _tree(self, kept: Kept, scratch: Path) -> str:
        """HEAD's tree with the change; raises Conflict if nothing else could stay as it is."""
        env = {"GIT_INDEX_FILE": str(scratch / "index")}
        ids, none = self._contents(kept, scratch), "0" * len(self.head)
        entries = [(c.mode or "0", ids.get(c.blob, none), c.path) for c in kept.changes]
        lines = (f"{mode} {name}\t{self.inside}{path}\0" for mode, name, path in entries)
        stdin = os.fsencode("".join(lines))
        self._git("read-tree", self.head, env=env)
        self._git("update-index", "--add", "--replace", "-z", "--index-info", stdin=stdin, env=env)
        tree = self._git.line("write-tree", "--missing-ok", env=env)
        raw = self._git("diff-tree", "-r", "--raw", "-z", "--no-renames", self.head, tree)
        wanted = {self.inside + path for path in kept.files}
        if more := [change.path for change in parse_raw(raw) if change.path not in wanted]:
            raise Conflict(f"stands in the way: {', '.join(more)}", _ELSEWHERE)
        return tree

    def _contents(self, kept: Kept, scratch: Path) -> Mapping[str, str]:
        """The new contents, written to the repository: kept id → id there."""
        new = sorted({change.blob for change in kept.changes if change.mode})
        for i, blob in enumerate(new):
            (scratch / str(i)).write_bytes(kept.blobs[blob])
        stdin = "".join(f"{i}\n" for i in range(len(new))).encode()
        write = ("hash-object", "-w", "--no-filters", "--stdin-paths")
        return dict(
            zip(new, Git(self._git.folder, scratch).line(*write, stdin=stdin).split(), strict=True)
        )

    def _who(self, at: datetime) -> Mapping[str, str]:
        """The variables that say whose commit it is: the user's, by their settings, and of when."""
        own, home = git.user_configs()
        found = self.repository
        files = (found.folder / "config.worktree", found.common / "config", home, own)
        said = {"DATE": f"@{int(at.replace(tzinfo=UTC).timestamp())} +0000"}
        for key, neutral in _NEUTRAL.items():
            said[key.upper()] = self._setting(files, f"user.{key}") or neutral
        return {f"GIT_{who}_{k}": v for who in ("AUTHOR", "COMMITTER") for k, v in said.items()}

    def _setting(self, files: Iterable[Path], key: str) -> str:
        """What the first of the files that has a setting says: it is read, and nothing runs."""
        for file in filter(Path.is_file, files):
            with suppress(GitFailed):
                said = self._git.line("config", f"--file={file}", "--includes", "--get", key)
                if said.strip(_CRUD):
                    return said
        return ""
