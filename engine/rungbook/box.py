"""What a program is given: a tree to work in, the programs it may call, its environment."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Isolation = Literal["bubblewrap", "none"]

HOME = "/tmp/home"  # noqa: S108 - a folder on the sandbox's own /tmp

_PASSED = ("PATH", "LANG", "TZ", "VIRTUAL_ENV")
"""Names of the environment a program sees, beside LC_*; secrets are never among them."""


@dataclass(frozen=True, slots=True)
class Box:
    """What a program is given: a tree to work in, and little else.

    `tree` stands at the path `at` (the user's own, so that absolute paths in its environment lead
    into the sandbox); pairs of `read_only` and `writable` are (source, path inside). Without
    isolation the program runs in `tree` itself and the pairs mean nothing.
    """

    tree: Path
    at: Path
    read_only: tuple[tuple[Path, Path], ...] = ()
    writable: tuple[tuple[Path, Path], ...] = ()
    network: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    isolation: Isolation = "bubblewrap"

    @property
    def inside(self) -> Path:
        """Where the program finds the tree."""
        return self.tree if self.isolation == "none" else self.at

    @property
    def search(self) -> str:
        """The PATH the program has."""
        return self.variables.get("PATH", os.environ.get("PATH", os.defpath))


def environment(box: Box, private: Path) -> dict[str, str]:
    """What a program sees of the environment: an allow-list, and a HOME that is empty.

    Without isolation, HOME and TMPDIR are made in `private`, a folder of this program alone.
    """
    passed = {k: v for k, v in os.environ.items() if k in _PASSED or k.startswith("LC_")}
    if box.isolation == "bubblewrap":
        return passed | {"HOME": HOME} | dict(box.variables)
    for name in ("home", "tmp"):
        (private / name).mkdir()
    own = {"HOME": str(private / "home"), "TMPDIR": str(private / "tmp")}
    return passed | own | dict(box.variables)


def which(name: str, box: Box) -> Path | None:
    """The program a name stands for in the box: by its PATH, then beside our own interpreter.

    A name with a slash is looked up in the tree. Tools that came with rungbook are found where it
    was installed by pipx, uvx or an IDE, which activate no PATH.
    """
    if "/" in name:
        path = box.tree / name
        if not path.exists() and Path(name).is_relative_to(box.at):
            path = box.tree / Path(name).relative_to(box.at)
        found = path if path.exists() else _bound(box.at / name, box)
        return found if found and os.access(found, os.X_OK) and found.is_file() else None
    ours = (sysconfig.get_path("scripts"), str(Path(sys.executable).parent))
    here = shutil.which(name, path=os.pathsep.join((box.search, *ours)))
    return Path(here) if here else None


def _bound(name: Path, box: Box) -> Path | None:
    """The source of a path that one of the box's mounts brings in."""
    for source, inside in (*box.read_only, *box.writable):
        if name.is_relative_to(inside):
            return source / name.relative_to(inside)
    return None
