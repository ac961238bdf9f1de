"""Sends one event until it has arrived or the tries are used up."""

from collections.abc import Callable
from dataclasses import dataclass

from webhooks.backoff import Backoff

GONE = 410
TOO_MANY = 429


@dataclass(frozen=True)
class Answer:
    """What the subscriber said."""

    status: int
    retry_after: float | None = None

    @property
    def arrived(self) -> bool:
        """The subscriber took the event."""
        return 200 <= self.status < 300

    @property
    def worth_retrying(self) -> bool:
        """Down or busy; other refusals would only be repeated."""
        return self.status == TOO_MANY or self.status >= 500


@dataclass(frozen=True)
class Outcome:
    """How a delivery ended."""

    arrived: bool
    tries: int
    unsubscribe: bool = False


def deliver(
    send: Callable[[], Answer],
    sleep: Callable[[float], None],
    backoff: Backoff,
    tries: int = 5,
) -> Outcome:
    """Calls `send` up to `tries` times, with pauses between the calls only."""
    for attempt in range(1, tries + 1):
        answer = send()
        if answer.arrived:
            return Outcome(True, attempt)
        if not answer.worth_retrying:
            return Outcome(False, attempt, unsubscribe=answer.status == GONE)
        if attempt < tries:
            sleep(backoff.pause(attempt, answer.retry_after))
    return Outcome(False, tries)
