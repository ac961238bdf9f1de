"""JUnit files, as test runners write them: read element by element, and never believed blindly."""

from collections.abc import Callable, Mapping
from pathlib import Path
from xml.parsers import expat

from rungbook.checks import left

MOST_BYTES = 100_000_000
"""A larger report is not read."""

Begins = Callable[[str, Mapping[str, str]], None]
"""Hears an element's name and attributes; a ValueError that it raises ends the reading."""

Ends = Callable[[str], None]
"""Hears the name of an element that ends."""


def read(report: Path, begins: Begins, ends: Ends = lambda _name: None) -> bool:
    """Tell of all elements in order; False if the file is absent, broken, or no plain report."""

    def refuse(*_: object) -> None:
        raise ValueError("a report has no DOCTYPE")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    parser.EndElementHandler = ends
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(left.read(report, MOST_BYTES) or b"", True)
    except (ValueError, expat.ExpatError):
        return False
    return True
