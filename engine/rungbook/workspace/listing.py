"""The files of a tree, and which of them a text speaks of: paths, places, modules, imports."""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MOST_FILES = 50_000
"""Files of a tree that are known; of larger trees the first."""

MOST_CHARS = 400_000
"""The end of a text that is looked at for files."""

MOST_PATH = 500
"""Characters that a path or a module may have."""

MOST_LIKE = 3
"""Files that a name may stand for; one that fits more says nothing."""

_PLACE = re.compile(r'([\w@+~./\\-]+)(?::(\d{1,7})\b|", line (\d{1,7})|\((\d{1,7})[,)])?')
"""What may be a path or a module, and a line as Python, Node, TypeScript and compilers say it."""

_PYTHON = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]+\(?([\w., \t]*)", re.M)
_SCRIPT = re.compile(r"""\b(?:from|import|require)[ \t]*\(?[ \t]*['"](\.[^'"\n]{0,200})['"]""")
_SCRIPTS = ("", ".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".mts", "/index.js", "/index.ts")


@dataclass(frozen=True)
class Listing:
    """The plain files of a tree, by path relative to it, and their sizes in bytes."""

    sizes: Mapping[str, int]

    @classmethod
    def of(cls, tree: Path) -> "Listing":
        """What stands in a tree, without git folders; no link is followed."""
        found: dict[str, int] = {}
        for path, size in _walk(tree):
            found[path] = size
            if len(found) == MOST_FILES:
                break
        return cls(found)

    def spoken_of(self, text: str) -> dict[str, list[int]]:
        """The files a text speaks of, in order, and the lines of each that it names."""
        found: dict[str, list[int]] = {}
        for match in _PLACE.finditer(text[-MOST_CHARS:]):
            line = int(match[2] or match[3] or match[4] or 0)
            for path in self._meant(match[1]):
                lines = found.setdefault(path, [])
                if line and line not in lines[-MOST_LIKE:]:
                    lines.append(line)
        return found

    def imported(self, path: str, text: str) -> list[str]:
        """The files that a file imports, as Python and JavaScript say it."""
        found: list[str] = []
        for module, names in _PYTHON.findall(text):
            for name in re.split(r"[\s,]+", names):
                inner = f"{module}.{name}" if module else name
                found += self._module(inner.strip(".")) or self._module(module.strip("."))
        for reference in _SCRIPT.findall(text):
            plain = posixpath.normpath(posixpath.join(posixpath.dirname(path), reference))
            stem = posixpath.splitext(plain)[0] if plain.endswith("js") else plain
            ways = (way + end for way in (plain, stem) for end in _SCRIPTS)
            found += [next((way for way in ways if way in self.sizes), "")]
        return list(dict.fromkeys(filter(None, found)))

    def _meant(self, word: str) -> list[str]:
        """The files that a word may stand for: a path, the end of one, or a module in it."""
        name = word.replace("\\", "/").rstrip("./-").removeprefix("//").removeprefix("./")
        if len(name) > MOST_PATH or not {".", "/"} & set(name):
            return []
        if name in self.sizes:
            return [name]
        if not name.startswith("/") and (ends := self._ending(name.lstrip("./"))):
            return ends
        return self._module(name) if "/" not in name else []

    def _module(self, dotted: str) -> list[str]:
        """The file of a Python module, or of the one that a name in it stands in."""
        names = dotted.split(".")[:20] if dotted else []
        for i in range(len(names), 0, -1):
            stem = "/".join(names[:i])
            for path in (f"{stem}.py", f"{stem}/__init__.py"):
                if found := self._ending(path):
                    return found
        return []

    def _ending(self, name: str) -> list[str]:
        ends = [p for p in self._by_name.get(posixpath.basename(name), ()) if _ends(p, name)]
        return ends if len(ends) <= MOST_LIKE else []

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.sizes:
            found.setdefault(posixpath.basename(path), []).append(path)
        return found


def _ends(path: str, name: str) -> bool:
    return path == name or path.endswith(f"/{name}")


def _walk(tree: Path) -> Iterator[tuple[str, int]]:
    """Every plain file and its size, in the order of their names."""
    todo = [""]
    while todo:
        folder = todo.pop()
        try:
            with os.scandir(tree / folder) as entries:
                there = sorted(entries, key=lambda entry: entry.name, reverse=True)
        except OSError:
            continue
        for entry in reversed(there):
            if entry.is_file(follow_symlinks=False):
                yield folder + entry.name, entry.stat(follow_symlinks=False).st_size
        for entry in there:
            if entry.is_dir(follow_symlinks=False) and entry.name != ".git":
                todo.append(f"{folder}{entry.name}/")
