"""What the runtime needs of the outside, as Protocols; the parts and the tests fulfil them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from rungbook.process import Box

Ending = Literal["ok", "unusable", "unreachable", "overflow"]
"""How work or an answer ended.

ok: there is one; what it is worth is seen later. unusable: there is none that can be used.
unreachable, overflow: nobody got to work, for want of an answer or for too long a text.
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """What was wrong with an earlier attempt: who says so, in which words, of which change.

    `validator` is the check that failed, or ANSWER where the answer itself could not be used: it
    stands in `diff` then.
    """

    attempt: int
    validator: str
    said: str
    diff: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt: the task, the files it is about, what failed before, and where to work.

    `named`: the files that the task names, frozen ones among them; `frozen`: globs of paths whose
    changes are dropped; `before`: what the project's tests say of the untouched tree; `tokens`: the
    most a prompt may take; `key` names the attempt in the logs of a provider.
    """

    task: str
    box: Box
    seconds: float
    failures: tuple[Failure, ...] = ()
    files: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    before: str = ""
    tokens: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """How a worker ended; tokens and USD are None where nobody knows them.

    `ok`: whether it changed anything is seen in the tree. Unknown USD count at the bound where
    somebody got to work. `estimated`: the tokens are counted here, not reported by the provider.
    """

    result: Ending
    error: str | None = None
    excerpt: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    usd: float | None = None
    estimated: bool = False


class Worker(Protocol):
    """Changes files in a sandbox."""

    async def work(self, job: Job) -> Worked:
        """Do the job; cancellation leaves nothing running."""
        ...


@dataclass(frozen=True, slots=True)
class Chat:
    """What a chat model is asked; `schema` is the JSON Schema its answer is to have.

    `key` names the call in the provider's log: no other call has the same.
    """

    text: str
    seconds: float
    schema: Mapping[str, Any] | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; None where nobody knows it. `usd` is 0 where certainly nothing was paid."""

    result: Ending
    text: str = ""
    error: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    usd: float | None = None
    estimated: bool = False


class ChatModel(Protocol):
    """Answers a text; its host, retries and keys are its own affair."""

    async def answer(self, chat: Chat) -> Answer:
        """The final word: what can be retried was retried; cancellation leaves nothing running."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked; `lines` are what to look at.

    About spend, a check, an apply or a review: one of these may be left for later.
    """

    about: Literal["spend", "check", "apply", "review"]
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
