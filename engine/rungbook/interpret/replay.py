"""Recorded events through a fresh interpreter: resume and `why` are this and no other code."""

from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

D = TypeVar("D")
E = TypeVar("E")


def replay(
    flow: Generator[list[D], E, object], events: Iterable[E]
) -> Iterator[tuple[E | None, list[D]]]:
    """(event, what the flow said to it); None stands before the first event.

    Used up, it leaves `flow` ready for the next event. Raises ValueError where the events are not
    those of this flow.
    """
    yield None, next(flow)
    for event in events:
        yield event, flow.send(event)


def open_decisions(told: Iterable[tuple[E | None, list[D]]]) -> list[D]:
    """Every word about a decision that no event has answered, in the order said.

    Whoever acts on them as if they had just been said, resumes: a Cancel follows what it cancels.
    """
    said: list[D] = []
    answered: set[int | None] = {None}
    for event, decisions in told:
        answered.add(getattr(event, "id", None))
        said += decisions
    return [d for d in said if getattr(d, "id", None) not in answered]
