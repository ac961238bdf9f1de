"""The project's own environment in a sandbox: ignored folders that its programs need to run.

With bubblewrap the tree stands at the project's path and the folders are mounted read-only where
they are. Without, they are linked into the tree, and editable installs, which point back into the
user's folder, are overruled by a path to the same sources in the tree.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rungbook.box import Isolation
from rungbook.globs import matches_any
from rungbook.toolchains import interpreters
from rungbook.workspace import node_modules
from rungbook.workspace.editable import source_folders


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a box needs for the environment: mounts and variables."""

    read_only: tuple[tuple[Path, Path], ...]
    variables: dict[str, str]


def prepare(repo: Path, tree: Path, paths: Sequence[str], isolation: Isolation) -> Prepared:
    """Bring what `paths` (globs) name into a fresh tree, or say how it is to be mounted there.

    Only what stands in the project and not in the tree counts, so nothing of the base is hidden.
    """
    repo = repo.resolve()
    found = sorted(_found(repo, tree, paths))
    mounted = isolation == "bubblewrap"
    modules = [path for path in found if _is_modules(repo / path)]
    others = [path for path in found if path not in modules]
    if not mounted:
        for path in others:
            _link(repo / path, tree / path)
        for path in modules:
            node_modules.link(repo, tree, path)
    pythons = [path for path in found if (repo / path / "pyvenv.cfg").is_file()]
    pythons.sort(key=lambda path: (path.count("/"), _rank(path, paths)))
    roots, elsewhere = _sources(repo, [repo / path for path in pythons])
    home = repo if mounted else tree
    variables = _variables(home, pythons, found)
    if not mounted and roots:
        variables["PYTHONPATH"] = os.pathsep.join(str(tree / root) for root in roots)
    read_only: list[tuple[Path, Path]] = []
    if mounted:
        read_only += [((repo / path).resolve(), repo / path) for path in others]
        read_only += node_modules.mounts(repo, tree, modules)
        read_only += [(folder, folder) for folder in elsewhere]
    return Prepared(tuple(read_only), variables)


def _found(repo: Path, tree: Path, paths: Sequence[str]) -> Iterator[str]:
    """What the globs name in folders the tree has too."""
    todo = [""]
    while todo:
        prefix = todo.pop()
        ours = {entry.name: entry for entry in os.scandir(tree / prefix)}
        try:
            theirs = list(os.scandir(repo / prefix))
        except OSError:
            continue
        todo += [
            f"{prefix}{name}/"
            for name, entry in ours.items()
            if name != ".git" and entry.is_dir(follow_symlinks=False)
        ]
        for entry in theirs:
            path = prefix + entry.name
            if entry.name not in ours and (
                matches_any(path, paths) or (entry.is_dir() and matches_any(path + "/", paths))
            ):
                yield path


def _is_modules(path: Path) -> bool:
    return path.name == node_modules.NAME and path.is_dir()


def _link(source: Path, target: Path) -> None:
    """Show a file or folder in the tree; a file is copied, so that no write reaches the user's."""
    if source.is_file():
        shutil.copy(source, target)
    else:
        target.symlink_to(source)


def _rank(path: str, paths: Sequence[str]) -> int:
    return next(i for i, glob in enumerate(paths) if matches_any(f"{path}/", [glob]))


def _sources(repo: Path, pythons: Sequence[Path]) -> tuple[list[str], list[Path]]:
    """Where editable installs point: folders of the project, relative to it, and elsewhere."""
    environments = list(pythons)
    if active := os.environ.get("VIRTUAL_ENV"):
        environments.append(Path(active))
    roots, elsewhere = list[str](), list[Path]()
    for environment in environments:
        for folder in source_folders(environment):
            if folder.is_relative_to(repo):
                roots.append(folder.relative_to(repo).as_posix())
            elif not Path.home().is_relative_to(folder) and not repo.is_relative_to(folder):
                elsewhere.append(folder)
        elsewhere += interpreters(environment, repo)
    return list(dict.fromkeys(roots)), list(dict.fromkeys(elsewhere))


def _variables(home: Path, pythons: Sequence[str], found: Sequence[str]) -> dict[str, str]:
    """Variables that make programs of the environment the first ones found."""
    variables = {"PYTHONDONTWRITEBYTECODE": "1"} if found else {}
    programs = [str(home / path / "bin") for path in pythons[:1]]
    if node_modules.NAME in found:
        programs.append(str(home / node_modules.NAME / ".bin"))
    if pythons:
        variables["VIRTUAL_ENV"] = str(home / pythons[0])
    if programs:
        search = [*programs, os.environ.get("PATH", os.defpath)]
        variables["PATH"] = os.pathsep.join(search)
    return variables
