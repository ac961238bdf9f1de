"""Arguments that several commands share."""

import argparse
import sys
from pathlib import Path


def repo(parser: argparse.ArgumentParser) -> None:
    """--repo DIR."""
    parser.add_argument(
        "--repo", type=Path, default=Path(), metavar="DIR", help="the project (default: here)"
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


def colour() -> bool:
    """Whether standard output is a terminal that wants colour (https://no-color.org)."""
    import os

    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
