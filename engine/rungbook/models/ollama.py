"""Chat models behind Ollama, by its official client."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import anyio
import httpx
from ollama import AsyncClient, ChatResponse, ResponseError

from rungbook.models.calls import Broken, Client, Crashed, Lost, Malformed
from rungbook.models.drafts import Draft, asked
from rungbook.models.transport import Declined, Unreadable
from rungbook.ports import Chat
from rungbook.tokens import about, reported

_BESIDE = ("think", "keep_alive")
"""Options of a model that Ollama takes beside its options, not among them."""

_LOOK_S = 2.0
"""Seconds for the question with how much context a model was loaded."""


@dataclass(frozen=True, slots=True)
class Ollama(Client):
    """A model behind Ollama, which drops what does not fit: this is found out, and no answer."""

    kinds: ClassVar[tuple[str, ...]] = ("application/x-ndjson", "application/json")

    @property
    def absent(self) -> str:
        """What to do where the host does not have the model."""
        return f"`ollama pull {self.id}`"

    async def ask(self, chat: Chat, draft: Draft) -> None:
        """Ask once, and look whether all of the question was read."""
        client = AsyncClient(
            self.host.url, transport=draft.line, follow_redirects=False, trust_env=False
        )
        await self._stream(client, chat, draft)
        await self._look(client, chat, draft)

    async def _stream(self, client: AsyncClient, chat: Chat, draft: Draft) -> None:
        try:
            stream = await client.chat(
                self.id,
                [{"role": "user", "content": chat.text}],
                stream=True,
                format=dict(chat.schema) if chat.schema is not None else None,
                options=self._options(),
                **{key: self.model.options[key] for key in _BESIDE if key in self.model.options},
            )
            async for part in stream:
                _take(part, draft)
        except ResponseError as e:
            raise Crashed(str(e.error)) from None
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Malformed("the answer is no stream of Ollama's") from None
        if not draft.whole:
            raise Broken

    def _options(self) -> dict[str, Any]:
        """The spec's own, and the context and the longest answer, which no option lifts."""
        own = {"num_ctx": self.model.context_tokens, "num_predict": self.model.output_tokens}
        given = {k: v for k, v in self.model.options.items() if k not in _BESIDE}
        return given | {key: n for key, n in own.items() if n is not None}

    async def _look(self, client: AsyncClient, chat: Chat, draft: Draft) -> None:
        """Raise Lost where the question, or question and answer, took more than there was.

        Ollama cuts a question to the context, and moves the context on when an answer fills it; it
        may also have loaded the model with less than it was asked for.
        """
        read = draft.tokens_in or about(asked(chat))
        _held(read, draft, self.model.context_tokens)
        _held(read, draft, await self._loaded(client))

    async def _loaded(self, client: AsyncClient) -> int | None:
        """With how much context the model is loaded, where Ollama says so in time."""
        failures = (ConnectionError, ResponseError, httpx.TransportError, Declined, Unreadable)
        try:
            with anyio.move_on_after(_LOOK_S):
                running = (await client.ps()).models
                return next((m.context_length for m in running if self._is(m.model)), None)
        except (*failures, ValueError, TypeError):
            pass
        return None

    def _is(self, name: str | None) -> bool:
        return name in (self.id, f"{self.id}:latest")


def _held(read: int, draft: Draft, size: int | None) -> None:
    if size is not None and read + (draft.tokens_out or 1) > size:
        raise Lost(f"Ollama dropped a part of the text: it takes more than {size} tokens")


def _take(part: ChatResponse | Mapping[str, Any], draft: Draft) -> None:
    """Add what a part of the answer says to the draft."""
    assert isinstance(part, ChatResponse)  # noqa: S101 - the client's stream has no others
    draft.said += [part.message.content] if part.message.content else []
    draft.thought += [part.message.thinking] if part.message.thinking else []
    if part.done:
        draft.whole, draft.finish = True, part.done_reason
        draft.tokens_in = reported(part.prompt_eval_count)
        draft.tokens_out = reported(part.eval_count)
