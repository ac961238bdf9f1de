"""`rungbook check`: find every mistake in specs."""

import argparse
from pathlib import Path

from rungbook.cli import arguments


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: built-in)"
    )
    parser.add_argument(
        "--alone", action="store_true", help="without the built-in names, as `run --specs` reads it"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="how to say it")


def run(given: argparse.Namespace) -> int:
    """0 nothing wrong, 1 errors."""
    from rungbook.render import findings
    from rungbook.runtime import specs

    loaded = specs.check(given.paths, alone=given.alone)
    found = loaded.findings
    errors = sum(f.severity == "error" for f in found)
    if given.format == "json":
        print(findings.as_json(found))
    else:
        if found:
            print(findings.as_text(found, colour=arguments.colour()))
        mine = sum(not entry.below for entry in loaded.entries.values())
        print(f"{mine} specs read, {errors} errors, {len(found) - errors} warnings")
    return 1 if errors else 0
