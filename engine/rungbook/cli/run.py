"""`rungbook run`: let a ladder solve a task, and prove it."""

import argparse
import signal
from typing import TYPE_CHECKING

from rungbook.cli import arguments

if TYPE_CHECKING:
    import anyio

    from rungbook.cli.progress import JsonLines, Progress
    from rungbook.cli.terminal import TerminalApprover
    from rungbook.runtime.engine import Ended

INTERRUPTED = 130
"""Exit status of what was interrupted, as shells have it."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "task", nargs="?", type=arguments.text, help="what is to be done, in quotes"
    )
    arguments.repo(parser)
    parser.add_argument("--test", metavar="CMD", help="the test command (default: found out)")
    parser.add_argument(
        "--files",
        nargs="+",
        type=arguments.text,
        default=[],
        metavar="FILE",
        help="the files the task is about",
    )
    parser.add_argument("--type", help="the task's type (default: classified)")
    parser.add_argument("--apply", action="store_true", help="write the change if the run passes")
    parser.add_argument(
        "--branch", default="", metavar="NAME", help="commit the change to a new branch instead"
    )
    parser.add_argument("--resume", metavar="RUN", help="go on with a run that was interrupted")
    parser.add_argument("--matrix", help="the EscalationMatrix (default: $RUNGBOOK_MATRIX, coding)")
    arguments.specs(parser)
    arguments.json(parser)


def run(given: argparse.Namespace) -> int:
    """0 proved, 1 skipped, 2 waits for review, 3 passed without proof, 4 proved, not applied."""
    import anyio

    from rungbook.cli.terminal import TerminalApprover
    from rungbook.errors import UsageError

    if (given.task is None) == (given.resume is None):
        raise UsageError("either a task or --resume RUN", 'rungbook run "Fix the failing test"')
    if given.task is not None and not given.task.strip():
        raise UsageError("the task is empty", 'rungbook run "Fix the failing test"')
    return anyio.run(climb, given, TerminalApprover())


async def climb(given: argparse.Namespace, approver: "TerminalApprover") -> int:
    """Begin a run, or go on with one; Ctrl-C stops it, and what it cost is still recorded."""
    import anyio

    from rungbook.cli.progress import JsonLines, Progress
    from rungbook.runtime import engine
    from rungbook.settings import Settings

    settings = Settings()
    told: Progress | JsonLines = JsonLines() if given.json else Progress()
    stop = anyio.Event()
    ended = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_watch, stop, tasks.cancel_scope)
        tasks.start_soon(_tick, told, approver)
        if given.resume:
            key, _ = engine.records(given.resume, given.repo)
            wanted = {"apply": given.apply, "branch": given.branch}
            ended = await engine.go_on(key, given.repo, approver, told.tell, stop, **wanted)
        else:
            request = engine.Request(
                text=given.task,
                repo=given.repo,
                specs=given.specs or settings.specs,
                matrix=given.matrix or settings.matrix,
                type=given.type,
                files=tuple(given.files),
                test=given.test,
                apply=given.apply,
                branch=given.branch,
            )
            ended = await engine.solve(request, approver, told.tell, stop, told=told.begun)
        tasks.cancel_scope.cancel()
    if ended is None:
        return INTERRUPTED
    told.ended(ended)
    if ended.diff and not given.json and not ended.applied:
        print(ended.diff, end="")
    return status(ended, wanted=given.apply or bool(given.branch))


def status(ended: "Ended", *, wanted: bool) -> int:
    """The exit status of how a run ended."""
    end = ended.end
    if end is None or end.outcome == "review":
        return 2
    if end.outcome == "skip":
        return 1
    if wanted and not ended.applied:
        return 4
    return 0 if end.proved else 3


async def _watch(stop: "anyio.Event", all_of_it: "anyio.CancelScope") -> None:
    """The first signal ends the run; the second one leaves it as it is, to go on with later."""
    import anyio

    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            if stop.is_set():
                all_of_it.cancel()
            stop.set()


async def _tick(told: "Progress | JsonLines", approver: "TerminalApprover") -> None:
    import anyio

    while True:
        await anyio.sleep(1)
        if not approver.asking:
            told.status()
