"""`rungbook why`: what was decided in a run, and on what."""

import argparse
from typing import Any

from rungbook.cli import arguments


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("run", help="the run's id, the beginning of one, or `last`")
    arguments.json(parser)
    arguments.repo(parser)


def run(given: argparse.Namespace) -> int:
    """Always 0."""
    from rungbook.cli.telling import why_json, why_text
    from rungbook.runtime import engine

    key, lines, records = engine.why(given.run, given.repo)
    told: Any = why_json if given.json else why_text
    print(told(key, lines, records))
    return 0
