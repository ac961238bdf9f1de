"""What a repository looks like from outside: its test files, and what a file shows."""

import os
import re
from functools import cached_property
from pathlib import Path

JAVASCRIPT = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
"""How files of JavaScript and TypeScript end."""

MOST_FILES = 20_000
"""Files looked at, by name, when test files are searched."""

MOST_BYTES = 200_000
"""Bytes of a file that are looked at, from its beginning."""

_NOT_HERE = {"node_modules", "venv", "site-packages", "build", "dist", "__pycache__", "target"}
_TEST = re.compile(r"test.*\.py|.*_test\.py|conftest\.py")
_SCRIPT_TEST = re.compile(r"(.*/)?(test/.*|test|test-[^/]*|[^/]*[._-](test|spec))\.[cm]?[jt]sx?")


class Layout:
    """A repository that is only read; links are not followed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return (self.root / path).is_file()

    def text(self, path: str) -> str:
        """The beginning of a file; empty if there is none."""
        if not self.has(path):
            return ""
        with (self.root / path).open("rb") as file:
            return file.read(MOST_BYTES).decode(errors="replace")

    def shows(self, path: str, pattern: str) -> bool:
        """Whether the file is there and a pattern of ours stands in it, `^` at any line."""
        return self.has(path) and re.search(pattern, self.text(path), re.MULTILINE) is not None

    @cached_property
    def tests(self) -> tuple[str, ...]:
        """Python test files, sorted, relative to the root."""
        return tuple(path for path in self._files if _TEST.fullmatch(Path(path).name))

    @cached_property
    def script_tests(self) -> tuple[str, ...]:
        """Test files of JavaScript and TypeScript, sorted, relative to the root."""
        return tuple(path for path in self._files if _SCRIPT_TEST.fullmatch(path))

    @cached_property
    def _files(self) -> tuple[str, ...]:
        found: list[str] = []
        for folder, below, names in os.walk(self.root):
            below[:] = sorted(d for d in below if d not in _NOT_HERE and not d.startswith("."))
            if len(found) + len(names) > MOST_FILES:
                break
            here = Path(folder).relative_to(self.root)
            found += ((here / name).as_posix() for name in names)
        return tuple(sorted(found))
