"""Where installed programs keep what they need to run, outside /usr."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from rungbook.box import Box


def toolchains(box: Box, program: Path) -> list[Path]:
    """Folders outside /usr that programs on the PATH, and this interpreter, need to run."""
    starts = [Path(folder) for folder in box.search.split(os.pathsep) if folder.startswith("/")]
    starts += [Path(sys.prefix, "bin"), Path(sys.base_prefix, "bin")]
    if active := os.environ.get("VIRTUAL_ENV"):
        starts.append(Path(active, "bin"))
    starts += _behind(program)
    found: list[Path] = []
    while starts:
        folder = starts.pop(0)
        if not _is_open(folder) or _is_system(folder):
            continue
        root = _root(folder, box.at)
        # A tool's own files may name it by either path.
        for path in (root, root.resolve()):
            if path not in found and _may_show(path, box):
                found.append(path)
        starts += [home for home in python_homes(root) if home not in found]
    return found


def interpreters(environment: Path, at: Path) -> list[Path]:
    """Installations outside /usr that a Python environment's interpreter belongs to."""
    homes = [home for home in python_homes(environment) if _is_open(home) and not _is_system(home)]
    roots = [_root(home, at) for home in homes]
    return [path for root in roots for path in dict.fromkeys((root, root.resolve()))]


def python_homes(environment: Path) -> list[Path]:
    """Where the interpreter behind a Python environment is; empty if it is none."""
    return [Path(home) for key, home in venv(environment) if key == "home"]


def venv(environment: Path) -> list[tuple[str, str]]:
    """What a virtual environment says of itself, as (key, value); empty if it is none."""
    file = environment / "pyvenv.cfg"
    try:
        text = file.read_text(errors="replace") if file.is_file() else ""
    except OSError:
        return []
    lines = (line.partition("=") for line in text.splitlines())
    return [(key.strip().lower(), value.strip()) for key, _, value in lines]


def _behind(program: Path) -> Iterator[Path]:
    """Folders of what a program really is: a link's target, a script's interpreter."""
    real = program.resolve()
    yield real.parent
    try:
        with real.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return
    if first.startswith(b"#!") and (words := os.fsdecode(first[2:]).split()):
        yield Path(words[0]).parent
        yield Path(words[0]).resolve().parent


def _root(folder: Path, at: Path) -> Path:
    """The self-contained installation a folder of programs belongs to, else the folder alone."""
    parent = folder.parent
    known = folder.name == "shims" or (
        folder.name in ("bin", "sbin")
        and ((parent / "lib").is_dir() or (parent / "pyvenv.cfg").is_file())
    )
    return parent if known and not _too_much(parent) and not _holds(parent, at) else folder


def _too_much(folder: Path) -> bool:
    """Whether a folder holds more of the user's than a tool."""
    home = Path.home()
    return folder == home / ".local" or _holds(folder, home)


def _may_show(path: Path, box: Box) -> bool:
    """Whether mounting a folder hides nothing of the tree, and shows nothing of the user's."""
    if path.is_relative_to(box.at):
        inner = path.relative_to(box.at)
        return (path / "pyvenv.cfg").is_file() and not (box.tree / inner / "pyvenv.cfg").is_file()
    return not (_too_much(path) or _holds(path, box.at) or _is_system(path))


def _holds(folder: Path, inner: Path) -> bool:
    return inner.is_relative_to(folder)


def _is_open(folder: Path) -> bool:
    """Whether this user can look into a folder, if it is one."""
    return os.access(folder, os.X_OK) and folder.is_dir()


def _is_system(folder: Path) -> bool:
    return folder.is_relative_to("/usr") or str(folder) in ("/", "/bin", "/sbin")
