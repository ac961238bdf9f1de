"""Whether the changed modules were loaded from the tree under proof, and not from an installed copy
or, by an editable install, from the user's own tree."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import copyfile

from rungbook.checks import left
from rungbook.checks.layout import JAVASCRIPT
from rungbook.process import Box

_PYTHON = Path(__file__).with_name("sitecustomize.py")
_NODE = Path(__file__).with_name("witness.cjs")
MOST_BYTES = 10_000_000
"""What all processes say together; what goes beyond is not heard."""

_ROOTS = {"", "src", "lib"}
"""Folders in which a module outside any package can be importable by its name."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Where a run's modules came from: paths in the tree, and what stood in for changed ones."""

    from_tree: frozenset[str]
    elsewhere: Mapping[str, str]

    @property
    def lines(self) -> tuple[str, ...]:
        """What stood in for a changed module, one line each."""
        return tuple(f"{p} was loaded from {file}" for p, file in sorted(self.elsewhere.items()))


def call(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables with which processes of Python and Node leave word in the folder."""
    for module in (_PYTHON, _NODE):
        copyfile(module, folder / module.name)
    path = [str(folder), *filter(None, [variables.get("PYTHONPATH")])]
    required = str(folder / _NODE.name).replace("\\", "\\\\").replace('"', '\\"')
    options = [f'--require="{required}"', *filter(None, [variables.get("NODE_OPTIONS")])]
    return {
        **variables,
        "PYTHONPATH": os.pathsep.join(path),
        "NODE_OPTIONS": " ".join(options),
    }


def hear(folder: Path, box: Box, changed: Sequence[str]) -> Witness:
    """What the processes said; nothing where none did."""
    loaded = sorted(set(_said(folder)))
    root = (box.at if box.isolation == "bubblewrap" else box.tree).resolve()
    inside = {path for _, file in loaded if (path := _within(root, file, box.tree))}
    sought = [
        path for path in changed if path.endswith((".py", *JAVASCRIPT)) and path not in inside
    ]
    found = {path: _stand_in(path, loaded, root, box) for path in sought}
    return Witness(frozenset(inside), {path: file for path, file in found.items() if file})


def _stand_in(path: str, loaded: Sequence[tuple[str, str]], root: Path, box: Box) -> str:
    """The file that was loaded as if it were this one: the user's own, or a copy; else empty."""
    if not (box.tree / path).is_file():
        return ""
    own = str(box.at.resolve() / path)
    name, tail = _module(box.tree, path)
    for module, file in loaded:
        copied = bool(name) and module == name and file.endswith(f"/{tail}")
        if file == own or (copied and not _within(root, file, box.tree)):
            return file
    return ""


def _said(folder: Path) -> Iterator[tuple[str, str]]:
    room = MOST_BYTES
    for file in sorted(folder.glob("*.loaded")):
        said = left.read(file, room) or b""
        room -= len(said)
        for line in said.decode(errors="replace").split("\n"):
            name, _, path = line.partition("\0")
            if path and "\0" not in path:
                yield name, path


def _within(root: Path, file: str, tree: Path) -> str:
    """The path in the tree; empty for what is not of the tree, though mounted in it."""
    if not file.startswith(f"{root}/"):
        return ""
    path = file[len(str(root)) + 1 :]
    return path if left.is_file(tree / path) else ""


def _module(tree: Path, path: str) -> tuple[str, str]:
    """The name under which a file is imported, and the file below its source root; else empty."""
    file = PurePosixPath(path)
    root = file.parent
    while root.parts and (tree / root / "__init__.py").is_file():
        root = root.parent
    tail = file.relative_to(root)
    if len(tail.parts) == 1 and root.as_posix().replace(".", "") not in _ROOTS:
        return "", ""
    parts = tail.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return name, tail.as_posix()
