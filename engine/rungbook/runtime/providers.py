"""Who does the work of a Model on this machine: a program, or a server that answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rungbook.errors import UserError
from rungbook.models.command import CommandWorker
from rungbook.ports import Answer, Chat, ChatModel, Worker
from rungbook.rulebook.model import Model
from rungbook.runtime.chat import ChatWorker

if TYPE_CHECKING:
    from rungbook.settings import Settings


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

    settings: "Settings"

    def worker(self, model: Model, variant: str | None, prompt: str) -> Worker:
        """A program for a command, else the model behind its provider."""
        if model.command:
            return CommandWorker(model.command)
        return ChatWorker(self.chat(model, variant), prompt)

    def chat(self, model: Model, variant: str | None = None) -> ChatModel:
        """The client of the model's provider; one that says why where the settings have no host."""
        provider, name = model.provider, model.named(variant)
        if provider is None or name is None:
            return _Nobody(f"`{model.name}` is a command, which answers no questions")
        try:
            host = self.settings.host(provider.host or HOSTS[provider.type])
        except UserError as e:
            return _Nobody(f"{e}; {e.next_step}")
        if provider.type == "ollama":
            from rungbook.models.ollama import Ollama

            return Ollama(model, name, host)
        from rungbook.models.openai_compatible import OpenAICompatible

        return OpenAICompatible(model, name, host)


HOSTS = {"ollama": "ollama", "openai-compatible": "lmstudio"}
"""The host of each protocol where a spec names none."""


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Says why nobody can be asked, so that the ladder goes on without."""

    why: str

    async def answer(self, chat: Chat) -> Answer:
        return Answer("unreachable", error=self.why, usd=0.0)


def here() -> Connected:
    """By the settings of this machine; raises UsageError where they cannot be."""
    from rungbook.settings import Settings

    return Connected(Settings())
