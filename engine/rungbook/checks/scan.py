"""The child that looks into files; apart from the engine, because crafted ones can crash or stall.

Its argument is a JSON file: the method of the check, its options, and the paths of the files,
relative to the working folder. Prints what is wrong, a line each; its exit status is 1 if there is
something, NOTHING if no file counted, BROKE if it failed itself, else 0.
"""

import json
import sys
import traceback
from collections.abc import Callable, Iterable
from importlib import import_module
from itertools import islice
from pathlib import Path

from rungbook.checks import left

MOST_BYTES = 20_000_000
"""A larger file is not looked into, and that is wrong with it."""

MOST_LINES = 20
"""Lines that tell what is wrong, of all files together."""

MOST_CHARS = 200
"""Characters of such a line."""

BROKE, NOTHING = 2, 3
"""Exit statuses: a mistake of ours, and no file that counted."""

Look = Callable[[str, bytes], Iterable[str] | None]
"""(path, content) → what is wrong, first things first; None where the file does not count."""


def main(asked: str) -> int:
    """Look into the files that the JSON file names; the method's module says for what."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        told = json.loads(Path(asked).read_text())
        method = import_module(f"rungbook.checks.{told['check']['method']}")
        counted, wrong = look_into(told["files"], method.looking(told["check"]))
    except Exception:
        traceback.print_exc(limit=-3)
        return BROKE
    print(*wrong, sep="\n")
    return 1 if wrong else 0 if counted else NOTHING


def look_into(files: Iterable[str], look: Look) -> tuple[int, list[str]]:
    """(how many files counted, the first things that are wrong with them)."""
    counted, wrong = 0, list[str]()
    for path in files:
        found = _faults(path, look)
        if found is not None:
            counted += 1
            wrong += (_cut(line) for line in islice(found, MOST_LINES + 1 - len(wrong)))
    if len(wrong) > MOST_LINES:
        wrong[MOST_LINES:] = ["and more"]
    return counted, wrong


def _faults(path: str, look: Look) -> Iterable[str] | None:
    """What is wrong with one file; links, and what is gone, do not count."""
    file = Path(path)
    if file.is_symlink() or not file.is_file():
        return None
    content = left.read(file, MOST_BYTES)
    if content is None:
        return [f"{path}: it cannot be read, or has more than {MOST_BYTES:,} bytes"]
    return look(path, content)


def _cut(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= MOST_CHARS else line[: MOST_CHARS - 1] + "…"
