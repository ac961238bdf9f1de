"""The command line: each command is one module here, imported when it is called."""

import argparse
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import TypeVar

from rungbook.errors import StateFailed, UsageError, UserError

E = TypeVar("E", bound=BaseException)

COMMANDS: dict[str, str] = {
    "demo": "see the main job on broken example projects; needs no model",
    "check": "find every mistake in specs",
    "watch": "show each change of specs as it is taken, or why it is not",
    "test": "run the tests that stand in specs",
    "classify": "say which type a task has, and why",
    "run": "let a ladder solve a task, and prove it",
    "review": "list what waits for you, and answer it",
    "apply": "write the change of a run to the project or a branch, or take it back",
    "why": "tell what was decided in a run, and on what",
    "query": "ask the recorded outcomes in SQL",
    "doctor": "say whether this machine is ready, and what to do where it is not",
}

STATUSES = """\
exit statuses:
  0  done: run proved, nothing wrong with specs or tests
  1  not so: run skipped, something found
  2  run waits for a review    3  run passed unproved    4  run passed, not applied
  from 64 on as in sysexits.h: 64 usage, 65 specs or SQL, 66 not found, 69 a program
  is missing, 74 state folder, 75 files changed meanwhile, 77 refused; 130 interrupted,
  141 the reader of the output hung up"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as every other error is said, with status 64."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(message, f"{self.prog} --help")


def parser(args: list[str]) -> argparse.ArgumentParser:
    """The parser; only the command that is called brings its arguments."""
    top = _Parser(
        "rungbook",
        description="A git-versioned rulebook for coding agents.",
        epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="store_true", help="show the version")
    commands = top.add_subparsers(dest="command", metavar="command", parser_class=_Parser)
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        if name in args[:2]:
            import_module(f"rungbook.cli.{name}").configure(command)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    try:
        status = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
        return status
    except UserError as e:
        return _tell(e)
    except BaseExceptionGroup as group:  # what several tasks raised; one of them is told
        if errors := list(_leaves(group, UserError)):
            return _tell(errors[0])
        if any(_leaves(group, BrokenPipeError)):
            return _hung_up()
        if any(_leaves(group, KeyboardInterrupt)):
            return 130
        raise
    except BrokenPipeError:
        return _hung_up()
    except OSError as e:  # what a file or the output itself refuses, as a full disk does
        _hung_up()
        return _tell(
            StateFailed(f"{e.filename or 'the output'}: {e.strerror}", "is the disk full?")
        )
    except KeyboardInterrupt:
        return 130


def _run(args: list[str]) -> int:
    top = parser(args)
    given = top.parse_args(args)
    if given.version:
        from importlib.metadata import version

        print(f"rungbook {version('rungbook')}")
        return 0
    if given.command is None:
        top.print_help()
        return 0
    return int(import_module(f"rungbook.cli.{given.command}").run(given))


def _hung_up() -> int:
    """The reader has enough, as in `rungbook query … | head`: end as SIGPIPE would, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def _tell(error: UserError) -> int:
    print(f"rungbook: error[{error.code}]: {error}", file=sys.stderr)
    if error.next_step:
        print(f"  = {error.next_step}", file=sys.stderr)
    return error.status


def _leaves(group: BaseExceptionGroup, kind: type[E]) -> Iterator[E]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one, kind)
        elif isinstance(one, kind):
            yield one
