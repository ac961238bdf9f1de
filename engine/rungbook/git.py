"""The only place that starts git: nothing of a repository's own configuration ever runs.

With a git folder of the user's, only rev-parse, cat-file, for-each-ref and config --get are called,
beside what commits to a new branch (`workspace/branch.py`); everything else happens in git folders
of ours that borrow its objects.
"""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rungbook.errors import GitFailed, ToolMissing

_OFF = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.autocrlf": "false",
    "core.protectNTFS": "false",
    "core.quotePath": "false",
    "core.sparseCheckout": "false",
    "core.splitIndex": "false",
    "checkout.workers": "0",
    "commit.gpgSign": "false",
    "gc.auto": "0",
    "i18n.commitEncoding": "UTF-8",
    "index.sparse": "false",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "submodule.recurse": "false",
}
_ENV = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_AUTHOR_NAME": "rungbook",
    "GIT_AUTHOR_EMAIL": "rungbook@localhost",
    "GIT_COMMITTER_NAME": "rungbook",
    "GIT_COMMITTER_EMAIL": "rungbook@localhost",
    "GIT_AUTHOR_DATE": "@0 +0000",
    "GIT_COMMITTER_DATE": "@0 +0000",
    "LC_ALL": "C",
}


def _start(args: list[str], cwd: Path, stdin: bytes, env: Mapping[str, str]) -> bytes:
    off = [part for key, value in _OFF.items() for part in ("-c", f"{key}={value}")]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", *off, *args],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env={**clean, **_ENV, **env},
            check=False,
        )
    except FileNotFoundError:
        if not cwd.is_dir():
            raise GitFailed(f"{cwd}: no such folder") from None
        raise ToolMissing("git is not installed", "Install git and try again.") from None
    if done.returncode:
        verb = next(a for a in args if not a.startswith("--"))
        raise GitFailed(f"git {verb}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one git folder, and on one work tree where a call needs any."""

    folder: Path
    tree: Path | None = None

    def __call__(
        self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> bytes:
        """The output of one call; raises GitFailed, or ToolMissing where there is no git."""
        where = [f"--git-dir={self.folder}"]
        if self.tree:
            where.append(f"--work-tree={self.tree}")
        return _start([*where, *args], self.tree or self.folder, stdin, env or {})

    def line(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """The output as one line; raises like a call."""
        return self(*args, stdin=stdin, env=env).decode(errors="surrogateescape").strip()


def init(folder: Path, object_format: str = "sha1", *, bare: bool = True) -> Git:
    """A new, empty git folder of ours, without templates; raises GitFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    how = ["--bare"] if bare else []
    args = ["init", "-q", "--template=", f"--object-format={object_format}", "-b", "main", *how]
    _start([*args, str(folder)], folder, b"", {})
    return Git(folder if bare else folder / ".git")


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree of the user's: its top, its git folder, and the one that all its trees share."""

    top: Path
    folder: Path
    common: Path


def find(folder: Path) -> Repository | None:
    """The repository a folder is in, found without running anything; None if there is none."""
    for top in (folder, *folder.parents):
        if found := _git_folder(top / ".git"):
            common = found
            if (found / "commondir").is_file():
                common = (found / (found / "commondir").read_text().strip()).resolve()
            return Repository(top, found, common)
    return None


def _git_folder(dot: Path) -> Path | None:
    """What a `.git` stands for: itself, or the folder that a worktree's or submodule's names."""
    if dot.is_file():
        with dot.open(errors="surrogateescape") as file:
            word, _, target = file.read(5000).strip().partition(" ")
        dot = (dot.parent / target).resolve() if word == "gitdir:" else dot
    return dot.resolve() if (dot / "HEAD").is_file() else None


def head(folder: Path) -> str | None:
    """The full id of the commit a folder stands at; None without git or before the first commit.

    Whether files differ from it is not asked of git, because its answer runs the repository's own
    filters and fsmonitor: compare trees of ours instead.
    """
    if (found := find(folder)) is None:
        return None
    try:
        return Git(found.folder).line("rev-parse", "-q", "--verify", "HEAD^{commit}")
    except GitFailed:
        return None


def object_folders(common: Path) -> tuple[Path, ...]:
    """Where a git folder's objects are: its own folder first, then all it borrows from."""
    found: list[Path] = []
    todo = [common / "objects"]
    while todo:
        here = todo.pop(0).resolve()
        if here in found or not here.is_dir():
            continue
        found.append(here)
        alternates = here / "info" / "alternates"
        if alternates.is_file():
            lines = os.fsdecode(alternates.read_bytes()).splitlines()
            todo += [here / line for line in lines if line and not line.startswith("#")]
    return tuple(found)


def blob_id(content: bytes, object_format: str) -> str:
    """The id git gives a content: of a file, or of where a symlink points to."""
    ids = hashlib.new(object_format, usedforsecurity=False)
    ids.update(b"blob %d\0" % len(content))
    ids.update(content)
    return ids.hexdigest()


def user_configs() -> tuple[Path, Path]:
    """Git's settings of this user: below the configuration folder, and at home, which wins."""
    home = Path.home()
    own = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git"
    return own / "config", home / ".gitconfig"


def ignored_by_user() -> Path | None:
    """The user's global file of ignored names, if there is one."""
    home, configs = Path.home(), user_configs()
    file = configs[0].with_name("ignore")
    for config in configs:
        if config.is_file():
            ask = ["config", f"--file={config}", "--includes", "--type=path"]
            try:
                named = _start([*ask, "--get", "core.excludesFile"], home, b"", {})
            except GitFailed:
                continue
            file = Path(os.fsdecode(named).strip())
    return file if file.is_file() else None
