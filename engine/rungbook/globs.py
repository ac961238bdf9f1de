"""Path globs of specs: gitignore's, with braces, on relative paths with `/`; linear time."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

MAX_CHOICES = 1000
"""Alternatives that the braces of one glob may stand for."""


class BadGlob(ValueError):
    """The glob stands for too many alternatives."""


def matches_any(path: str, globs: Iterable[str]) -> bool:
    """Whether a glob names the path or a folder above it; raises BadGlob.

    `*` and `?` stay within a name, `**` crosses folders, `[a-z]` and `[!a-z]` are one character,
    `{a,b}` is a choice, a backslash quotes. A glob without a slash holds at any depth; with one it
    starts at the root. A trailing slash leaves only folders, and so what is below them.
    """
    return _compiled(tuple(globs)).match(path) is not None


def expand(glob: str) -> list[str]:
    """The globs without braces that one with braces stands for; raises BadGlob."""
    done, todo = list[str](), [glob]
    while todo:
        if len(done) + len(todo) > MAX_CHOICES:
            raise BadGlob(f"{glob}: stands for more than {MAX_CHOICES} globs")
        first = todo.pop()
        if parts := _first_braces(first):
            before, options, after = parts
            todo += [before + option + after for option in reversed(options)]
        else:
            done.append(first)
    return done


@lru_cache(maxsize=1024)
def _compiled(globs: tuple[str, ...]) -> re.Pattern[str]:
    choices = (choice for glob in globs for choice in expand(glob))
    return re.compile("|".join(map(_pattern, choices)) or r"(?!)", re.DOTALL)


def _first_braces(glob: str) -> tuple[str, list[str], str] | None:
    """The text before the first closed braces, what they choose from, and the text after."""
    opened: list[int] = []
    commas: dict[int, list[int]] = {}
    found: tuple[int, int] | None = None
    i = 0
    while i < len(glob):
        char = glob[i]
        if char == "\\":
            i += 1
        elif char == "{":
            opened.append(i)
            commas[i] = []
        elif char == "," and opened:
            commas[opened[-1]].append(i)
        elif char == "}" and opened:
            start = opened.pop()
            found = (start, i) if found is None or start < found[0] else found
            if not opened:
                break
        i += 1
    if found is None:
        return None
    start, end = found
    cuts = [start, *commas[start], end]
    options = [glob[a + 1 : b] for a, b in pairwise(cuts)]
    return glob[:start], options, glob[end + 1 :]


def _pattern(glob: str) -> str:
    """One glob without braces as a regex; atomic groups keep the earliest match: linear time."""
    only_folders = glob.endswith("/")
    names = glob.strip("/").split("/")
    if len(names) == 1 and not glob.startswith("/"):
        names.insert(0, "**")
    out = ""
    blocks = list(_blocks(names))
    for i, (anywhere, block) in enumerate(blocks):
        text = "/".join(map(_name, block))
        last = i == len(blocks) - 1
        if not block:
            out += ".+"
        elif last:
            # At any depth the last names may match again further down: no atomic group here.
            out += f"(?:[^/]*/)*?{text}" if anywhere else text
        else:
            out += f"(?>(?:[^/]*/)*?{text}/)" if anywhere else f"{text}/"
    return out + ("/" if only_folders else r"(?:/|\Z)" if blocks[-1][1] else "")


def _blocks(names: list[str]) -> Iterator[tuple[bool, list[str]]]:
    """Runs of names, each with whether `**` stands before it; the last may be empty."""
    anywhere, block = False, list[str]()
    for name in names:
        if name == "**":
            if block:
                yield anywhere, block
            anywhere, block = True, []
        else:
            block.append(name)
    yield anywhere, block


def _name(glob: str) -> str:
    """One name of a path; every star but the last takes as little as the text after it allows."""
    parts, i = [""], 0
    while i < len(glob):
        char = glob[i]
        if char == "*":
            if parts[-1] or len(parts) == 1:
                parts.append("")
        elif char == "?":
            parts[-1] += "[^/]"
        elif char == "[" and (end := _class_end(glob, i)):
            parts[-1] += _class(glob[i + 1 : end])
            i = end
        else:
            if char == "\\" and i + 1 < len(glob):
                i += 1
            parts[-1] += re.escape(glob[i])
        i += 1
    first, *rest = parts
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{m})" for m in middle) + rf"[^/]*{last}(?=/|\Z)"


def _class_end(glob: str, start: int) -> int:
    """Where a character class closes, 0 if it does not; a `]` that comes first is a member."""
    first = start + (2 if glob[start + 1 : start + 2] in ("!", "^") else 1)
    return max(glob.find("]", first + 1), 0)


def _class(inside: str) -> str:
    negated = inside[:1] in ("!", "^")
    members, i = "", 1 if negated else 0
    while i < len(inside):
        low = inside[i]
        if inside[i + 1 : i + 2] == "-" and i + 2 < len(inside):
            high = inside[i + 2]
            members += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
            i += 3
        else:
            members += re.escape(low)
            i += 1
    if not members:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{members}]"
