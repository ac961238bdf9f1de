"""package.json: what a repository's test script runs, and what it depends on."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rungbook.checks.layout import Layout

FILE = "package.json"

_WORD = r"""(?:'[^']*'|"[^"$`\\]*"|[\w@%+=:,./-]+)"""
_PLAIN = re.compile(rf"{_WORD}(?: +{_WORD})*")
"""A command that means the same without a shell: no variables, patterns, pipes."""

_STARTERS = {"npx", "pnpm", "yarn", "bunx"}
"""Programs that start another one of the project's dependencies by its name."""


def script(repo: Layout) -> str:
    """The test script; empty if there is none, or the one that `npm init` writes."""
    test = _mapping(repo, "scripts").get("test")
    return test if isinstance(test, str) and "no test specified" not in test else ""


def plain(repo: Layout) -> tuple[str, ...]:
    """The words of a test script that is all that `npm test` runs, and needs no shell."""
    text = script(repo).strip()
    if _mapping(repo, "scripts").keys() & {"pretest", "posttest"} or not _PLAIN.fullmatch(text):
        return ()
    return tuple(word.strip("'\"") for word in re.findall(_WORD, text))


def depends(repo: Layout, name: str) -> bool:
    """Whether a package is named as a dependency."""
    return any(name in _mapping(repo, key) for key in ("devDependencies", "dependencies"))


def program(argv: Sequence[str]) -> str:
    """The name of the program that a command runs, also through `npx` and its like."""
    names = [Path(word).name for word in argv]
    if names[0] in _STARTERS:
        names = [name for name in names[1:] if name != "exec" and not name.startswith("-")]
    return names[0] if names else ""


def _mapping(repo: Layout, key: str) -> Mapping[str, Any]:
    try:
        found = json.loads(repo.text(FILE))[key]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
