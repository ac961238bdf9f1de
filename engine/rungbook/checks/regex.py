"""Regex: the text of a file has what it must have, or nothing of what it must not; in the child."""

from collections.abc import Iterator, Mapping
from typing import Any

from rungbook import regexes
from rungbook.checks.scan import Look

SNIFFED = 8000
"""Bytes at the beginning of a file in which a NUL says that it is binary, as git has it."""


def looking(check: Mapping[str, Any]) -> Look:
    """The look of a `Regex`: binary files do not count; text is searched as its bytes are."""
    pattern = regexes.compiled(check["finds"] or check["lacks"])

    def look(path: str, content: bytes) -> Iterator[str] | None:
        if b"\0" in content[:SNIFFED]:
            return None
        hits = _hits(pattern, path, content)
        if not check["finds"]:
            return hits
        return iter(()) if next(hits, None) else iter([f"{path}: nothing in it"])

    return look


def _hits(pattern: Any, path: str, content: bytes) -> Iterator[str]:
    """`path:line: text` of each line in which something found begins, counted from 1."""
    line, at, told = 1, 0, 0
    for match in pattern.finditer(content):
        line += content.count(b"\n", at, match.start())
        at = match.start()
        if line != told:
            begin, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
            text = content[begin : end if end >= 0 else len(content)]
            yield f"{path}:{line}: {text[:1000].decode(errors='replace').strip()}"
            told = line
