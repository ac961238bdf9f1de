"""A folder as it stands, recorded as a tree of ours: the user's own, or one a worker has changed.

Files are listed and read by git on our git folder, so that ignored ones stay out; repositories
inside the folder are never asked anything.
"""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rungbook.git import Git


@dataclass(frozen=True, slots=True)
class Recorder:
    """A git folder of ours, and the index file that stands for a folder's last known state."""

    folder: Path
    index: Path

    @property
    def _none(self) -> str:
        """The id that stands for nothing; its length is that of the folder's other ids."""
        return "0" * (64 if "sha256" in (self.folder / "config").read_text() else 40)

    @property
    def _env(self) -> Mapping[str, str]:
        return {"GIT_INDEX_FILE": str(self.index)}

    def new(self, tree: Path) -> list[str]:
        """Files the index does not know; a repository inside is its folder with a slash."""
        return self._names(tree, "--others", "--exclude-standard")

    def touched(self, tree: Path) -> list[str]:
        """Files that are new, changed or gone since the index was made; sorted."""
        gone = ("--modified", "--deleted")
        return sorted({*self._names(tree, *gone), *self.new(tree)})

    def known(self) -> dict[str, str]:
        """The mode of each path of the index."""
        listed = Git(self.folder)("ls-files", "-z", "--stage", env=self._env)
        lines = (line.split("\t", 1) for line in os.fsdecode(listed).split("\0") if line)
        return {path: head.split(" ", 1)[0] for head, path in lines}

    def take(self, tree: Path, paths: Iterable[str]) -> str:
        """Bring the index up to date for some paths; the id of the tree it then stands for."""
        here, gone = list[str](), list[str]()
        for path in paths:
            (here if is_file(tree, path) else gone).append(path)
        # With the files at hand: git tells edits of the second in which it wrote the index by their
        # content, and marks those when it writes it again.
        self.put((("0", "", path) for path in gone), tree)
        Git(self.folder, tree)(
            *("update-index", "--add", "--remove", "--replace", "-z", "--stdin"),
            stdin=_joined(here),
            env=self._env,
        )
        return self.write()

    def put(self, entries: Iterable[tuple[str, str, str]], tree: Path | None = None) -> None:
        """Set (mode, blob, path) entries of the index; mode 0 takes a path out."""
        none = self._none
        stdin = _joined(f"{mode} {blob or none}\t{path}" for mode, blob, path in entries)
        if stdin:
            args = ("update-index", "--add", "--replace", "-z", "--index-info")
            Git(self.folder, tree)(*args, stdin=stdin, env=self._env)

    def write(self) -> str:
        """The id of the tree the index stands for."""
        return Git(self.folder).line("write-tree", env=self._env)

    def check_out(self, commit: str, tree: Path) -> None:
        """Fill an empty folder with a commit's files, and the index with what they look like."""
        tree.mkdir(parents=True)
        Git(self.folder, tree)("read-tree", "-u", "--reset", commit, env=self._env)

    def load(self, commit: str) -> None:
        """Fill the index with a commit's entries, without any files."""
        Git(self.folder)("read-tree", commit, env=self._env)

    def _names(self, tree: Path, *options: str) -> list[str]:
        listed = Git(self.folder, tree)("ls-files", "-z", *options, env=self._env)
        return [name for name in os.fsdecode(listed).split("\0") if name]


def list_all(recorder: Recorder, folder: Path, prefix: str = "") -> tuple[list[str], list[str]]:
    """All files of a folder not ignored, also in repositories inside it; and those repositories.

    The recorder's index must be empty.
    """
    files, inner = list[str](), list[str]()
    for name in recorder.new(folder / prefix):
        path = prefix + name
        if name.endswith("/"):
            deeper, repositories = list_all(recorder, folder, path)
            files += deeper
            inner += [path, *repositories]
        else:
            files.append(path)
    return files, inner


def is_file(tree: Path, path: str) -> bool:
    """Whether a file or a symlink stands at a path, so something git records."""
    try:
        mode = os.lstat(f"{tree}/{path}").st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _joined(lines: Iterable[str]) -> bytes:
    return os.fsencode("".join(f"{line}\0" for line in lines))
