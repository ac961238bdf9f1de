"""Workers that are programs: a linter's autofix, an agent's command line."""

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic

from rungbook import arguments
from rungbook.ports import Job, Worked
from rungbook.process import Limits, run
from rungbook.rulebook.validator import FEEDBACK_CHARS


@dataclass(frozen=True, slots=True)
class CommandWorker:
    """An argument list; `{task}` is the task with what failed before, `{files}` the job's files.

    An exit status other than 0 is no failure: linters exit with 1 after they fixed something.
    """

    command: tuple[str, ...]

    async def work(self, job: Job) -> Worked:
        """Run it, in several calls where the files do not fit into one."""
        if arguments.FILES in self.command and not job.files:
            return Worked("unusable", "there is no file to work on")
        told = (f"The check `{f.validator}` failed:\n{f.said}" for f in job.failures)
        task = "\n\n".join((job.task, *told))
        try:
            calls = tuple(arguments.filled(self.command, {"task": task}, job.files))
        except arguments.TooLong as e:
            return Worked("overflow", str(e))
        return await self._calls(calls, job)

    async def _calls(self, calls: Iterable[tuple[str, ...]], job: Job) -> Worked:
        until = monotonic() + job.seconds
        excerpt = error = ""
        for argv in calls:
            exit = await run(argv, job.box, Limits(seconds=max(0.0, until - monotonic())))
            excerpt = (excerpt + exit.output)[-FEEDBACK_CHARS:]
            if exit.because == "missing":
                return Worked("unreachable", f"{self.command[0]} is not installed", excerpt)
            if exit.status is None:
                return Worked("unusable", f"stopped at a limit: {exit.because}", excerpt)
            error = f"exit status {exit.status}" if exit.status else error
        return Worked("ok", error or None, excerpt)
