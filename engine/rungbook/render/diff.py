"""A unified diff for people: safe on a terminal, and coloured where it wants colour."""

from collections.abc import Iterable, Iterator

from rungbook.render.text import clean, paint

_COLOURS = {"diff ": "bold", "+++ ": "bold", "--- ": "bold", "@@": "blue", "+": "green", "-": "red"}
"""Colour by how a line begins; the first that fits."""


def painted(lines: Iterable[str], *, on: bool) -> Iterator[str]:
    """The lines of a diff, and any others as they are."""
    for line in map(clean, lines):
        colour = next((c for begin, c in _COLOURS.items() if line.startswith(begin)), None)
        yield paint(line, colour, on) if colour else line
