"""Arguments that several commands share."""

import argparse
import os
import sys
from pathlib import Path
from typing import TextIO

from rungbook.errors import NotFound


def text(value: str) -> str:
    """An argument as text; bytes of it that are no UTF-8 become U+FFFD."""
    return os.fsencode(value).decode("utf-8", "replace")


def folder(value: str) -> Path:
    """An argument that is a folder; raises NotFound for anything else."""
    if not (path := Path(value)).is_dir():
        raise NotFound(f"there is no folder {text(value)}", "--repo DIR names the project")
    return path


def repo(parser: argparse.ArgumentParser) -> None:
    """--repo DIR."""
    parser.add_argument(
        "--repo", type=folder, default=Path(), metavar="DIR", help="the project (default: here)"
    )


def specs(parser: argparse.ArgumentParser) -> None:
    """--specs DIR."""
    parser.add_argument(
        "--specs",
        type=Path,
        metavar="DIR",
        help="the folder of specs (default: $RUNGBOOK_SPECS, else the built-in ones)",
    )


def json(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", help="write JSON, for programs")


def colour(out: TextIO | None = None) -> bool:
    """Whether a stream, standard output by default, is a terminal that wants colour.

    As https://no-color.org says.
    """
    return (
        (out or sys.stdout).isatty()
        and "NO_COLOR" not in os.environ
        and os.environ.get("TERM") != "dumb"
    )
