"""Calls of chat models at a server of the test's own, with waits that take no time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio import to_thread

from fakes.servers import Server
from rungbook.models.calls import Client, Pace
from rungbook.models.ollama import Ollama
from rungbook.models.openai_compatible import OpenAICompatible
from rungbook.ports import Answer, Chat
from rungbook.rulebook.model import Model, Price, Provider
from rungbook.settings import Host, Key

PROTOCOLS = ("openai-compatible", "ollama")
PAID = Price(1e6, 1e6)
"""A dollar a token."""


def model(**given: Any) -> Model:
    """A model of 1000 tokens of context and answers of 50."""
    fixed = {"context_tokens": 1000, "output_tokens": 50}
    return Model("m", "small", Provider("p", "x"), **{**fixed, **given})


@dataclass(slots=True)
class Caller:
    """Asks the model `x` of a server by one of the protocols; `waits` are its waits so far."""

    server: Server
    protocol: str
    model: Model = field(default_factory=model)
    key: Key | None = None
    draw: float = 1.0
    waits: list[float] = field(default_factory=list)

    @property
    def client(self) -> Client:
        """The client it asks by."""
        by = {"openai-compatible": OpenAICompatible, "ollama": Ollama}[self.protocol]
        urls = {"openai-compatible": self.server.openai_url, "ollama": self.server.ollama_url}
        host = Host(url=urls[self.protocol], key=self.key)
        return by(self.model, "x", host, Pace(self._wait, lambda: self.draw))

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def asks(
        self,
        text: str = "hello",
        seconds: float = 20.0,
        schema: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One call to its end, after which nothing of it is open any more."""

        async def call() -> Answer:
            answer = await self.client.answer(Chat(text, seconds, schema, "call-1"))
            await to_thread.run_sync(self.server.idle)
            return answer

        return anyio.run(call)
