"""A program is run on the tree, and what it says is kept: commands, and test suites."""

import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from anyio import to_thread

from rungbook import arguments
from rungbook.checks import suites, witness
from rungbook.checks.suites import Suite
from rungbook.process import Box, Exit, Limits, run, which
from rungbook.rulebook.observation import Observation, Observed, number
from rungbook.rulebook.validator import Command, Tests, Validator

QUIET = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
"""Python leaves nothing behind, and what it prints stands in order: the summary is last."""

NO_SUITE = Observed(Observation(missing="a test command"))
"""What is seen where there are tests to run and nobody knows how."""


async def observe(
    validator: Validator,
    box: Box,
    limits: Limits,
    files: Sequence[str] = (),
    suite: Suite | None = None,
) -> Observed:
    """Run a validator's command or tests; `files` are the changed ones, `suite` the repository's.

    A suite that the spec names goes before the repository's.
    """
    check = validator.check
    if isinstance(check, Command):
        suite = suites.OTHER.suite(check.run, "the validator names it")
    elif isinstance(check, Tests) and check.run:
        suite = suites.recognise(check.run, "the validator names it")
    elif not isinstance(check, Tests):
        raise ValueError(f"{validator.name} runs nothing")
    if suite is None:
        return NO_SUITE
    with tempfile.TemporaryDirectory(prefix="rungbook-", ignore_cleanup_errors=True) as folder:
        seen, output = await _run(suite, box, limits, files, Path(folder).resolve())
    if isinstance(check, Command) and check.metric:
        seen = replace(seen, value=number(check.metric, output))
    return Observed(seen, output[-check.feedback_chars :])


async def _run(
    suite: Suite, box: Box, limits: Limits, files: Sequence[str], scratch: Path
) -> tuple[Observation, str]:
    """One run with a folder of its own, at the same path inside the box and outside."""
    present = [file for file in files if (box.tree / file).is_file()]
    if arguments.FILES in suite.argv and not present:
        return Observation(applies=False), ""
    report = scratch / "report.xml"
    words = {"python": python(box), "report": str(report)}
    variables = {**QUIET, **witness.call(scratch, box.variables)}
    inner = replace(box, writable=(*box.writable, (scratch, scratch)), variables=variables)
    try:
        calls = tuple(arguments.filled(suite.argv, words, present))
    except arguments.TooLong:
        return Observation(because="arguments"), ""
    exit = await _calls(calls, inner, limits)
    read = suite.runner.reads
    counted = await to_thread.run_sync(read, report, exit.output) if read else None
    heard = await to_thread.run_sync(witness.hear, scratch, box, files)
    missing = calls[0][0] if exit.because == "missing" else ""
    if not counted and exit.status:
        missing = missing or suite.runner.absent(exit.output)
    seen = Observation(
        status=exit.status,
        because=exit.because,
        missing=missing,
        reports=read is not None,
        report=counted,
        elsewhere=heard.lines,
    )
    return seen, exit.output


async def _calls(calls: Iterable[tuple[str, ...]], box: Box, limits: Limits) -> Exit:
    """Run one after the other, within one time limit, to the first that does not exit with 0."""
    began = Exit(0, "", 0.0, "")
    for argv in calls:
        left = replace(limits, seconds=max(0.0, limits.seconds - began.seconds))
        exit = await run(argv, box, left)
        output, seconds = began.output + exit.output, began.seconds + exit.seconds
        began = replace(exit, output=output, seconds=seconds)
        if exit.status != 0:
            break
    return began


def python(box: Box) -> str:
    """The interpreter of the project: of its virtual environment, else the first on the path."""
    if home := box.variables.get("VIRTUAL_ENV"):
        return f"{home}/bin/python"
    found = which("python3", box) or which("python", box)
    return str(found or sys.executable)
