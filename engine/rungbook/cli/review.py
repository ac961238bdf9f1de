"""`rungbook review`: list what waits for you, show it, and answer it."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rungbook.cli import arguments

if TYPE_CHECKING:
    from rungbook.runtime.engine import Seen, Waiting

_TASK = 100
"""Characters of a task that the list shows; `rungbook review RUN` shows all."""

_SHORT = 12
"""Letters of a run's id that a terminal gets at least: its time, and a little of its chance."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("run", nargs="?", help="the run to answer; without it: the list")
    parser.add_argument("--apply", action="store_true", help="write the change if the run passes")
    parser.add_argument(
        "--branch", default="", metavar="NAME", help="commit the change to a new branch instead"
    )
    arguments.repo(parser)
    arguments.json(parser)


def run(given: argparse.Namespace) -> int:
    """The list: always 0; a run that goes on: as `rungbook run`; one that ended in review: 0
    accepted, 1 rejected; 2 nobody has answered."""
    from rungbook.cli import seen as view
    from rungbook.runtime import engine

    if given.run is None:
        return _list(given)
    seen = engine.look(given.run, given.repo)
    if given.json:
        print(view.as_json(seen))
        return 2 if seen.waiting else 0
    if seen.waiting is None:
        raise _nothing_to_answer(seen)
    print(view.as_text(seen, colour=arguments.colour()), flush=True)
    return _answer(given, seen, seen.waiting)


def _answer(given: argparse.Namespace, seen: "Seen", waiting: "Waiting") -> int:
    """Ask on the terminal, and do as was said; a pipe is never asked."""
    import functools

    import anyio

    from rungbook.cli import apply
    from rungbook.cli import run as command
    from rungbook.cli.terminal import TerminalApprover, there
    from rungbook.runtime import engine

    if waiting.what != "interrupted" and not there():
        print(f"answer it on a terminal: rungbook review {seen.run}", file=sys.stderr)
        return 2
    shown = tuple(seen.diff.splitlines()) if sys.stdout.isatty() else ()
    approver = TerminalApprover(shown=shown)
    if waiting.what != "review":
        given.resume, given.task = seen.run, None
        return anyio.run(command.climb, given, approver)
    ask = functools.partial(engine.answer, seen.run, given.repo, approver, branch=given.branch)
    settled = anyio.run(ask)
    print(apply.as_text(settled, "review"))
    return apply.status(settled)


def _nothing_to_answer(seen: "Seen") -> Exception:
    from rungbook.errors import Conflict, NotFound

    if seen.ended is None:
        return Conflict(f"run {seen.run} is under way in another process")
    told = f"run {seen.run} has ended: {seen.ended.outcome} ({seen.ended.because})"
    return NotFound(f"{told}; nothing waits for an answer", f"rungbook why {seen.run}")


def _list(given: argparse.Namespace) -> int:
    from dataclasses import asdict

    from rungbook.runtime import engine

    found = engine.waiting(given.repo)
    if given.json:
        print(json.dumps({"waiting": [asdict(w) for w in found]}, ensure_ascii=False))
    elif found:
        print(_table(given, found))
        print("rungbook review RUN shows one, and asks for your answer")
    else:
        print("nothing waits for you")
    return 0


def _table(given: argparse.Namespace, found: Sequence["Waiting"]) -> str:
    """On a terminal it fits: the beginnings of ids, which any command takes for the whole."""
    import shutil

    from rungbook import paths
    from rungbook.render.text import cut, money, table
    from rungbook.store.reading import run_ids

    width, long = None, len(found[0].run)
    if sys.stdout.isatty():
        width = shutil.get_terminal_size((120, 24)).columns
        long = _telling(run_ids(paths.state(given.repo)))
    rows = [(w.run[:long], w.since, money(w.usd), w.on, cut(w.task, _TASK)) for w in found]
    return table(("run", "since (UTC)", "so far", "waits for", "task"), rows, width)


def _telling(ids: Sequence[str]) -> int:
    """How many letters tell all ids apart."""
    for n in range(_SHORT, len(ids[0])):
        if len({one[:n] for one in ids}) == len(ids):
            return n
    return len(ids[0])
