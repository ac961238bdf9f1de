"""Throw-away copies of a project that cannot reach the user's git folder.

Base, attempt, proof, diff and apply are all trees of one git folder of ours, which borrows the
user's objects. The base is what stands in the project now: tracked, changed and untracked files
alike, also without git.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from rungbook.errors import StateFailed
from rungbook.git import Git
from rungbook.globs import matches_any
from rungbook.rulebook.environment import PATHS
from rungbook.workspace.base import record
from rungbook.workspace.changes import Change, Harvest, Judge, parse_raw
from rungbook.workspace.record import Recorder

_PLAIN = ("--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")


@dataclass(frozen=True, slots=True)
class Trees:
    """The base of one run and the trees made from it; threads may make different ones at once.

    `base` is a commit of ours, `head` the user's commit, `dirty` whether the base differs from it,
    `notes` what of the project is not copied as one might expect. Methods raise GitFailed.
    """

    repo: Path
    work: Path
    base: str
    head: str | None
    dirty: bool
    notes: tuple[str, ...]

    @classmethod
    def create(cls, repo: Path, work: Path, environment: Sequence[str] = PATHS) -> Self:
        """Record a project, or a folder of one, as the base; `work` is made and is ours alone.

        `environment` are the globs of folders that hold no files of the project, as all checks and
        workers of the run name them. Raises GitFailed, ToolMissing, or StateFailed if trees of
        another run are there.
        """
        repo = repo.resolve()
        try:
            work.mkdir(parents=True, mode=0o700, exist_ok=True)
            (work / "git").mkdir()
        except OSError as e:
            raise StateFailed(
                f"{work}: {e.strerror}", "$XDG_STATE_HOME names a folder that can be written"
            ) from e
        work = work.resolve()
        recorded = asdict(record(repo, work, environment))
        (work / "trees.json").write_text(json.dumps({"repo": str(repo), **recorded}))
        return cls(repo, work, **recorded)

    @classmethod
    def open(cls, work: Path) -> Self:
        """The trees that `create` made; raises StateFailed where they are gone."""
        try:
            saved = json.loads((work / "trees.json").read_text())
        except (OSError, ValueError) as e:
            raise StateFailed(f"{work}: the trees of this run are gone") from e
        repo, notes = Path(saved.pop("repo")), tuple(saved.pop("notes"))
        return cls(repo, work.resolve(), **saved, notes=notes)

    @property
    def objects(self) -> tuple[tuple[Path, Path], ...]:
        """Folders of objects and where the trees' own git folders look for them.

        A box without these read-only pairs has a git without history.
        """
        return tuple((link.resolve(), link) for link in sorted((self.work / "objects").iterdir()))

    def attempt(self, n: int) -> Path:
        """A tree for a worker: the base, with a git folder of its own to play with."""
        return self._check_out(f"attempt-{n}", self.base)

    def harvest(self, n: int) -> Harvest:
        """What the worker of an attempt changed, read without running anything of its tree."""
        tree = self.work / f"attempt-{n}"
        _remove(tree / ".git")
        recorder = self._recorder(tree.name)
        touched = recorder.touched(tree)
        judge = Judge(tree, self._recorder("base").known(), touched)
        refused = {path: why for path in touched if (why := judge.refuses(path))}
        blocked = {path.rstrip("/") for path in refused}
        taken = [path for path in touched if not _is_in(path, blocked)]
        commit = self._commit(recorder.take(tree, taken))
        return Harvest(commit, self.changes(commit), tuple(refused.items()))

    def proof(self, n: int, commit: str) -> Path:
        """A fresh tree: the base and a commit's changes."""
        return self._check_out(f"proof-{n}", commit)

    def base_tree(self, name: str) -> Path:
        """A fresh tree of the base, for checks of what was so before."""
        return self._check_out(f"base-{name}", self.base)

    def files(self) -> tuple[str, ...]:
        """The files of the base."""
        return tuple(self._recorder("base").known())

    def changes(self, commit: str) -> tuple[Change, ...]:
        """What a commit changes, by path."""
        return parse_raw(self._git("diff-tree", "-r", "--raw", "-z", *_PLAIN, self.base, commit))

    def without(self, commit: str, globs: Sequence[str]) -> str:
        """A commit, but with the base's content where its changes match a glob."""
        frozen = [change for change in self.changes(commit) if matches_any(change.path, globs)]
        if not frozen:
            return commit
        recorder = self._recorder(f"without-{secrets.token_hex(4)}")
        recorder.load(commit)
        recorder.put(("0", "", change.path) for change in frozen)
        recorder.put((c.was_mode, c.was_blob, c.path) for c in frozen if c.was_mode)
        thinned = self._commit(recorder.write())
        recorder.index.unlink()
        return thinned

    def diff(self, commit: str) -> str:
        """A commit's changes as unified text, for people and models."""
        raw = self._git("diff-tree", "-r", "-p", *_PLAIN, self.base, commit)
        return raw.decode(errors="replace")

    def stat(self, commit: str) -> tuple[int, int]:
        """How many files a commit changes, and how many lines it adds and takes away."""
        counted = self._git("diff-tree", "-r", "--numstat", "-z", *_PLAIN, self.base, commit)
        rows = [row.split(b"\t")[:2] for row in counted.split(b"\0") if row]
        return len(rows), sum(int(n) for row in rows for n in row if n != b"-")

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The content of blobs, by id."""
        wanted = sorted(set(ids))
        stdin = "".join(f"{blob}\n" for blob in wanted).encode()
        out, found, at = self._git("cat-file", "--batch", stdin=stdin), {}, 0
        for blob in wanted:
            end = out.index(b"\n", at)
            size = int(out[at:end].split()[2])
            found[blob] = out[end + 1 : end + 1 + size]
            at = end + size + 2
        return found

    def drop(self, tree: Path) -> None:
        """Remove a tree, if it is there."""
        _remove(tree)
        self._recorder(tree.name).index.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove all trees and the base; commits are gone with them."""
        _remove(self.work)

    @property
    def _git(self) -> Git:
        return Git(self.work / "git")

    def _recorder(self, name: str) -> Recorder:
        return Recorder(self.work / "git", self.work / f"{name}.index")

    def _check_out(self, name: str, commit: str) -> Path:
        tree = self.work / name
        self.drop(tree)
        recorder = self._recorder(name)
        recorder.check_out(commit, tree)
        shutil.copytree(self.work / "dot" / ".git", tree / ".git")
        shutil.copyfile(recorder.index, tree / ".git" / "index")
        (tree / ".git" / "refs" / "heads" / "main").write_text(f"{commit}\n")
        return tree

    def _commit(self, tree: str) -> str:
        """A commit over the base; the base itself where nothing differs."""
        if tree == self._git.line("rev-parse", f"{self.base}^{{tree}}"):
            return self.base
        return self._git.line("commit-tree", tree, "-p", self.base, "-m", "attempt")


def _is_in(path: str, blocked: set[str]) -> bool:
    """Whether a path or a folder above it is blocked."""
    here = PurePosixPath(path)
    return any(str(way) in blocked for way in (here, *here.parents))


def _remove(path: Path) -> None:
    """Remove whatever stands at a path, also folders that were made unreadable."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        if path.is_dir():
            for folder, _, _ in os.walk(path):
                Path(folder).chmod(0o700)
            shutil.rmtree(path, ignore_errors=True)
