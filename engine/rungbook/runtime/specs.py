"""The specs that decide: read from one folder, and from where in git they came."""

import io
from dataclasses import dataclass
from pathlib import Path

from rungbook import git, paths
from rungbook.compiler.load import Loaded, load
from rungbook.errors import NotFound, SpecsBroken
from rungbook.rulebook.snapshot import Rulebook


@dataclass(frozen=True, slots=True)
class Origin:
    """`commit` of the repository the specs stand in, None outside of git; `dirty`: they differ."""

    commit: str | None = None
    dirty: bool | None = None


def compiled(specs: Path | None) -> Rulebook:
    """The Rulebook of a folder, else of the built-in specs.

    Raises NotFound without such a folder, SpecsBroken when there are errors.
    """
    folder = specs or paths.data("specs")
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}", "--specs DIR names a folder of specs")
    loaded = load([folder])
    if loaded.rulebook is None:
        errors = [f for f in loaded.findings if f.severity == "error"]
        first = errors[0]
        place = f"{first.span.path}:{first.span.line}:{first.span.col}"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise SpecsBroken(f"{place}: {first.message}{more}", f"rungbook check --alone {folder}")
    return loaded.rulebook


def origin(specs: Path | None) -> Origin:
    """Where the specs come from; the built-in ones are those of the release."""
    if specs is None:
        return Origin()
    found = git.find(specs.resolve())
    commit = git.head(specs.resolve()) if found else None
    if found is None or commit is None:
        return Origin()
    try:
        files = sorted(p for p in specs.resolve().rglob("*.y*ml") if p.is_file())
        return Origin(commit, _differ(found, commit, files))
    except OSError:  # one of them went while it was looked at
        return Origin(commit, dirty=True)


def _differ(found: git.Repository, commit: str, files: list[Path]) -> bool:
    """Whether a file is not what the commit holds (line ends aside); nothing of git's is run."""
    names = [f"{commit}:{file.relative_to(found.top).as_posix()}" for file in files]
    asked = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    answer = io.BytesIO(git.Git(found.folder)("cat-file", "--batch", stdin=asked))
    for file in files:
        head = answer.readline().split()
        if head[-1] == b"missing":
            return True
        kept = answer.read(int(head[-1]))
        answer.read(1)
        if kept.replace(b"\r\n", b"\n") != file.read_bytes().replace(b"\r\n", b"\n"):
            return True
    return False


def check(targets: list[Path], *, alone: bool = False) -> Loaded:
    """Compile folders and files, over the built-in names or `alone`; the built-in specs if none."""
    builtin = paths.data("specs")
    if not targets:
        return load([builtin])
    for path in targets:
        if not path.exists():
            raise NotFound(f"there is no {path}", "PATH is a file or a folder of specs")
    return load(targets, below=[] if alone else [builtin])
