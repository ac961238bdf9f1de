"""`rungbook review`: list what waits for you, and answer it."""

import argparse

from rungbook.cli import arguments


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("run", nargs="?", help="the run to go on with; without it: the list")
    parser.add_argument("--apply", action="store_true", help="write the change if the run passes")
    arguments.repo(parser)
    arguments.json(parser)


def run(given: argparse.Namespace) -> int:
    """The list: always 0; a run: as `rungbook run`."""
    import json
    from dataclasses import asdict

    from rungbook.cli import run as command
    from rungbook.render.text import table
    from rungbook.runtime import engine

    if given.run:
        given.resume = given.run
        given.task = None
        return command.run(given)
    found = engine.waiting(given.repo)
    if given.json:
        print(json.dumps({"waiting": [asdict(w) for w in found]}, ensure_ascii=False))
    elif found:
        rows = [(w.run, w.since, w.on, w.task) for w in found]
        print(table(("run", "since (UTC)", "waits for", "task"), rows, None))
        print("rungbook review RUN answers one")
    else:
        print("nothing waits for you")
    return 0
