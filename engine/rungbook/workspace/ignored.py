"""What the user has git ignore, as one list for a folder of theirs, read without asking git there.

Files named .gitignore in the folder itself count by themselves and are not repeated here.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from rungbook import git
from rungbook.git import Repository
from rungbook.globs import expand, matches_any

CACHES = (
    "__pycache__/",
    "*.py[co]",
    ".pytest_cache/",
    ".ruff_cache/",
    ".mypy_cache/",
    ".hypothesis/",
    ".coverage",
    "/.rungbook/state/",
    "/.rungbook-apply/",
)
"""What programs write beside the sources as they run; never part of a base or an attempt."""


def patterns(
    folder: Path, found: Repository | None, environment: Sequence[str], tracked: Sequence[str]
) -> list[str]:
    """Lines for `info/exclude`, the weakest first.

    An environment glob is left out where files that match it are `tracked`.
    """
    lines = list(_users(folder, found))
    for glob in environment:
        if not any(matches_any(path, [glob]) for path in tracked):
            lines += expand(glob)
    return lines + list(CACHES)


def _users(folder: Path, found: Repository | None) -> Iterator[str]:
    top = found.top if found else folder
    files = [git.ignored_by_user(), found.common / "info" / "exclude" if found else None]
    if folder != top:
        above = [p for p in reversed(folder.parents) if p.is_relative_to(top)]
        files += [parent / ".gitignore" for parent in above]
    for file in files:
        if file and file.is_file():
            root = file.parent if file.name == ".gitignore" else top
            lines = file.read_text(errors="surrogateescape").splitlines()
            yield from _below(lines, folder.relative_to(root).parts)


def _below(lines: Sequence[str], way: Sequence[str]) -> Iterator[str]:
    """The patterns that say something about a folder, as if they stood in it."""
    for line in lines:
        negated, body = ("!", line[1:]) if line.startswith("!") else ("", line)
        if not body.strip() or body.startswith("#"):
            continue
        if not way or "/" not in body.rstrip().rstrip("/") or body.startswith("**/"):
            yield line
            continue
        names = body.lstrip("/").split("/")
        if "**" in names[: len(way)]:
            yield negated + "/".join(names[names.index("**") :])
        elif len(names) > len(way) and all(map(fnmatchcase, way, names)):
            yield f"{negated}/{'/'.join(names[len(way) :])}"
