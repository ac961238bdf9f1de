"""What the runtime needs of the outside, as Protocols; the parts and the tests fulfil them."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from rungbook.process import Box


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt: the task and what failed before, the files it is about, and where to work."""

    task: str
    box: Box
    seconds: float
    feedback: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worked:
    """How a worker ended; tokens and USD are None where nobody reported them.

    `ok`: it worked, whether it changed anything is seen in the tree. `unreachable`, `overflow`:
    it never got to work.
    """

    result: Literal["ok", "unusable", "unreachable", "overflow"]
    error: str | None = None
    excerpt: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    usd: float | None = None


class Worker(Protocol):
    """Changes files in a sandbox."""

    async def work(self, job: Job) -> Worked:
        """Do the job; cancellation leaves nothing running."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked: about spend, a check, an apply; `lines` are what to look at."""

    about: Literal["spend", "check", "apply"]
    subject: str
    text: str
    usd_most: float = 0.0
    lines: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person said, who that was, and through which channel."""

    yes: bool
    who: str
    channel: str
    note: str | None = None


class Approver(Protocol):
    """Someone who may say yes."""

    async def ask(self, question: Question) -> Reply | None:
        """The answer; None when nobody can be asked here, so that the run waits."""
        ...
