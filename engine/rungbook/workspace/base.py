"""The base of a run: the project as it stands, recorded in a new git folder of ours."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rungbook import git
from rungbook.errors import GitFailed
from rungbook.git import Git
from rungbook.workspace.ignored import patterns
from rungbook.workspace.record import Recorder, is_file, list_all

_ATTRIBUTES = "* -text -eol -ident -filter -working-tree-encoding !diff !merge\n"
_CONFIG = "[user]\n\tname = worker\n\temail = worker@localhost\n[gc]\n\tauto = 0\n"


@dataclass(frozen=True, slots=True)
class Base:
    """A project as it stands: our commit, the user's, whether they differ, what is worth a note."""

    base: str
    head: str | None
    dirty: bool
    notes: tuple[str, ...]


def record(repo: Path, work: Path, environment: Sequence[str]) -> Base:
    """Make `git`, `objects` and `dot` in a work folder, and record the project's files.

    `git` is our git folder, `objects` the links by which trees find all that it borrows, `dot` what
    each tree gets a copy of as its .git. Raises GitFailed or ToolMissing.
    """
    found = git.find(repo)
    head = git.head(repo) if found else None
    ids = "sha256" if head and len(head) == 64 else "sha1"
    ours = git.init(work / "git", ids)
    borrowed = git.object_folders(found.common) if found and head else ()
    _info(ours.folder, "attributes", _ATTRIBUTES)
    _alternates(ours.folder, borrowed)
    inside = "/".join(repo.relative_to(found.top).parts) if found else ""
    tree = f"{head}:{inside}" if inside else f"{head}^{{tree}}"
    tracked = _tracked(ours, tree) if head else []
    exclude = patterns(repo, found, environment, tracked)
    if work.is_relative_to(repo):
        exclude.append(f"/{work.relative_to(repo)}/")
    _info(ours.folder, "exclude", "\n".join(exclude) + "\n")

    recorder = Recorder(ours.folder, work / "base.index")
    files, inner = list_all(recorder, repo)
    written = recorder.take(repo, [*files, *_forced(repo, tracked, files)])
    notes = tuple(f"{path} is a repository of its own; its files are copied" for path in inner)
    dirty = bool(tracked) and ours.line("rev-parse", tree) != written
    _dot(work, ids, [ours.folder / "objects", *borrowed])
    return Base(ours.line("commit-tree", written, "-m", "base"), head, dirty, notes)


def _tracked(ours: Git, tree: str) -> list[str]:
    """The files of the user's commit; none where it cannot be read, as in a partial clone."""
    try:
        listed = os.fsdecode(ours("ls-tree", "-r", "-z", "--full-tree", tree))
    except GitFailed:
        return []
    lines = (line.split("\t", 1) for line in listed.split("\0") if line)
    return [path for head, path in lines if " commit " not in head]


def _forced(repo: Path, tracked: Sequence[str], files: Sequence[str]) -> list[str]:
    """Tracked files that stand in the folder but are ignored, so not in the list."""
    listed = set(files)
    return [
        path
        for path in tracked
        if path not in listed and is_file(repo, path) and not _behind_link(repo, path)
    ]


def _behind_link(repo: Path, path: str) -> bool:
    folder = (repo / path).parent
    while folder != repo:
        if folder.is_symlink():
            return True
        folder = folder.parent
    return False


def _dot(work: Path, ids: str, folders: Sequence[Path]) -> None:
    (work / "objects").mkdir()
    links = [work / "objects" / str(i) for i in range(len(folders))]
    for link, folder in zip(links, folders, strict=True):
        link.symlink_to(folder)
    dot = git.init(work / "dot", ids, bare=False).folder
    shutil.copytree(work / "git" / "info", dot / "info")
    with (dot / "config").open("a") as config:
        config.write(_CONFIG)
    _alternates(dot, links)


def _info(folder: Path, name: str, text: str) -> None:
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info" / name).write_text(text, errors="surrogateescape")


def _alternates(folder: Path, borrowed: Sequence[Path]) -> None:
    (folder / "objects" / "info").mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{_quoted(str(path))}\n" for path in borrowed)
    (folder / "objects" / "info" / "alternates").write_text(lines, errors="surrogateescape")


def _quoted(path: str) -> str:
    """A path as git reads it in a list of alternates."""
    if path[0] not in '"#' and "\n" not in path:
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
