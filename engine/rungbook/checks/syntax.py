"""The child that parses; started as a script, because a crafted file can crash a C parser.

Arguments: a file with the paths, separated by NUL, relative to the working folder. Prints one line
for each file with a grammar that does not parse; its exit status is 1 if there is one, else 0.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

GRAMMARS = {
    ".json": "tree_sitter_json",
    ".py": "tree_sitter_python",
    ".pyi": "tree_sitter_python",
    ".yaml": "tree_sitter_yaml",
    ".yml": "tree_sitter_yaml",
}
"""The ending of a file and the package with its grammar."""

MOST_BYTES = 5_000_000
"""A larger file is not parsed, and not counted."""


def counts(path: Path) -> bool:
    """Whether the file is one that is parsed."""
    if path.suffix not in GRAMMARS or path.is_symlink() or not path.is_file():
        return False
    return path.stat().st_size <= MOST_BYTES


def fault(path: Path) -> str:
    """`path:line:col: syntax error near …`, counted from 1; empty if the file parses."""
    from tree_sitter import Language, Parser

    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    grammar = Language(import_module(GRAMMARS[path.suffix]).language())
    for node in _faults(Parser(grammar).parse(text).root_node):
        row, column = node.start_point
        line = text.split(b"\n", row + 1)[row]
        col = len(line[:column].decode(errors="replace")) + 1
        near = line[max(0, column - 20) : column + 40].decode(errors="replace").strip()
        lacks = f": `{node.type}` is missing" if node.is_missing else ""
        return f"{path}:{row + 1}:{col}: syntax error near {near!r}{lacks}"
    return ""


def _faults(root: "Node") -> Iterator["Node"]:
    """Nodes that are wrong, in order, without recursion."""
    stack = [root] if root.has_error else []
    while stack:
        node = stack.pop()
        if node.is_missing or (node.is_error and not any(c.has_error for c in node.children)):
            yield node
        stack += [child for child in reversed(node.children) if child.has_error]


def main(listing: str) -> int:
    """Parse the listed files; print what is wrong."""
    named = filter(None, Path(listing).read_text("utf-8", "surrogateescape").split("\0"))
    paths = [path for path in map(Path, named) if counts(path)]
    wrong = [said for path in paths if (said := fault(path))]
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
