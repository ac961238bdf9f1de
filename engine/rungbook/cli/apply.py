"""`rungbook apply`: write the change of a run to the project or a branch, or take it back."""

import argparse
from typing import TYPE_CHECKING

from rungbook.cli import arguments

if TYPE_CHECKING:
    from rungbook.runtime.engine import Settled

_NAMED = 5
"""Files that are named; of more, only how many."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("run", help="the run's id, the beginning of one, or `last`")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--branch", default="", metavar="NAME", help="commit it to a new branch")
    how.add_argument("--undo", action="store_true", help="write back what it replaced")
    arguments.repo(parser)
    arguments.json(parser)


def run(given: argparse.Namespace) -> int:
    """0 done, 1 it had been done or a person said no, 2 a person has to agree."""
    import functools

    import anyio

    from rungbook.cli.terminal import TerminalApprover
    from rungbook.runtime import engine

    settled = anyio.run(
        functools.partial(
            engine.apply,
            given.run,
            given.repo,
            TerminalApprover(),
            branch=given.branch,
            undo=given.undo,
        )
    )
    print(as_json(settled) if given.json else as_text(settled, "apply"))
    return status(settled)


def status(settled: "Settled") -> int:
    """The exit status of what came of it."""
    if settled.written:
        return 1 if settled.written.before else 0
    return 2 if settled.asks else 1


def as_text(settled: "Settled", command: str) -> str:
    """What came of it, for people; `command` asks again where nobody answered."""
    from rungbook.render.text import clean, one_line

    written, run = settled.written, settled.run
    if written is None:
        again = f"\n  = on a terminal: rungbook {command} {run}" if settled.asks else ""
        return clean(f"nothing was written: {settled.why_not}{again}")
    record, files = written.record, written.files
    done = "taken back" if record.action == "undo" else "applied"
    if written.before:
        at = f"{record.ts:%Y-%m-%d %H:%M} UTC by {record.who}"
        where = f" to branch {record.branch}" if record.branch else ""
        return clean(f"nothing to do: run {run} was {done}{where} already, {at}")
    named = one_line(", ".join(files)) if len(files) <= _NAMED else f"{len(files)} files"
    if record.branch:
        said = (
            f"committed run {run} to branch {record.branch}, {(record.commit or '')[:12]}: {named}"
        )
        return clean(f"{said}\n  = git diff HEAD...{record.branch}")
    said = f"{done}: {named}  (run {run}, attempt {record.n})"
    back = f"\n  = back: rungbook apply {run} --undo" if record.action == "apply" else ""
    return clean(said + back)


def as_json(settled: "Settled") -> str:
    """What came of it, for programs."""
    import json
    from dataclasses import asdict

    written = settled.written
    record = asdict(written.record) if written else None
    files, before = (written.files, written.before) if written else ((), False)
    told = {"run": settled.run, "record": record, "files": files, "before": before}
    return json.dumps(told | {"why_not": settled.why_not}, default=str, ensure_ascii=False)
