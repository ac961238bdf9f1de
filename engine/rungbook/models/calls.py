"""One call of a chat model: tried again while that helps, ended in time, told as an Answer."""

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from itertools import count
from typing import ClassVar

import anyio
import httpx

from rungbook.models import refusals
from rungbook.models.drafts import Draft, closed, ended, is_paid
from rungbook.models.keys import NoKey, secret
from rungbook.models.transport import Declined, Line, Unreadable
from rungbook.ports import Answer, Chat, Ending
from rungbook.rulebook.model import Model
from rungbook.settings import Host

TRIES = 5
"""Times a host is asked that is busy or breaks off."""

CONNECTS = 3
"""Times a host is tried that nobody answers at: a server that restarts is back, or it is not."""

FIRST_WAIT_S, MOST_WAIT_S = 0.5, 20.0
"""The longest wait before the second try, doubled for each one after it up to the last."""

CONNECT_WAIT_S = 0.1
"""The same where nobody answers: a ladder with rungs on a machine that is off goes on soon."""


class Broken(Exception):
    """A stream that ended before the answer did."""


class Malformed(Exception):
    """An answer that is not of the protocol."""


class Lost(Exception):
    """The text did not fit, and the server dropped a part of it without a word."""


class Crashed(Exception):
    """The server said within its answer that it went wrong."""


_FAILURES = (httpx.TransportError, Declined, Unreadable, Broken, Malformed, Lost, Crashed)


@dataclass(frozen=True, slots=True)
class Pace:
    """Time and chance of the waits between tries; given by tests."""

    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    draw: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Client(ABC):
    """A model behind a host that speaks some protocol; `id` is its name there."""

    model: Model
    id: str
    host: Host
    pace: Pace = Pace()

    kinds: ClassVar[tuple[str, ...]]
    """The content types of its answers."""

    @abstractmethod
    async def ask(self, chat: Chat, draft: Draft) -> None:
        """Ask once, over the draft's line, and fill the draft as the answer comes in."""

    @property
    @abstractmethod
    def absent(self) -> str:
        """What to do where the host does not have the model."""

    async def answer(self, chat: Chat) -> Answer:
        """The final word, within the chat's time; cancellation leaves nothing open."""
        text = chat.text.encode("utf-8", "replace").decode("utf-8")
        return await _Call(self, replace(chat, text=text)).answer()


class _Call:
    """One chat, from the first try to the last."""

    def __init__(self, client: Client, chat: Chat) -> None:
        self._client, self._chat, self._draft = client, chat, Draft()
        self._secret: str | None = None

    async def answer(self) -> Answer:
        """The final word."""
        seconds = self._chat.seconds
        with anyio.move_on_after(seconds) as scope:
            try:
                self._secret = await secret(self._client.host)
            except NoKey as e:
                return self._closed("unreachable", str(e))
            for tried in count(1):
                try:
                    await self._try()
                except _FAILURES as e:
                    wait = self._wait(e, tried)
                    if wait is None or anyio.current_time() + wait >= scope.deadline:
                        return self._closed(*self._meaning(e, tried))
                else:
                    break
                await self._client.pace.sleep(wait)
        if self._draft.whole:
            return ended(self._draft, self._client.model, self._chat)
        if self._draft.begun:
            return self._closed("unusable", f"the answer was not done after {seconds:g} s")
        return self._closed("unreachable", f"{self._client.host.url}: no answer in {seconds:g} s")

    async def _try(self) -> None:
        line = Line(self._client.kinds, self._secret, self._chat.key)
        self._draft = Draft(line)
        try:
            await self._client.ask(self._chat, self._draft)
        finally:
            await line.aclose()

    def _wait(self, e: Exception, tried: int) -> float | None:
        """Seconds to the next try; None where there is none.

        What costs is asked again only where the server said itself that it did not serve it.
        """
        asked_for, tries, first = 0.0, TRIES, FIRST_WAIT_S
        match e:
            case Declined() if not refusals.is_final(e):
                asked_for = _seconds(e.retry_after)
            case httpx.TransportError() if not self._draft.line.sent:
                tries, first = CONNECTS, CONNECT_WAIT_S
            case httpx.TransportError() | Broken() if not is_paid(self._client.model):
                pass
            case _:
                return None
        if tried >= tries:
            return None
        longest = min(MOST_WAIT_S, first * 2.0 ** (tried - 1))
        return asked_for + self._client.pace.draw() * longest

    def _meaning(self, e: Exception, tried: int) -> tuple[Ending, str]:
        """How a call ends that failed, and what to tell people."""
        client, sent = self._client, self._draft.line.sent
        match e:
            case Declined():
                result, said = refusals.meaning(e, client.host, client.absent, self._secret)
            case Lost():
                result, said = "overflow", str(e)
            case Crashed() if refusals.too_long(str(e)):
                result, said = "overflow", f"the text does not fit: {self._shown(e)}"
            case Crashed():
                result, said = "unusable", f"the server went wrong: {self._shown(e)}"
            case httpx.TransportError() if not sent:
                result, said = (
                    "unreachable",
                    f"nobody answers at {client.host.url}: {self._shown(e)}",
                )
            case httpx.TransportError() | Broken():
                result = "unusable" if self._draft.begun else "unreachable"
                said = f"{client.host.url} broke the connection off"
            case _:
                result, said = "unusable", self._shown(e)
        return result, f"{said} (tried {tried} times)" if tried > 1 else said

    def _shown(self, e: Exception) -> str:
        return refusals.shown(str(e), self._secret)

    def _closed(self, result: Ending, error: str) -> Answer:
        return closed(self._draft, self._client.model, self._chat, result, error)


def _seconds(retry_after: str | None) -> float:
    """What Retry-After asks for, in seconds or as a date; 0 where it asks for nothing."""
    if not retry_after:
        return 0.0
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (OSError, OverflowError, ValueError):
        return 0.0
