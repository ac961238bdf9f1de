"""The child that parses; started as a script, because a crafted file can crash a C parser.

Arguments: a file with the paths, separated by NUL, relative to the working folder. Prints one line
for each file with a grammar that does not parse; its exit status is 1 if there is one, else 0.
"""

import re
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

GRAMMARS = {
    ".cjs": "tree_sitter_javascript.language",
    ".cts": "tree_sitter_typescript.language_typescript",
    ".js": "tree_sitter_javascript.language",
    ".json": "tree_sitter_json.language",
    ".jsx": "tree_sitter_javascript.language",
    ".mjs": "tree_sitter_javascript.language",
    ".mts": "tree_sitter_typescript.language_typescript",
    ".py": "tree_sitter_python.language",
    ".pyi": "tree_sitter_python.language",
    ".ts": "tree_sitter_typescript.language_typescript",
    ".tsx": "tree_sitter_typescript.language_tsx",
    ".yaml": "tree_sitter_yaml.language",
    ".yml": "tree_sitter_yaml.language",
}
"""The ending of a file and the function with its grammar."""

MOST_BYTES = 5_000_000
"""A larger file is not parsed, and not counted."""

_VARIANCE = (
    rb"(?<=[<,\n/])[ \t]*(?:in[ \t]+out|in|out)(?=\s+[A-Za-z_$][\w$]*\s*(?:[=,>]|extends\b))"
)
_GAPS = (
    (re.compile(_VARIANCE), b" "),
    (re.compile(rb"(?<=\bexport )type(?= \*)"), b" "),
    (re.compile(rb"(?<= as )[a-z]+(?=\s*[,}])"), b"x"),
)
"""Right code that the grammars of JavaScript and TypeScript do not know, and what is read for each
letter: variance of type parameters, `export type *`, keywords as exported names."""

_FLOW = re.compile(rb"\s*(?:#!.*\s*)?(?://.*|/\*(?:[^*]|\*(?!/))*?)@flow\b")
"""How JavaScript begins that is written for Flow, for which there is no grammar."""


def counts(path: Path) -> bool:
    """Whether the file is one that is parsed; declarations of TypeScript are for its compiler."""
    if path.suffix not in GRAMMARS or path.is_symlink() or not path.is_file():
        return False
    return path.stat().st_size <= MOST_BYTES and not path.stem.endswith(".d")


def fault(path: Path) -> str:
    """`path:line:col: syntax error near …`, counted from 1; empty if the file parses."""
    from tree_sitter import Language, Parser

    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    package, _, function = GRAMMARS[path.suffix].partition(".")
    grammar = Language(getattr(import_module(package), function)())
    for node in _faults(Parser(grammar).parse(_known(text, package)).root_node):
        row, column = node.start_point
        line = text.split(b"\n", row + 1)[row]
        col = len(line[:column].decode(errors="replace")) + 1
        near = line[max(0, column - 20) : column + 40].decode(errors="replace").strip()
        lacks = f": `{node.type}` is missing" if node.is_missing else ""
        return f"{path}:{row + 1}:{col}: syntax error near {near!r}{lacks}"
    return ""


def _known(text: bytes, package: str) -> bytes:
    """The text as its grammar knows it, every letter in its place; empty where it cannot."""
    if package == "tree_sitter_javascript" and _FLOW.match(text[:2000]):
        return b""
    if package in ("tree_sitter_javascript", "tree_sitter_typescript"):
        for gap, letter in _GAPS:
            text = gap.sub(partial(_spelt, letter), text)
    return text


def _spelt(letter: bytes, found: re.Match[bytes]) -> bytes:
    """What was found, each of its letters replaced by one."""
    return re.sub(rb"\S", letter, found[0])


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
