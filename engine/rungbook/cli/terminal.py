"""A person at the terminal: asked on /dev/tty, so that no pipe can answer for them."""

import os
import select
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TextIO

import anyio
from anyio import to_thread

from rungbook.cli import arguments
from rungbook.ports import Question, Reply
from rungbook.render.diff import painted
from rungbook.render.text import clean
from rungbook.runtime.applying import user

LINES = 200
"""Lines of a change that are shown before a question."""

_OPEN = os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC

_LOOK_S = 0.2
"""Seconds between two looks at whether the question was called off."""


@dataclass(frozen=True, slots=True)
class TerminalApprover:
    """Asks on the controlling terminal, one question at a time; where there is none, runs wait.

    `shown` stands on the terminal already, and is not said again.
    """

    shown: tuple[str, ...] = ()
    _one: anyio.Lock = field(default_factory=anyio.Lock)

    @property
    def asking(self) -> bool:
        """Whether a question stands on the terminal, and nothing is to be written over it."""
        return self._one.locked()

    async def ask(self, question: Question) -> Reply | None:
        """The typed answer: only the whole word yes is a yes."""
        off = threading.Event()
        async with self._one:
            try:
                return await to_thread.run_sync(
                    _ask, self._rest(question), off, abandon_on_cancel=True
                )
            finally:
                off.set()

    def _rest(self, question: Question) -> Question:
        known = len(self.shown)
        if not known or question.lines[:known] != self.shown:
            return question
        return replace(question, lines=question.lines[known:])


def there() -> bool:
    """Whether anybody can be asked: this process has a terminal."""
    try:
        os.close(os.open("/dev/tty", _OPEN))
    except OSError:
        return False
    return True


def _ask(question: Question, off: threading.Event) -> Reply | None:
    with ExitStack() as stack:
        try:
            handle = os.open("/dev/tty", _OPEN)
            # Two streams: one for both ways would have to be seekable.
            out = stack.enter_context(os.fdopen(os.dup(handle), "w", errors="replace"))
            answers = stack.enter_context(os.fdopen(handle, "r", errors="replace"))
            return _typed(out, answers, question, off)
        except OSError:
            return None


def _typed(out: TextIO, answers: TextIO, question: Question, off: threading.Event) -> Reply | None:
    print("\r\033[K", end="", file=out)  # a status line may stand there
    for line in painted(question.lines[:LINES], on=arguments.colour(out)):
        print(line, file=out)
    if len(question.lines) > LINES:
        print(f"… and {len(question.lines) - LINES} lines more", file=out)
    print(f"\n{clean(question.text)} Type yes or no: ", end="", file=out, flush=True)
    while not select.select([answers], [], [], _LOOK_S)[0]:
        if off.is_set():
            print(file=out)
            return None
    answer = answers.readline()
    said = answer.strip().lower()
    if not answer or (question.about == "review" and said not in ("yes", "no")):
        return None
    return Reply(said == "yes", user(), "terminal")
