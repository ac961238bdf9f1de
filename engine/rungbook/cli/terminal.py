"""A person at the terminal: asked on /dev/tty, so that no pipe can answer for them."""

import getpass
from dataclasses import dataclass
from typing import TextIO

from anyio import to_thread

from rungbook.ports import Question, Reply
from rungbook.render.text import clean

LINES = 200
"""Lines of a change that are shown before a question."""


@dataclass(frozen=True, slots=True)
class TerminalApprover:
    """Asks on the controlling terminal; where there is none, the run waits."""

    async def ask(self, question: Question) -> Reply | None:
        """The typed answer: only the whole word yes is a yes."""
        return await to_thread.run_sync(_ask, question, abandon_on_cancel=True)


def _ask(question: Question) -> Reply | None:
    try:
        with open("/dev/tty", "r+", buffering=1) as tty:  # noqa: PTH123 (a device)
            return _typed(tty, question)
    except (OSError, ValueError):
        return None


def _typed(tty: TextIO, question: Question) -> Reply | None:
    for line in question.lines[:LINES]:
        print(clean(line), file=tty)
    if len(question.lines) > LINES:
        print(f"… and {len(question.lines) - LINES} lines more", file=tty)
    print(f"\n{clean(question.text)} Type yes or no: ", end="", file=tty, flush=True)
    answer = tty.readline()
    if not answer:
        return None
    return Reply(answer.strip().lower() == "yes", getpass.getuser(), "terminal")
