"""Who does the work of a Model on this machine: a program, or a server that answers."""

from dataclasses import dataclass
from typing import Protocol

from rungbook.models.command import CommandWorker
from rungbook.ports import Answer, Chat, ChatModel, Worker
from rungbook.rulebook.model import Model
from rungbook.runtime.chat import ChatWorker


class Providers(Protocol):
    """Who does the work of a Model on this machine."""

    def worker(self, model: Model, variant: str | None, prompt: str) -> Worker:
        """Who attempts tasks; `prompt` is the text of the template that a chat model is given."""
        ...

    def chat(self, model: Model, variant: str | None = None) -> ChatModel:
        """Who answers questions."""
        ...


@dataclass(frozen=True, slots=True)
class Connected:
    """The servers that this machine's settings name."""

    def worker(self, model: Model, variant: str | None, prompt: str) -> Worker:
        """A program for a command, else the model behind its provider."""
        if model.command:
            return CommandWorker(model.command)
        return ChatWorker(self.chat(model, variant), prompt)

    def chat(self, model: Model, variant: str | None = None) -> ChatModel:
        """The client of the model's provider."""
        return _Nobody()


@dataclass(frozen=True, slots=True)
class _Nobody:
    async def answer(self, chat: Chat) -> Answer:
        return Answer("unreachable", error="no client yet", usd=0.0)


def here() -> Connected:
    """By the settings of this machine."""
    return Connected()
